/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "decode.h"

const uint8_t decode_families[256] = {
	[AF_4] = 4,
	[AF_6_OPENBSD] = 6,
	[AF_6_FREEBSD] = 6,
	[AF_6_MACOS] = 6,
};
