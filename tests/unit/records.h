/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * For the tests of records: a state, and the record that is made of one.
 */

#ifndef RECORDS_H
#define RECORDS_H

#include "unit.h"

#include "pflowd/flow/record.h"

#define RECORDS_INDEX 7 /* of its interface */

/* TCP, out of a NATing firewall, 60 s old. */
struct flow plain_flow(void);

/* As pfsync announces it at that time, in ms.  Returns its directions. */
unsigned int make_record(struct record *, const struct flow *, uint64_t time,
    const struct record_policy *);

#endif
