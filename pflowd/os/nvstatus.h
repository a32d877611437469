/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pf's status since FreeBSD 14: the answer to DIOCGETSTATUSNV, a packed
 * nvlist(9), in the order of the host.
 */

#ifndef NVSTATUS_H
#define NVSTATUS_H

#include <stddef.h>
#include <stdint.h>

/*
 * counters: of inserts and removals of states.  Returns 0 or an errno: one of
 * the values is missing.
 */
int nvstatus_read(const uint8_t *data, size_t len, int *enabled,
    uint64_t counters[2]);

#endif
