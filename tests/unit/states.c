/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "states.h"

const struct state plain_state = { .id = 1,
	.packets = { 3, 4 },
	.bytes = { 300, 400 },
	.direction = 1,
	.proto = 6,
	.af = 2,
	.age = 100,
	.timeout = 5 };
