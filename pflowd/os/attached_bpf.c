/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * BSD: bpf(4).  When the interface is destroyed, NetBSD does not wake the
 * reader, and FreeBSD does not wake one that waits by kqueue(2).
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <net/bpf.h>
#include <net/if.h>

#include <string.h>

#include "capture_os.h"

/*
 * A descriptor whose interface was destroyed stays without one, even if an
 * interface of that name is created again.
 */
int
capture_os_attached(int fd, const char *interface)
{
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	return ioctl(fd, BIOCGETIF, &ifr) == 0 &&
	    strncmp(ifr.ifr_name, interface, sizeof(ifr.ifr_name)) == 0;
}
