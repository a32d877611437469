/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Several datagrams in one system call where there is one: send_mmsg.c or
 * send_each.c, as configure finds sendmmsg(2).
 */

#ifndef SEND_H
#define SEND_H

#include <sys/uio.h>

#define SEND_BATCH 64

/*
 * Send n datagrams (1 to SEND_BATCH) on a connected, non-blocking socket.
 * Returns how many the kernel accepted, at least 1, or -1 with errno when it
 * did not accept the first.  After a short count the reason is unknown.
 */
int send_datagrams(int fd, struct iovec *, unsigned int n);

#endif
