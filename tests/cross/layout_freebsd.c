/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * FreeBSD 14 and 15: version 5, of which pflowd reads no state, and the state
 * table.  Up to the creator its three records are as version 4's.
 */

/* First: a name of its own is one of the system's, too. */
#include "pflowd/source/pfsync.h"

#define COMPAT_FREEBSD14 /* the calls that are hidden */

#include <sys/types.h>
#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp_fsm.h>
#include <net/pfvar.h>
#include <net/if_pfsync.h>
#include <netlink/netlink.h>
#include <netlink/netlink_generic.h>
#include <netpfil/pf/pf_nl.h>

#include "layout.h"
#include "pflowd/flow/flow.h"
#include "pflowd/os/netlink.h"
#include "pflowd/os/statedump_freebsd.h"
#include "pflowd/source/pfsync_layout.h"
#include "pflowd/source/statetable_layout.h"

#include "layout_values.h"

IS(AF_INET6, AF_6_FREEBSD);
IS(PF_SCRUB_FLAG_VALID, 1);
/* Moved up by the timeouts of SCTP. */
IS(PFTM_PURGE, FREEBSD_PURGE);
IS(PFTM_SCTP_FIRST_PACKET, FREEBSD_SCTP_FIRST);
IS(PFTM_SCTP_CLOSED, FREEBSD_SCTP_CLOSED);
IS(FLOW_SCTP_CLOSED - FLOW_SCTP_FIRST,
    PFTM_SCTP_CLOSED - PFTM_SCTP_FIRST_PACKET);

_Static_assert(PFSYNC_VERSION > 4 && PFSYNC_VERSION <= PFSYNC_LATEST,
    "version");
SIZE(pfsync_header, HEADER_V3);
AT(pfsync_header, version, HEADER_VERSION, 1);
AT(pfsync_header, len, 2, 2);
SIZE(pfsync_subheader, 4);
AT(pfsync_subheader, action, 0, 1);
AT(pfsync_subheader, count, 2, 2);

IS(PFSYNC_ACT_CLR, ACTION_CLR);
IS(PFSYNC_ACT_INS_1301, 1);
IS(PFSYNC_ACT_UPD_1301, 3);
IS(PFSYNC_ACT_UPD_C, 4);
IS(PFSYNC_ACT_DEL, 6);
IS(PFSYNC_ACT_DEL_C, 7);
IS(PFSYNC_ACT_EOF, 12);
IS(PFSYNC_ACT_INS_1400, 13);
IS(PFSYNC_ACT_UPD_1400, 14);
IS(PFSYNC_ACT_INS_1500, 15);
IS(PFSYNC_ACT_UPD_1500, 16);
IS(PFSYNC_ACT_MAX, 17);

SIZE(pfsync_clr, 20);
AT(pfsync_clr, creatorid, CLR_CREATOR, 4);
SIZE(pfsync_ins_ack, 12);
SIZE(pfsync_upd_req, 12);
SIZE(pfsync_del_c, 12);
AT(pfsync_del_c, id, 0, 8);
AT(pfsync_del_c, creatorid, 8, 4);
SIZE(pfsync_bus, 12);
SIZE(pfsync_tdb, 48);
SIZE(pfsync_upd_c, 84);
AT(pfsync_upd_c, src, 8, PEER_SIZE);
AT(pfsync_upd_c, dst, 40, PEER_SIZE);
AT(pfsync_upd_c, creatorid, 72, 4);
AT(pfsync_upd_c, expire, 76, 4);
AT(pfsync_upd_c, timeout, 80, 1);

PEER(pf_state_peer_export);

SIZE(pfsync_state_1301, 242);
HEAD(pfsync_state_1301);
KEYS(pfsync_state_1301);
PEERS(pfsync_state_1301);
AT(pfsync_state_1301, af, V3_CREATOR + TAIL_AF, 1);
AT(pfsync_state_1301, proto, V3_CREATOR + TAIL_PROTO, 1);
AT(pfsync_state_1301, direction, V3_CREATOR + TAIL_DIRECTION, 1);
AT(pfsync_state_1301, log, 237, 1);
AT(pfsync_state_1301, state_flags, 238, 1);
AT(pfsync_state_1301, timeout, FREEBSD_TIMEOUT, 1);
AT(pfsync_state_1301, sync_flags, 240, 1);
AT(pfsync_state_1301, updates, 241, 1);

