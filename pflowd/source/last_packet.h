/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A deletion has neither the time of the state's last packet nor the reason of
 * its end.  Both follow from its timeout, where pf let it expire.
 */

#ifndef LAST_PACKET_H
#define LAST_PACKET_H

#include <stdint.h>

#include "flow/record.h"

/*
 * Fill the reports of n deleted states, with all of their packets.  time: of
 * the deletion, ms since the epoch.
 */
void last_packet_report(struct report *, const struct flow *, unsigned int n,
    uint64_t time, const struct record_policy *);

#endif
