/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * FreeBSD's calls of pf(4), old and new: a system's header has only some, and
 * hides others, but its kernel may answer them.  tests/cross compares them.
 */

#ifndef STATEDUMP_FREEBSD_H
#define STATEDUMP_FREEBSD_H

#include <sys/types.h>
#include <sys/ioccom.h>

#include <stdint.h>

/* From FreeBSD 9 on; hidden since 15. */
struct freebsd_states {
	int len;
	void *states;
};
#define FREEBSD_GETSTATES _IOWR('D', 25, struct freebsd_states)

/* From late in FreeBSD 13 on; hidden since 15. */
struct freebsd_states_v2 {
	int len;
	uint64_t version;
	void *states;
};
#define FREEBSD_GETSTATESV2 _IOWR('D', 93, struct freebsd_states_v2)

/* To FreeBSD 13. */
struct freebsd_status {
	uint64_t counters[16];
	uint64_t limits[7];
	uint64_t fcounters[3];
	uint64_t others[3 + 12 + 4];
	uint32_t running;
	uint32_t numbers[5];
	char names[32];
};
#define FREEBSD_GETSTATUS _IOWR('D', 21, struct freebsd_status)

/* From FreeBSD 14 on. */
struct freebsd_nv {
	void *data;
	size_t len;  /* of the answer */
	size_t size; /* of the memory */
};
#define FREEBSD_GETSTATUSNV _IOWR('D', 21, struct freebsd_nv)

#endif
