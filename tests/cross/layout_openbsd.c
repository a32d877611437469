/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * OpenBSD: version 6, of which pflowd tells what it is, and reads no state.
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

SIZE(pfsync_state, 264);
AT(pfsync_state, id, 0, 8);
AT(pfsync_state, ifname, 8, FLOW_IFNAME);
AT(pfsync_state, key[0].addr[0], 24, 16);
AT(pfsync_state, key[0].addr[1], 40, 16);
AT(pfsync_state, key[0].port[0], 56, 2);
AT(pfsync_state, key[0].port[1], 58, 2);
AT(pfsync_state, key[0].rdomain, 60, 2);
AT(pfsync_state, key[0].af, 62, 1);
AT(pfsync_state, key[1].addr[0], 64, 16);
AT(pfsync_state, key[1].addr[1], 80, 16);
AT(pfsync_state, key[1].port[0], 96, 2);
AT(pfsync_state, key[1].port[1], 98, 2);
AT(pfsync_state, key[1].rdomain, 100, 2);
AT(pfsync_state, key[1].af, 102, 1);
AT(pfsync_state, src, 104, PEER_SIZE);
AT(pfsync_state, dst, 136, PEER_SIZE);
AT(pfsync_state, rt_addr, 168, 16);
AT(pfsync_state, rule, 184, 4);
AT(pfsync_state, anchor, 188, 4);
AT(pfsync_state, nat_rule, 192, 4);
AT(pfsync_state, creation, 196, 4);
AT(pfsync_state, expire, 200, 4);
AT(pfsync_state, packets[0], 204, 8);
AT(pfsync_state, packets[1], 212, 8);
AT(pfsync_state, bytes[0], 220, 8);
AT(pfsync_state, bytes[1], 228, 8);
AT(pfsync_state, creatorid, 236, 4);
AT(pfsync_state, rtableid, 240, 8);
AT(pfsync_state, max_mss, 248, 2);
AT(pfsync_state, af, 250, 1);
AT(pfsync_state, proto, 251, 1);
AT(pfsync_state, direction, 252, 1);
AT(pfsync_state, log, 253, 1);
AT(pfsync_state, rt, 254, 1);
AT(pfsync_state, timeout, 255, 1);
AT(pfsync_state, sync_flags, 256, 1);
AT(pfsync_state, updates, 257, 1);
AT(pfsync_state, min_ttl, 258, 1);
AT(pfsync_state, set_tos, 259, 1);
AT(pfsync_state, state_flags, 260, 2);
AT(pfsync_state, set_prio, 262, 2);
