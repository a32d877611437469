/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The timeouts of the running pf.  configure chooses pftimeout_pf.c on systems
 * with pf, else pftimeout_none.c.
 */

#ifndef PFTIMEOUT_H
#define PFTIMEOUT_H

#include <stdint.h>

#include "flow.h"

/*
 * Read the timeouts that have a name (record_timeout_name()), in seconds.
 * Needs root.  Returns -1 on error.
 */
int pftimeout_ask(uint32_t seconds[FLOW_TIMEOUTS]);

#endif
