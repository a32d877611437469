/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Accepting clients: accept_flags.c if configure finds accept4(2), else
 * accept_each.c.
 */

#ifndef ACCEPT_H
#define ACCEPT_H

/*
 * Accept a client.  The caller owns the descriptor, which is non-blocking and
 * closed on exec.  Returns -1 and sets errno on error.
 */
int accept_client(int listener);

#endif
