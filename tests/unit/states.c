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

size_t
make_frame(uint8_t *frame, unsigned int version, const struct state *s,
    unsigned int n)
{
	size_t len = version == 2 ? 4 : FRAME_HEADER;

	memset(frame, 0, len);
	frame[0] = (uint8_t)version;
	frame[2] = 3; /* PFSYNC_ACT_DEL */
	frame[3] = (uint8_t)n;
	for (; n > 0; n--, s++)
		len += put_state(frame + len, version, s);
	return len;
}