SIZE(pfsync_state_1400, 277);
HEAD(pfsync_state_1400);
KEYS(pfsync_state_1400);
PEERS(pfsync_state_1400);
AT(pfsync_state_1400, af, V3_CREATOR + TAIL_AF, 1);
AT(pfsync_state_1400, proto, V3_CREATOR + TAIL_PROTO, 1);
AT(pfsync_state_1400, direction, V3_CREATOR + TAIL_DIRECTION, 1);
AT(pfsync_state_1400, state_flags, 235, 2);
AT(pfsync_state_1400, log, 237, 1);
AT(pfsync_state_1400, timeout, 239, 1);
AT(pfsync_state_1400, sync_flags, 240, 1);
AT(pfsync_state_1400, updates, 241, 1);
AT(pfsync_state_1400, qid, 242, 2);
AT(pfsync_state_1400, pqid, 244, 2);
AT(pfsync_state_1400, dnpipe, 246, 2);
AT(pfsync_state_1400, dnrpipe, 248, 2);
AT(pfsync_state_1400, rtableid, 250, 4);
AT(pfsync_state_1400, min_ttl, 254, 1);
AT(pfsync_state_1400, set_tos, 255, 1);
AT(pfsync_state_1400, max_mss, 256, 2);
AT(pfsync_state_1400, set_prio, 258, 2);
AT(pfsync_state_1400, rt, 260, 1);
AT(pfsync_state_1400, rt_ifname, 261, FLOW_IFNAME);

SIZE(pfsync_state_1500, 360);
HEAD(pfsync_state_1500);
KEYS(pfsync_state_1500);
PEERS(pfsync_state_1500);
AT(pfsync_state_1500, tagname, 232, 64);
AT(pfsync_state_1500, rt_ifname, 296, FLOW_IFNAME);
AT(pfsync_state_1500, orig_ifname, 312, FLOW_IFNAME);
AT(pfsync_state_1500, rtableid, 328, 4);
AT(pfsync_state_1500, state_flags, 332, 2);
AT(pfsync_state_1500, qid, 334, 2);
AT(pfsync_state_1500, pqid, 336, 2);
AT(pfsync_state_1500, dnpipe, 338, 2);
AT(pfsync_state_1500, dnrpipe, 340, 2);
AT(pfsync_state_1500, max_mss, 342, 2);
AT(pfsync_state_1500, wire_af, 344, 1);
AT(pfsync_state_1500, stack_af, 345, 1);
AT(pfsync_state_1500, rt_af, 346, 1);
AT(pfsync_state_1500, wire_proto, 347, 1);
AT(pfsync_state_1500, stack_proto, 348, 1);
AT(pfsync_state_1500, log, 349, 1);
AT(pfsync_state_1500, timeout, 350, 1);
AT(pfsync_state_1500, direction, 351, 1);
AT(pfsync_state_1500, rt, 352, 1);
AT(pfsync_state_1500, min_ttl, 353, 1);
AT(pfsync_state_1500, set_tos, 354, 1);
AT(pfsync_state_1500, set_prio, 355, 2);

