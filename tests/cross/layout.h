/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A system's own structs against numbers: of the decoder, where it reads such
 * a record.
 */

#ifndef LAYOUT_H
#define LAYOUT_H

#include <stddef.h>

#define IS(what, number) _Static_assert((what) == (number), #what)

#define SIZE(type, bytes) IS(sizeof(struct type), bytes)

/* A member is at an offset, and of so many bytes. */
#define AT(type, member, offset, bytes)            \
	IS(offsetof(struct type, member), offset); \
	IS(sizeof(((struct type *)NULL)->member), bytes)

/*
 * What is the same in the record of every version, the addresses of versions 2
 * and 3 (HOSTS) or of 4 and later (KEYS), and both peers.
 */
#define PEERS(type)                        \
	AT(type, src, AT_PEER, PEER_SIZE); \
	AT(type, dst, AT_PEER + PEER_SIZE, PEER_SIZE)

#define HEAD(type)                                \
	AT(type, id, AT_ID, 8);                   \
	AT(type, ifname, AT_IFNAME, FLOW_IFNAME); \
	AT(type, rt_addr, AT_RT_ADDR, 16);        \
	AT(type, rule, AT_RULE, 4);               \
	AT(type, anchor, 180, 4);                 \
	AT(type, nat_rule, 184, 4);               \
	AT(type, creation, AT_CREATION, 4);       \
	AT(type, expire, AT_EXPIRE, 4);           \
	AT(type, packets[0], AT_COUNTERS, 8);     \
	AT(type, packets[1], AT_COUNTERS + 8, 8); \
	AT(type, bytes[0], AT_COUNTERS + 16, 8);  \
	AT(type, bytes[1], AT_COUNTERS + 24, 8);  \
	AT(type, creatorid, V3_CREATOR, 4)

#define HOSTS(type)                          \
	AT(type, lan.addr, V3_LAN_ADDR, 16); \
	AT(type, lan.port, V3_LAN_PORT, 2);  \
	AT(type, gwy.addr, V3_GWY_ADDR, 16); \
	AT(type, gwy.port, V3_GWY_PORT, 2);  \
	AT(type, ext.addr, V3_EXT_ADDR, 16); \
	AT(type, ext.port, V3_EXT_PORT, 2)

#define KEYS(type)                                 \
	AT(type, key[1].addr[1], V4_LAN_ADDR, 16); \
	AT(type, key[1].port[1], V4_LAN_PORT, 2);  \
	AT(type, key[0].addr[1], V4_GWY_ADDR, 16); \
	AT(type, key[0].port[1], V4_GWY_PORT, 2);  \
	AT(type, key[0].addr[0], V4_EXT_ADDR, 16); \
	AT(type, key[0].port[0], V4_EXT_PORT, 2)

/* The peer itself. */
#define PEER(type)                         \
	SIZE(type, PEER_SIZE);             \
	AT(type, scrub.pfss_flags, 0, 2);  \
	AT(type, scrub.pfss_ttl, 2, 1);    \
	AT(type, scrub.scrub_flag, 3, 1);  \
	AT(type, scrub.pfss_ts_mod, 4, 4); \
	AT(type, seqlo, 8, 4);             \
	AT(type, seqhi, 12, 4);            \
	AT(type, seqdiff, 16, 4);          \
	AT(type, max_win, 20, 2);          \
	AT(type, mss, 22, 2);              \
	AT(type, state, PEER_STATE, 1);    \
	AT(type, wscale, 25, 1)

#endif
