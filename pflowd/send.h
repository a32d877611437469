/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Several datagrams in one system call where there is one: send_segments.c,
 * send_mmsg.c or send_each.c, as configure finds UDP_SEGMENT and sendmmsg(2).
 */

#ifndef SEND_H
#define SEND_H

#include <sys/uio.h>

#define SEND_BATCH 64

/* How a socket takes datagrams: kept with it, and send_datagrams()'s alone. */
struct send_mode {
	int singly; /* the path takes no segments */
	unsigned int
	    segment; /* bytes that the kernel cuts at now; 0: nowhere */
};

void send_begin(struct send_mode *, int fd);

/*
 * Send n datagrams (1 to SEND_BATCH) on a connected, non-blocking UDP socket.
 * Returns how many the kernel accepted, at least 1, or -1 with errno when it
 * did not accept the first.  After a short count the reason is unknown.
 * None of it passes the kernel an address or a control message.
 */
int send_datagrams(int fd, const struct iovec *, unsigned int n,
    struct send_mode *);

#endif
