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

/* Whether a socket's datagrams have to be given to the kernel one by one. */
int send_singly(int fd);

/*
 * Send n datagrams (1 to SEND_BATCH) on a connected, non-blocking UDP socket.
 * *singly is send_singly()'s at first, and is set when the path turns out to
 * want it: keep it with the socket.
 * Returns how many the kernel accepted, at least 1, or -1 with errno when it
 * did not accept the first.  After a short count the reason is unknown.
 */
int send_datagrams(int fd, struct iovec *, unsigned int n, int *singly);

#endif
