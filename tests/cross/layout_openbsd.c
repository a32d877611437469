/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * OpenBSD: version 6, of which pflowd reads no state, and the state table.
 */

/* First: a name of its own is one of the system's, too. */
#include "pflowd/source/pfsync.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_ipsp.h>
#include <netinet/tcp_fsm.h>
#include <net/pfvar.h>
#include <net/if_pfsync.h>

#include "layout.h"
#include "pflowd/flow/flow.h"
#include "pflowd/source/pfsync_layout.h"
#include "pflowd/source/statetable_layout.h"

#include "layout_values.h"

IS(AF_INET6, AF_6_OPENBSD);
IS(PFTM_PURGE, FLOW_PURGE);
IS(PFSYNC_SCRUB_FLAG_VALID, 1);

IS(PFSYNC_VERSION, PFSYNC_LATEST);
SIZE(pfsync_header, HEADER_V3);
AT(pfsync_header, version, HEADER_VERSION, 1);
AT(pfsync_header, len, 2, 2);
SIZE(pfsync_subheader, 4);
AT(pfsync_subheader, action, 0, 1);
AT(pfsync_subheader, len, 1, 1);
AT(pfsync_subheader, count, 2, 2);

IS(PFSYNC_ACT_CLR, ACTION_CLR);
IS(PFSYNC_ACT_OINS, 1);
IS(PFSYNC_ACT_OUPD, 3);
IS(PFSYNC_ACT_UPD_C, 4);
IS(PFSYNC_ACT_DEL, 6);
IS(PFSYNC_ACT_DEL_C, 7);
IS(PFSYNC_ACT_EOF, 12);
IS(PFSYNC_ACT_INS, 13);
IS(PFSYNC_ACT_UPD, 14);
IS(PFSYNC_ACT_TDB, 15);
IS(PFSYNC_ACT_MAX, 16);

SIZE(pfsync_clr, 20);
AT(pfsync_clr, creatorid, CLR_CREATOR, 4);
SIZE(pfsync_ins_ack, 12);
SIZE(pfsync_upd_req, 12);
SIZE(pfsync_del_c, 12);
AT(pfsync_del_c, id, 0, 8);
AT(pfsync_del_c, creatorid, 8, 4);
SIZE(pfsync_bus, 12);
SIZE(pfsync_tdb, 52);
SIZE(pfsync_upd_c, 84);
AT(pfsync_upd_c, src, 8, PEER_SIZE);
AT(pfsync_upd_c, dst, 40, PEER_SIZE);
AT(pfsync_upd_c, creatorid, 72, 4);
AT(pfsync_upd_c, expire, 76, 4);
AT(pfsync_upd_c, timeout, 80, 1);
AT(pfsync_upd_c, state_flags, 81, 1);

PEER(pfsync_state_peer);

SIZE(pfsync_state, OPENBSD_RECORD);
AT(pfsync_state, id, AT_ID, 8);
AT(pfsync_state, ifname, AT_IFNAME, FLOW_IFNAME);
AT(pfsync_state, key[0].addr[0], V4_EXT_ADDR, 16);
AT(pfsync_state, key[0].addr[1], V4_GWY_ADDR, 16);
AT(pfsync_state, key[0].port[0], V4_EXT_PORT, 2);
AT(pfsync_state, key[0].port[1], V4_GWY_PORT, 2);
AT(pfsync_state, key[0].rdomain, 60, 2);
AT(pfsync_state, key[0].af, OPENBSD_WIRE_AF, 1);
AT(pfsync_state, key[1].addr[0], 64, 16);
AT(pfsync_state, key[1].addr[1], OPENBSD_LAN_ADDR, 16);
AT(pfsync_state, key[1].port[0], 96, 2);
AT(pfsync_state, key[1].port[1], OPENBSD_LAN_PORT, 2);
AT(pfsync_state, key[1].rdomain, 100, 2);
AT(pfsync_state, key[1].af, OPENBSD_STACK_AF, 1);
AT(pfsync_state, src, OPENBSD_PEERS, PEER_SIZE);
AT(pfsync_state, dst, OPENBSD_PEERS + PEER_SIZE, PEER_SIZE);
AT(pfsync_state, rt_addr, OPENBSD_RT_ADDR, 16);
AT(pfsync_state, rule, OPENBSD_RULE, 4);
AT(pfsync_state, anchor, 188, 4);
AT(pfsync_state, nat_rule, 192, 4);
AT(pfsync_state, creation, OPENBSD_CREATION, 4);
AT(pfsync_state, expire, OPENBSD_CREATION + 4, 4);
AT(pfsync_state, packets[0], OPENBSD_PACKETS, 8);
AT(pfsync_state, packets[1], OPENBSD_PACKETS + 8, 8);
AT(pfsync_state, bytes[0], OPENBSD_BYTES, 8);
AT(pfsync_state, bytes[1], OPENBSD_BYTES + 8, 8);
AT(pfsync_state, creatorid, OPENBSD_CREATOR, 4);
AT(pfsync_state, rtableid, 240, 8);
AT(pfsync_state, max_mss, 248, 2);
AT(pfsync_state, af, OPENBSD_AF, 1);
AT(pfsync_state, proto, OPENBSD_AF + 1, 1);
AT(pfsync_state, direction, OPENBSD_AF + 2, 1);
AT(pfsync_state, log, 253, 1);
AT(pfsync_state, rt, 254, 1);
AT(pfsync_state, timeout, OPENBSD_TIMEOUT, 1);
AT(pfsync_state, sync_flags, 256, 1);
AT(pfsync_state, updates, 257, 1);
AT(pfsync_state, min_ttl, 258, 1);
AT(pfsync_state, set_tos, 259, 1);
AT(pfsync_state, state_flags, 260, 2);
AT(pfsync_state, set_prio, 262, 2);
