/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Dumps of pf's state table in chunks.  A recording has them as the packets of
 * a pcap file of link type USER0.  A dump is a CHUNK_BEGIN, the pieces of the
 * kernel's answer as they came, and a CHUNK_END; an unknown value has no
 * chunk.  The header's numbers are in network order:
 *
 *    0  magic          4  format     5  kind   6  layout  7  byte order
 *    8  dump          12  part      16  wall clock, ms since the epoch
 *   24  monotonic clock, ms         32  bytes of data    36  status
 */

#ifndef CHUNK_H
#define CHUNK_H

#include <stddef.h>
#include <stdint.h>

#include "common/bytes.h"

#define CHUNK_LINKTYPE 147 /* LINKTYPE_USER0 */
#define CHUNK_HEADER 40
#define CHUNK_DATA 65536 /* bytes at most */

enum chunk_kind {
	CHUNK_BEGIN = 1,
	CHUNK_TIMEOUTS, /* pf's: 4 bytes each, s, by the kernel's index */
	CHUNK_COUNTERS, /* pf's inserts and removals of states: 8 bytes each */
	CHUNK_STATES,	/* as statetable_open() reads them */
	CHUNK_END,	/* status: 0, or why it failed; CPU time, us: 8 bytes */
	CHUNK_SETTINGS, /* limit of states (0: unknown); pf is enabled: 1, 0,
			   2 (unknown): 8 bytes each */
	CHUNK_KINDS
};

/* Points into the caller's memory. */
struct chunk {
	unsigned int kind;
	unsigned int layout; /* enum statetable_layout */
	int big_endian;	     /* the kernel's byte order */
	uint32_t dump;	     /* counts from 1 */
	uint32_t part;	     /* counts from 0 in each dump */
	uint64_t wall;
	uint64_t monotonic;
	uint32_t status; /* an errno of the kernel's system */
	struct bytes data;
};

/*
 * The length of a chunk, by its header alone; a longer one than any that is
 * valid has an error.  Returns NULL, or the error.
 */
const char *chunk_len(const uint8_t header[CHUNK_HEADER], size_t *len);

/* When a chunk was written, by its header: ms since the epoch. */
static inline uint64_t
chunk_wall(const uint8_t header[CHUNK_HEADER])
{
	return get_be64(header + 16);
}

/* Read a chunk.  Returns NULL, or the error in an invalid one. */
const char *chunk_read(struct chunk *, const uint8_t *, size_t len);

/* Write the header of a chunk; its data follow it. */
void chunk_write(const struct chunk *, uint8_t header[CHUNK_HEADER]);

/*
 * What a chunk is in a sequence of chunks.  A dump is as good as its chunks are
 * complete and in order.
 */
struct chunk_order {
	uint32_t dump; /* the one that is open; 0: none yet */
	uint32_t part; /* the next */
	int open;
	unsigned int layout;
	int big_endian;
};

/* NULL, or why the chunk cannot follow those before it. */
const char *chunk_follows(struct chunk_order *, const struct chunk *);

#endif
