/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: ip(7), IP_MTU.  The value dates from when the socket was connected, so
 * the caller must use a new socket.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <string.h>

#include "pathmtu.h"

uint16_t
pathmtu_ask(int fd)
{
	struct sockaddr_storage ss;
	socklen_t sslen = sizeof(ss), len = sizeof(int);
	int inet6, mtu = 0;

	memset(&ss, 0, sizeof(ss));
	if (getsockname(fd, (struct sockaddr *)&ss, &sslen) == -1)
		return 0;
	inet6 = ss.ss_family == AF_INET6;
	if (getsockopt(fd, inet6 ? IPPROTO_IPV6 : IPPROTO_IP,
		inet6 ? IPV6_MTU : IP_MTU, &mtu, &len) == -1 ||
	    mtu <= 0)
		return 0;
	return mtu < UINT16_MAX ? (uint16_t)mtu : UINT16_MAX;
}
