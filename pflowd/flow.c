/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>
#include <string.h>

#include "flow.h"

const struct flow_host *
flow_host(const struct flow *f, enum flow_view view, enum flow_end end)
{
	int out = f->direction == FLOW_OUT;
	int inner = out ? end == FLOW_INITIATOR : end == FLOW_RESPONDER;

	if (!inner)
		return &f->ext;
	switch (view) {
	case FLOW_OUTSIDE:
		return &f->gwy;
	case FLOW_ORIGINAL:
		return out ? &f->lan : &f->gwy;
	case FLOW_INSIDE:
		break;
	}
	return &f->lan;
}

int
flow_translated(const struct flow *f)
{
	size_t len = f->family == 4 ? 4 : 16;

	return f->lan.port != f->gwy.port ||
	    memcmp(f->lan.addr, f->gwy.addr, len) != 0;
}

int
flow_bound(const struct flow *f)
{
	return f->ifname[0] != '\0' && strcmp(f->ifname, "all") != 0 &&
	    strcmp(f->ifname, "self") != 0;
}

int
flow_has_ports(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case 33:  /* DCCP */
	case 132: /* SCTP */
	case 136: /* UDP-Lite */
		return 1;
	}
	return 0;
}
