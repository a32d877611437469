/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "pftimeout.h"

int
pftimeout_ask(uint32_t seconds[FLOW_TIMEOUTS])
{
	(void)seconds;
	return -1;
}
