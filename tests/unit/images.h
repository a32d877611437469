/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * For the tests of captures: files of them, made a byte at a time, and what
 * comes of reading them.
 */

#ifndef IMAGES_H
#define IMAGES_H

#include "unit.h"

#include "pflowd/source/capture.h"

#define FRAMES 3

/* A capture as the bytes of a file.  What makes one begins it anew. */
struct image {
	size_t len;
	int damaged; /* frames need not be as they were made */
	uint8_t data[1 << 20];
};

/* FRAMES of them; frame n is n + 1 bytes of value n.  big: the byte order. */
void image_pcap(struct image *, int big, int nanoseconds, uint32_t link);
void image_pcapng(struct image *, int big);

/* Append a word, frame n (pad: to words), or a block of pcapng. */
void image_put(struct image *, uint32_t, int big);
void image_put_frame(struct image *, unsigned int n, unsigned int pad);
size_t image_begin_block(struct image *, uint32_t type, int big);
void image_end_block(struct image *, size_t start, int big);

/* Read and check what frames there are, and add to *n; returns how it ended. */
enum capture_result image_take(const struct image *, struct capture *,
    unsigned int *n);

/* The same of all of it: through a pipe, `step` bytes at a time, or a file. */
enum capture_result image_read_pipe(const struct image *, size_t step,
    unsigned int *n);
enum capture_result image_read_file(const struct image *, unsigned int *n);

/* A temporary file of it, without a name, at its beginning. */
int image_temporary(const struct image *);

#endif
