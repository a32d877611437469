/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * NetBSD: version 3, whose record the state table has, too.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp_fsm.h>
#include <net/pfvar.h>

#include "layout.h"
#include "pflowd/flow/flow.h"
#include "pflowd/source/pfsync_layout.h"
#include "pflowd/source/statetable_layout.h"

#include "layout_values.h"

IS(AF_INET6, AF_6_OPENBSD);
IS(PFTM_PURGE, FLOW_PURGE);
IS(PFSYNC_SCRUB_FLAG_VALID, 1);

PEER(pfsync_state_peer);

SIZE(pfsync_state, V3_RECORD);
IS(NETBSD_RECORD, V3_RECORD);
IS(NETBSD_TIMEOUT, V3_CREATOR + TAIL_TIMEOUT);
HEAD(pfsync_state);
HOSTS(pfsync_state);
PEERS(pfsync_state);
AT(pfsync_state, af, V3_CREATOR + TAIL_AF, 1);
AT(pfsync_state, proto, V3_CREATOR + TAIL_PROTO, 1);
AT(pfsync_state, direction, V3_CREATOR + TAIL_DIRECTION, 1);
AT(pfsync_state, log, V3_CREATOR + 7, 1);
AT(pfsync_state, allow_opts, V3_CREATOR + 8, 1);
AT(pfsync_state, timeout, V3_CREATOR + TAIL_TIMEOUT, 1);
AT(pfsync_state, sync_flags, V3_CREATOR + 10, 1);
AT(pfsync_state, updates, V3_CREATOR + 11, 1);
