/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Offsets, sizes and values in pfsync frames of versions 2, 3 and 4.
 * tests/cross/layout_*.c compare them with the systems' own headers.
 */

#ifndef PFSYNC_LAYOUT_H
#define PFSYNC_LAYOUT_H

#include <stdint.h>

#define PFSYNC_PROTOCOL 240 /* IP protocol */

/* struct pfsync_header: version, af, action, count; then a checksum. */
enum {
	HEADER_VERSION = 0,
	HEADER_ACTION = 2,
	HEADER_COUNT = 3,
	HEADER_V2 = 4, /* bytes */
	HEADER_V3 = 20
};

enum {
	ACTION_CLR = 0,
	ACTION_DEL = 3
};

/* struct pfsync_state_clr: ifname[16], creatorid, pad. */
enum {
	CLR_CREATOR = 16,
	CLR_SIZE = 24
};

/* struct pfsync_state, the same in every version. */
enum {
	AT_ID = 0,
	AT_IFNAME = 8,
	AT_PEER = 96,
	AT_RT_ADDR = 160,
	AT_RULE = 176,
	AT_CREATION = 188,
	AT_EXPIRE = 192,
	AT_COUNTERS = 196
};

/* The three hosts of versions 2 and 3. */
enum {
	V3_LAN_ADDR = 24,
	V3_LAN_PORT = 40,
	V3_GWY_ADDR = 48,
	V3_GWY_PORT = 64,
	V3_EXT_ADDR = 72,
	V3_EXT_PORT = 88
};

/*
 * Version 4 has two keys of two addresses instead.  In both directions, lan is
 * key[1].addr[1] (stack), gwy is key[0].addr[1] (wire) and ext is
 * key[0].addr[0].
 */
enum {
	V4_LAN_ADDR = 76,
	V4_LAN_PORT = 94,
	V4_GWY_ADDR = 40,
	V4_GWY_PORT = 58,
	V4_EXT_ADDR = 24,
	V4_EXT_PORT = 56
};

/* Counters have 4 bytes in version 2, else 8; the creator follows them. */
enum {
	V2_CREATOR = 212,
	V2_RECORD = 224, /* bytes */
	V3_CREATOR = 228,
	V3_RECORD = 240
};

/* Offsets from the creator. */
enum {
	TAIL_AF = 4,
	TAIL_PROTO = 5,
	TAIL_DIRECTION = 6,
	TAIL_TIMEOUT = 9,
	TAIL_SIZE = 12
};

/* struct pfsync_state_peer: the source's, then the destination's. */
enum {
	PEER_STATE = 24,
	PEER_SIZE = 32
};

/* Where fields are in one version's state record. */
struct pfsync_layout {
	uint8_t version;
	uint8_t header; /* bytes of the frame header */
	uint8_t record; /* bytes of a state record */
	uint8_t lan_addr;
	uint8_t lan_port;
	uint8_t gwy_addr;
	uint8_t gwy_port;
	uint8_t ext_addr;
	uint8_t ext_port;
	uint8_t counter; /* bytes of a counter: 4 or 8 */
	uint8_t creator; /* followed by af to updates, a byte each */
};

#endif
