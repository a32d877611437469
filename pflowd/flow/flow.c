/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "flow.h"

const uint16_t flow_ports[256] = {
	[6] = UINT16_MAX,   /* TCP */
	[17] = UINT16_MAX,  /* UDP */
	[33] = UINT16_MAX,  /* DCCP */
	[132] = UINT16_MAX, /* SCTP */
	[136] = UINT16_MAX, /* UDP-Lite */
};

int
flow_bound(const struct flow *f)
{
	return f->ifname[0] != '\0' && strcmp(f->ifname, "all") != 0 &&
	    strcmp(f->ifname, "self") != 0;
}
