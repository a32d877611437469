/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The arguments of "show states": an order, and the conditions of a rule of
 * pflowd.conf(5), without lists.
 */

#ifndef STATES_H
#define STATES_H

#include "common/ctl.h"

#define STATES_ROWS 20 /* by default */

/* Words that follow the command, and NULL.  Exits with an error. */
void states_parse(char *const words[], struct ctl_states *);

#endif
