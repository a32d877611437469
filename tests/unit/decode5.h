/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * NetFlow version 5, strictly as Cisco describes it; nothing is shared with
 * what writes it.  Whatever pflowd leaves zero must be zero.
 */

#ifndef DECODE5_H
#define DECODE5_H

#include "unit.h"

#define DECODE5_RECORDS 30 /* most in a datagram */

/* Numbers in host byte order. */
struct record5 {
	const uint8_t *from, *to, *next_hop; /* 4 bytes each, in the datagram */
	uint16_t input, output;
	uint32_t packets, octets;
	uint32_t first, last; /* ms since boot */
	uint16_t from_port, to_port;
	uint8_t flags, proto;
};

struct datagram5 {
	uint64_t time;	 /* ms since the epoch */
	uint32_t uptime; /* ms since boot */
	uint32_t sequence;
	unsigned int n;
	struct record5 record[DECODE5_RECORDS];
};

/* The datagram must stay as long as the records are used. */
void decode5(struct datagram5 *, const uint8_t *data, size_t len);

/* A socket's next datagram, valid until the next call; 0: there is none. */
int receive5(struct datagram5 *, int fd);

#endif
