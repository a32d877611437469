/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A flow as a line of text, the way pfctl -s state -v shows states.
 */

#ifndef FLOWLINE_H
#define FLOWLINE_H

#include <stdint.h>

#include "ctl.h"

#define FLOWLINE 512 /* bytes of the longest line, NUL included */
#define FLOWLINE_TIME 40
#define FLOWLINE_ADDRESS 46 /* INET6_ADDRSTRLEN */
#define FLOWLINE_LEVEL 16

/* Whether the flow has two ends that can be told: hosts and levels. */
int flowline_sensible(const struct ctl_flow *);

/* The line, without a newline.  Returns buf, as all of these. */
const char *flowline(const struct ctl_flow *, char buf[FLOWLINE]);

/* A time in ms since the epoch, in UTC as ISO 8601 has it. */
const char *flowline_time(uint64_t time, char buf[FLOWLINE_TIME]);

/* An address of the flow's family. */
const char *flowline_address(const struct ctl_flow *, const uint8_t addr[16],
    char buf[FLOWLINE_ADDRESS]);

/* What pf calls the level of an end. */
const char *flowline_level(const struct ctl_flow *, uint8_t level,
    char buf[FLOWLINE_LEVEL]);

#endif
