/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A flow as a JSON object on one line.  What a flow lacks is null; bytes of
 * text that are not printable ASCII are question marks.
 */

#ifndef FLOWJSON_H
#define FLOWJSON_H

#include <stdint.h>

#include "ctl.h"

#define FLOWJSON 1024 /* bytes of the longest object, with NUL */

/* Write the object, without a newline.  These functions return buf. */
const char *flowjson(const struct ctl_flow *, char buf[FLOWJSON]);

/* Write the object of flows that are not shown. */
const char *flowjson_lost(uint64_t flows, char buf[FLOWJSON]);

#endif