IS(PF_STATE_VERSION, EXPORT_VERSION);
SIZE(pf_state_export, EXPORT_RECORD);
AT(pf_state_export, version, 0, 8);
AT(pf_state_export, id, EXPORT_ID, 8);
AT(pf_state_export, ifname, EXPORT_IFNAME, FLOW_IFNAME);
AT(pf_state_export, orig_ifname, EXPORT_ORIG_IFNAME, FLOW_IFNAME);
AT(pf_state_export, key[0].addr[0], EXPORT_EXT_ADDR, 16);
AT(pf_state_export, key[0].addr[1], EXPORT_GWY_ADDR, 16);
AT(pf_state_export, key[0].port[0], EXPORT_EXT_PORT, 2);
AT(pf_state_export, key[0].port[1], EXPORT_GWY_PORT, 2);
AT(pf_state_export, key[1].addr[1], EXPORT_LAN_ADDR, 16);
AT(pf_state_export, key[1].port[1], EXPORT_LAN_PORT, 2);
AT(pf_state_export, src, EXPORT_PEERS, PEER_SIZE);
AT(pf_state_export, dst, EXPORT_PEERS + PEER_SIZE, PEER_SIZE);
AT(pf_state_export, rt_addr, EXPORT_RT_ADDR, 16);
AT(pf_state_export, rule, EXPORT_RULE, 4);
AT(pf_state_export, creation, EXPORT_CREATION, 4);
AT(pf_state_export, expire, EXPORT_CREATION + 4, 4);
AT(pf_state_export, packets[0], EXPORT_PACKETS, 8);
AT(pf_state_export, packets[1], EXPORT_PACKETS + 8, 8);
AT(pf_state_export, bytes[0], EXPORT_BYTES, 8);
AT(pf_state_export, bytes[1], EXPORT_BYTES + 8, 8);
AT(pf_state_export, creatorid, EXPORT_CREATOR, 4);
AT(pf_state_export, af, EXPORT_AF, 1);
AT(pf_state_export, proto, EXPORT_AF + 1, 1);
AT(pf_state_export, direction, EXPORT_AF + 2, 1);
AT(pf_state_export, timeout, EXPORT_TIMEOUT, 1);

/* How the state table is asked for. */
SIZE(freebsd_states, sizeof(struct pfioc_states));
AT(freebsd_states, states, offsetof(struct pfioc_states, ps_buf),
    sizeof(void *));
IS(FREEBSD_GETSTATES, DIOCGETSTATES);
SIZE(freebsd_states_v2, sizeof(struct pfioc_states_v2));
AT(freebsd_states_v2, version, offsetof(struct pfioc_states_v2, ps_req_version),
    8);
AT(freebsd_states_v2, states, offsetof(struct pfioc_states_v2, ps_buf),
    sizeof(void *));
IS(FREEBSD_GETSTATESV2, DIOCGETSTATESV2);
IS(PF_STATE_VERSION, 20230404);

SIZE(freebsd_nv, sizeof(struct pfioc_nv));
AT(freebsd_nv, len, offsetof(struct pfioc_nv, len), sizeof(size_t));
AT(freebsd_nv, size, offsetof(struct pfioc_nv, size), sizeof(size_t));
IS(FREEBSD_GETSTATUSNV, DIOCGETSTATUSNV);
IS(FCNT_STATE_INSERT, 1);
IS(FCNT_STATE_REMOVALS, 2);
IS(PF_LIMIT_STATES, 0);

IS(AF_NETLINK, 38);
IS(NETLINK_GENERIC, 16);
SIZE(sockaddr_nl, 12);
IS(GENL_ID_CTRL, NETLINK_CONTROL);
IS(CTRL_CMD_GETFAMILY, NETLINK_GETFAMILY);
IS(CTRL_ATTR_FAMILY_ID, NETLINK_FAMILY_ID);
IS(CTRL_ATTR_FAMILY_NAME, NETLINK_FAMILY_NAME);
IS(PFNL_CMD_GETSTATES, NETLINK_GETSTATES);
IS(PFNL_CMD_GET_STATUS, NETLINK_GET_STATUS);
IS(PFNL_CMD_GET_TIMEOUT, NETLINK_GET_TIMEOUT);
IS(PFNL_CMD_GET_LIMIT, NETLINK_GET_LIMIT);
IS(PF_GS_RUNNING, NETLINK_STATUS_RUNNING);
IS(PF_GS_FCOUNTERS, NETLINK_STATUS_FCOUNTERS);
IS(PF_C_COUNTER, NETLINK_COUNTER);
IS(PF_C_ID, NETLINK_COUNTER_ID);
IS(PF_TO_TIMEOUT, NETLINK_TIMEOUT_INDEX);
IS(PF_TO_SECONDS, NETLINK_TIMEOUT_SECONDS);
IS(PF_LI_INDEX, NETLINK_LIMIT_INDEX);
IS(PF_LI_LIMIT, NETLINK_LIMIT);
