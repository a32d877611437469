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
#include <time.h>

#define FRAME_MAX 65536
#define SLICE_US 2000

static int64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
wait_until(int64_t us)
{
	int64_t left = us - clock_us();
	struct timespec ts;

	if (left <= 0)
		return;
	ts.tv_sec = (time_t)(left / 1000000);
	ts.tv_nsec = (long)(left % 1000000 * 1000);
	nanosleep(&ts, NULL);
}

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
	int64_t begin = clock_us(), sent = 0, slice = begin, rate;
	unsigned int n;

	if (argc != 2 || (rate = strtoll(argv[1], NULL, 10)) <= 0)
		errx(1, "usage: pacer states-a-second <frames >frames");
	while ((n = copy()) > 0) {
		sent += n;
		if (begin + sent * 1000000 / rate < slice + SLICE_US)
			continue;
		fflush(stdout);
		slice = begin + sent * 1000000 / rate;
		wait_until(slice);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
