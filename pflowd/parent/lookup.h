/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Lookups of names: a few processes at once, one for each name, and the others
 * wait for their turn.  Those with the same question share its answer.
 */

#ifndef LOOKUP_H
#define LOOKUP_H

#include <sys/queue.h>

#include "resolver_ask.h"

struct conf;
struct lookups;

/* Processes at once. */
#define LOOKUP_PROCESSES 8

/* Owned by the caller, who sets done and arg. */
struct lookup {
	TAILQ_ENTRY(lookup) entry;
	int waiting; /* for an answer */
	struct resolver_question question;
	resolver_ask_cb *done; /* the answer has no port */
	void *arg;
};

/* NULL and errno if out of memory. */
struct lookups *lookup_new(struct event_base *, struct child_list *);
void lookup_free(struct lookups *);

/* Ask for the address of a collector's host (see resolver_ask_question()). */
void lookup_start(struct lookups *, struct lookup *,
    const struct conf_collector *, int keep);

/*
 * Forget all lookups.  The processes for names of this configuration go on, for
 * lookups of it; the others are ended.  NULL: all are ended.
 */
void lookup_begin(struct lookups *, const struct conf *);

#endif
