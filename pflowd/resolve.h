/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Host names to addresses, by a short-lived child without privileges: whoever
 * asks waits for an answer of fixed size and sees no DNS packet.
 */

#ifndef RESOLVE_H
#define RESOLVE_H

#include <stddef.h>

struct conf;

/*
 * Fill in the addresses of a configuration's collectors.  Returns -1 after
 * writing to why which name failed and how.
 */
int resolve_collectors(struct conf *, char *why, size_t whylen);

/* The child: answers one question and ends.  Returns an exit status. */
int resolve_main(void);

#endif
