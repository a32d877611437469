/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A flow as a line of text, similar to pfctl -s state -v.
 */

#ifndef FLOWLINE_H
#define FLOWLINE_H

#include <stdint.h>

#include "ctl.h"

#define FLOWLINE 512 /* bytes of the longest line, with NUL */
#define FLOWLINE_TIME 40
#define FLOWLINE_ADDRESS 46 /* INET6_ADDRSTRLEN */
#define FLOWLINE_STATE 16

/* True if the flow's hosts and states can be shown. */
int flowline_sensible(const struct ctl_flow *);

/* True if the firewall translated the address or port of the host behind it. */
int flowline_translated(const struct ctl_flow *);

/* True if it translated those of the other end, on the way out of a pair. */
int flowline_translated_out(const struct ctl_flow *);

/* Write the line, without a newline.  These functions return buf. */
const char *flowline(const struct ctl_flow *, char buf[FLOWLINE]);

/* Write the line of flows that are not shown. */
const char *flowline_lost(uint64_t flows, char buf[FLOWLINE]);

/* Write a time in ms since the epoch as ISO 8601, UTC. */
const char *flowline_time(uint64_t time, char buf[FLOWLINE_TIME]);

/* Write an address of the flow's family. */
const char *flowline_address(const struct ctl_flow *, const uint8_t addr[16],
    char buf[FLOWLINE_ADDRESS]);

/* Write pf's name of the state of one end. */
const char *flowline_state(const struct ctl_flow *, uint8_t state,
    char buf[FLOWLINE_STATE]);

/*
 * How sure the counters of a flow are: "final", "exact", "perhaps cut", "cut",
 * "alive" or "interim" (enum flow_label).  NULL: unknown.
 */
const char *flowline_label(const struct ctl_flow *);

#endif
