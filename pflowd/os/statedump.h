/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * How the system is asked for pf's state table.  The parent opens what is
 * needed, and the dumper asks.  configure chooses the file: statedump_none.c
 * where there is no pf(4).
 */

#ifndef STATEDUMP_H
#define STATEDUMP_H

#include <stddef.h>
#include <stdint.h>

#define STATEDUMP_FDS 2	      /* pf(4), and a netlink socket on FreeBSD */
#define STATEDUMP_TIMEOUTS 40 /* at most */
#define STATEDUMP_PIECE 65536 /* bytes at most */

/* What pf says beside its states. */
struct statedump_settings {
	unsigned int timeouts;		      /* how many follow; 0: unknown */
	uint32_t timeout[STATEDUMP_TIMEOUTS]; /* s, by the kernel's index */
	uint32_t limit;			      /* of states; 0: unknown */
	int enabled;			      /* 1, 0; -1: unknown */
};

struct statedump;

/* The ways that there are, for pflowd -V; the first that works is chosen. */
const char *statedump_ways(void);

/*
 * Open what the dumper needs, as root: read-only and closed on exec; what the
 * system has not is -1.  Returns -1, with the problem and its remedy in why;
 * later: it may be there later.
 */
int statedump_open(int fd[STATEDUMP_FDS], int *later, char *why, size_t whylen);

/*
 * In the dumper, before it is confined: choose a way.  Owns the descriptors.
 * NULL and errno.
 */
struct statedump *statedump_new(const int fd[STATEDUMP_FDS]);

/* The layout of what was read, as in a chunk (source/statetable.h). */
unsigned int statedump_layout(const struct statedump *);

void statedump_settings(struct statedump *, struct statedump_settings *);

/* Inserts and removals of states since pf was loaded.  -1: unknown. */
int statedump_counters(struct statedump *, uint64_t counters[2]);

/*
 * Read all states into memory, without a pause.  Returns 0, or an errno: then
 * the dump is void.  ENXIO: pf is gone, and so are the descriptors.
 */
int statedump_read(struct statedump *);

/*
 * The next whole states of those that were read, as the kernel's answer has
 * them: STATEDUMP_PIECE bytes at most; 0: no more.
 */
size_t statedump_piece(struct statedump *, const uint8_t **data);

#endif
