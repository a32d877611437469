/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The dumper, from the parent's side: pf's descriptors are opened for it, and
 * it is replaced when it ends or is overdue.
 */

#ifndef DUMPER_H
#define DUMPER_H

#include "child.h"

struct event_base;
struct dumper;

struct dumper_hooks {
	/*
	 * A dumper for the engine starts: hand over the other end of its
	 * socket, which is closed afterwards.  -1: it cannot be done.
	 */
	int (*connect)(void *arg, int fd);
	/*
	 * A recording has ended.  error: 0, the errno of a write, or -1: for
	 * another reason.
	 */
	void (*recorded)(void *arg, int error);
	/* pflowd was replaced while it runs. */
	void (*outdated)(void *arg);
	void *arg;
};

/* -1: there will never be a state table on this system; why has the reason. */
int dumper_possible(char *why, size_t whylen);

/* NULL: out of memory. */
struct dumper *dumper_new(struct event_base *, struct child_list *,
    const struct dumper_hooks *);

/* Kill the process, if there is one. */
void dumper_free(struct dumper *);

/*
 * Start one for the engine, and others after it, until dumper_end().  As long
 * as pf cannot be opened, retry.
 */
void dumper_begin(struct dumper *);

/*
 * The same for a recording, which is written into a file: a dump every
 * `interval` s, `count` of them; 0: until dumper_stop().  The descriptor is
 * kept, and stays the caller's.
 */
void dumper_record(struct dumper *, int file, unsigned int interval,
    unsigned int count);

/* Kill it, and start no other. */
void dumper_end(struct dumper *);

/* Let it write the dump that it has begun; recorded() follows. */
void dumper_stop(struct dumper *);

/* It does not answer: replace it. */
void dumper_overdue(struct dumper *);

#endif
