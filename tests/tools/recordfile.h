/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The pcap file that a recording of the state table is, for programs that write
 * one: big-endian, as its magic shows, of link type USER0.
 */

#ifndef RECORDFILE_H
#define RECORDFILE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/bytes.h"

#define RECORDFILE_HEADER 24
#define RECORDFILE_PACKET 16	      /* bytes in front of each chunk */
#define RECORDFILE_CHUNK (40 + 65536) /* header and data, at most */

static inline void
recordfile_header(uint8_t h[RECORDFILE_HEADER])
{
	memset(h, 0, RECORDFILE_HEADER);
	put_be32(h, 0xa1b2c3d4);
	put_be16(h + 4, 2);
	put_be16(h + 6, 4);
	put_be32(h + 16, RECORDFILE_CHUNK);
	put_be32(h + 20, 147);
}

/* For a chunk of len bytes with its header; wall: ms since the epoch. */
static inline void
recordfile_packet(uint8_t h[RECORDFILE_PACKET], uint64_t wall, size_t len)
{
	put_be32(h, (uint32_t)(wall / 1000));
	put_be32(h + 4, (uint32_t)(wall % 1000 * 1000));
	put_be32(h + 8, (uint32_t)len);
	put_be32(h + 12, (uint32_t)len);
}

#endif
