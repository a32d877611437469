/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Offsets, sizes and values in the answers to a dump of pf's state table:
 * struct pfsync_state (DIOCGETSTATES), struct pf_state_export
 * (DIOCGETSTATESV2) and messages of netlink's family "pfctl".
 * tests/cross/layout_*.c compare them with the systems' own headers.
 */

#ifndef STATETABLE_LAYOUT_H
#define STATETABLE_LAYOUT_H

#include "pfsync_layout.h"

/*
 * Where a layout differs from version 4 of pfsync, or of NetBSD's from version
 * 3: OpenBSD's struct pfsync_state, whose keys have an address family.
 */
enum {
	OPENBSD_WIRE_AF = 62,
	OPENBSD_LAN_ADDR = 80,
	OPENBSD_LAN_PORT = 98,
	OPENBSD_STACK_AF = 102,
	OPENBSD_PEERS = 104,
	OPENBSD_RT_ADDR = 168,
	OPENBSD_RULE = 184,
	OPENBSD_CREATION = 196,
	OPENBSD_PACKETS = 204,
	OPENBSD_BYTES = 220,
	OPENBSD_CREATOR = 236,
	OPENBSD_AF = 250,
	OPENBSD_TIMEOUT = 255,
	OPENBSD_RECORD = 264 /* bytes */
};

/* NetBSD's and DragonFly's. */
enum {
	NETBSD_TIMEOUT = V3_CREATOR + TAIL_TIMEOUT,
	NETBSD_RECORD = V3_RECORD
};

/* FreeBSD's struct pfsync_state_1301. */
enum {
	FREEBSD_TIMEOUT = 239,
	FREEBSD_RECORD = 242
};

/* FreeBSD's struct pf_state_export. */
enum {
	EXPORT_ID = 8,
	EXPORT_IFNAME = 16,
	EXPORT_ORIG_IFNAME = 32,
	EXPORT_EXT_ADDR = 48,
	EXPORT_GWY_ADDR = 64,
	EXPORT_EXT_PORT = 80,
	EXPORT_GWY_PORT = 82,
	EXPORT_LAN_ADDR = 100,
	EXPORT_LAN_PORT = 118,
	EXPORT_PEERS = 120,
	EXPORT_RT_ADDR = 184,
	EXPORT_RULE = 200,
	EXPORT_CREATION = 212,
	EXPORT_PACKETS = 224,
	EXPORT_BYTES = 240,
	EXPORT_CREATOR = 256,
	EXPORT_AF = 264,
	EXPORT_TIMEOUT = 269,
	EXPORT_RECORD = 384 /* bytes */
};

#define EXPORT_VERSION UINT64_C(20230404) /* PF_STATE_VERSION */

/* PFTM_ of FreeBSD since 14, whose SCTP timeouts moved PFTM_PURGE. */
enum {
	FREEBSD_SCTP_FIRST = 20,
	FREEBSD_SCTP_CLOSED = 24,
	FREEBSD_PURGE = 26
};

/* struct nlmsghdr, struct genlmsghdr and struct nlattr (RFC 3549, 2.3). */
enum {
	NL_TYPE = 4, /* behind the length */
	NL_HEADER = 16,
	GENL_HEADER = 4,
	NLA_HEADER = 4,
	NLA_NESTED = 0x8000,
	NL_ALIGN = 4
};

enum {
	NL_TYPE_ERROR = 2,
	NL_TYPE_DONE = 3,
	NL_TYPE_MIN = 16 /* families */
};

/* PF_ST_ in netpfil/pf/pf_nl.h */
enum {
	NL_ID = 1,
	NL_CREATOR = 2,
	NL_IFNAME = 3,
	NL_ORIG_IFNAME = 4,
	NL_KEY_WIRE = 5,
	NL_KEY_STACK = 6,
	NL_PEER_SRC = 7,
	NL_PEER_DST = 8,
	NL_RT_ADDR = 9,
	NL_RULE = 10,
	NL_AGE = 13,
	NL_EXPIRE = 14,
	NL_PACKETS0 = 15,
	NL_PACKETS1 = 16,
	NL_BYTES0 = 17,
	NL_BYTES1 = 18,
	NL_AF = 19,
	NL_PROTO = 21,
	NL_DIRECTION = 22,
	NL_TIMEOUT = 24,
	NL_ATTRIBUTES = 25 /* below are those that are read */
};

/* PF_STK_ in keys, PF_STP_ in peers */
enum {
	NL_KEY_ADDR0 = 1,
	NL_KEY_ADDR1 = 2,
	NL_KEY_PORT0 = 3,
	NL_KEY_PORT1 = 4,
	NL_PEER_STATE = 10
};

#endif
