/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "flow.h"

int
flow_bound(const struct flow *f)
{
	return f->ifname[0] != '\0' && strcmp(f->ifname, "all") != 0 &&
	    strcmp(f->ifname, "self") != 0;
}
