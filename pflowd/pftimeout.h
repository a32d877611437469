/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pf's timeouts as they are in force here: pftimeout_pf.c where there is a pf
 * to ask, pftimeout_none.c elsewhere, as configure finds them.
 */

#ifndef PFTIMEOUT_H
#define PFTIMEOUT_H

#include <stdint.h>

#include "flow.h"

/*
 * Ask for those that have a name (record_timeout_name()), in seconds.  -1: they
 * cannot be had.  Needs root.
 */
int pftimeout_ask(uint32_t seconds[FLOW_TIMEOUTS]);

#endif
