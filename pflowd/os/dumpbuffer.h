/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Memory for the kernel's answer to a dump.  It grows and is kept.  All of its
 * pages are there before the kernel is asked, since NetBSD and DragonFly copy
 * to it in the middle of a list that they walk, and must not sleep there.
 */

#ifndef DUMPBUFFER_H
#define DUMPBUFFER_H

#include <stddef.h>
#include <stdint.h>

/* Bytes at most: a kernel counts them in an int. */
#define DUMPBUFFER_MOST (INT32_MAX / 65536 * 65536)

/* All 0 at first. */
struct dumpbuffer {
	uint8_t *data;
	size_t size;  /* of the memory */
	size_t used;  /* bytes of the last answer */
	size_t given; /* of them, to dumpbuffer_records() */
};

/* Have len bytes or more; those that are used stay.  Returns 0 or an errno. */
int dumpbuffer_reserve(struct dumpbuffer *, size_t len);

/* Have more, whatever is had: about twice as much. */
int dumpbuffer_grow(struct dumpbuffer *);

/* Give back the memory. */
void dumpbuffer_free(struct dumpbuffer *);

/*
 * Ask the kernel for at most *len bytes of whole records; *len becomes how many
 * it wrote.  Returns 0 or an errno.
 */
typedef int dumpbuffer_ask(void *arg, uint8_t *data, size_t *len);

/*
 * Have a kernel fill the memory that says nothing when the memory is too small:
 * with more memory, until enough of it is left.  Returns 0 or an errno.
 */
int dumpbuffer_fill(struct dumpbuffer *, size_t record, dumpbuffer_ask *,
    void *arg);

/* The next records, STATEDUMP_PIECE bytes at most.  0: no more. */
size_t dumpbuffer_records(struct dumpbuffer *, size_t record,
    const uint8_t **data);

#endif
