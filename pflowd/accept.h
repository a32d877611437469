/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * One of accept_flags.c and accept_each.c, as configure finds accept4(2).
 */

#ifndef ACCEPT_H
#define ACCEPT_H

/*
 * The next client of a listening socket, non-blocking, the caller's own; -1 and
 * errno.
 */
int accept_client(int listener);

#endif
