/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Sending several datagrams, in one system call if possible.  configure chooses
 * send_segments.c (UDP_SEGMENT), send_mmsg.c (sendmmsg(2)) or send_each.c.
 */

#ifndef SEND_H
#define SEND_H

#include <sys/uio.h>

#define SEND_BATCH 64

/* State of a socket, for send_begin() and send_datagrams() only. */
struct send_mode {
	int singly;	      /* do not use segments */
	unsigned int segment; /* bytes of a segment now set; 0: off */
};

void send_begin(struct send_mode *, int fd);

/*
 * Send n datagrams (1 to SEND_BATCH) on a connected, non-blocking UDP socket.
 * Returns how many the kernel accepted, at least 1, or -1 with errno when it
 * did not accept the first.  After a short count the reason is unknown.
 * The system calls used pass no address and no control message.
 */
int send_datagrams(int fd, const struct iovec *, unsigned int n,
    struct send_mode *);

#endif
