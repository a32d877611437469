/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * BSD: the MTU of the interface that has the local address of the socket.  It
 * is read from getifaddrs(3), because pledge(2) allows neither SIOCGIFMTU nor
 * IPV6_PATHMTU.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <net/if.h>
#include <ifaddrs.h>

#include <string.h>

#include "common/address.h"
#include "pathmtu.h"

/* Find the interface with an address; NULL: there is none. */
static const struct ifaddrs *
find_address(const struct ifaddrs *i, const struct sockaddr_storage *ss)
{
	uint8_t wanted[ADDRESS_BYTES], addr[ADDRESS_BYTES];
	struct sockaddr_storage own;
	int family = address_bytes(ss, wanted);
	size_t len;

	for (; i != NULL; i = i->ifa_next) {
		len = i->ifa_addr != NULL ? i->ifa_addr->sa_len : 0;
		memset(&own, 0, sizeof(own));
		if (len == 0 || len > sizeof(own))
			continue;
		memcpy(&own, i->ifa_addr, len);
		if (address_bytes(&own, addr) == family &&
		    memcmp(addr, wanted, sizeof(addr)) == 0)
			return i;
	}
	return NULL;
}

static uint16_t
mtu_of(const struct ifaddrs *i, const char *name)
{
	struct if_data data;

	for (; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_LINK ||
		    i->ifa_data == NULL || strcmp(i->ifa_name, name) != 0)
			continue;
		memcpy(&data, i->ifa_data, sizeof(data));
		return data.ifi_mtu < UINT16_MAX ? (uint16_t)data.ifi_mtu :
						   UINT16_MAX;
	}
	return 0;
}

uint16_t
pathmtu_ask(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	const struct ifaddrs *own;
	struct ifaddrs *list;
	uint16_t mtu = 0;

	memset(&ss, 0, sizeof(ss));
	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1 ||
	    getifaddrs(&list) == -1)
		return 0;
	if ((own = find_address(list, &ss)) != NULL)
		mtu = mtu_of(list, own->ifa_name);
	freeifaddrs(list);
	return mtu;
}
