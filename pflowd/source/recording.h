/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A recording of the state table: a pcap file of link type USER0, big-endian as
 * its magic shows, whose packets are chunks.
 */

#ifndef RECORDING_H
#define RECORDING_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "chunk.h"
#include "common/bytes.h"

#define RECORDING_HEADER 24
#define RECORDING_PACKET 16 /* bytes in front of each chunk */

#define RECORDING_MAGIC 0xa1b2c3d4 /* microseconds */

static inline void
recording_header(uint8_t h[RECORDING_HEADER])
{
	memset(h, 0, RECORDING_HEADER);
	put_be32(h, RECORDING_MAGIC);
	put_be16(h + 4, 2); /* version 2.4 */
	put_be16(h + 6, 4);
	put_be32(h + 16, CHUNK_HEADER + CHUNK_DATA);
	put_be32(h + 20, CHUNK_LINKTYPE);
}

/* For a chunk of len bytes with its header; wall: ms since the epoch. */
static inline void
recording_packet(uint8_t h[RECORDING_PACKET], uint64_t wall, size_t len)
{
	put_be32(h, (uint32_t)(wall / 1000));
	put_be32(h + 4, (uint32_t)(wall % 1000 * 1000));
	put_be32(h + 8, (uint32_t)len);
	put_be32(h + 12, (uint32_t)len);
}

#endif
