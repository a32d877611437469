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

/*
 * Read pf's first n timeouts (PFTM_ in net/pfvar.h), in seconds.  Needs root.
 * Returns -1 on error.
 */
int pftimeout_ask(uint32_t *seconds, int n);

#endif
