/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Copies frames, each after its length in 4 bytes (big end first), from stdin
 * to stdout, as many as bring so many states of version 3 in a second.
 */

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "pacing.h"

#define FRAME_MAX 65536

/* How many states the frame has; 0 at the end. */
static unsigned int
copy(void)
{
	static uint8_t frame[4 + FRAME_MAX];
	size_t len;

	if (fread(frame, 1, 4, stdin) != 4)
		return 0;
	len = (size_t)frame[0] << 24 | (size_t)frame[1] << 16 |
	    (size_t)frame[2] << 8 | frame[3];
	if (len < 4 || len > FRAME_MAX ||
	    fread(frame + 4, 1, len, stdin) != len)
		errx(1, "a frame is cut");
	if (fwrite(frame, 1, 4 + len, stdout) != 4 + len)
		err(1, "stdout");
	return frame[7];
}

int
main(int argc, char *argv[])
{
	struct pacing pacing;
	int64_t rate;
	unsigned int n;

	if (argc != 2 || (rate = strtoll(argv[1], NULL, 10)) <= 0)
		errx(1, "usage: pacer states-a-second <frames >frames");
	pacing_start(&pacing, rate);
	while ((n = copy()) > 0) {
		if (!pacing_due(&pacing, n))
			continue;
		fflush(stdout);
		pacing_wait(&pacing);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
