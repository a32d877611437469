/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Clients that want to see living states.  They wait for the search; those that
 * want the same have one, the others follow in the order in which they asked.
 */

#include <event2/event.h>

#include <string.h>

#include "common/clock.h"
#include "config.h"
#include "control_local.h"
#include "meter.h"

/* A search uses a quarter of a processor, and holds up nothing for long. */
#define SLICE_US 4000
#define PAUSE_US 12000
#define ENTRIES 256 /* between looks at the clock */

static void
answer(struct client *k, struct found *found)
{
	k->show.found = found;
	k->waiting = k->searches = 0;
	control_send_rows(k);
}

static void
fail(struct client *k, const char *why)
{
	k->waiting = k->searches = 0;
	control_end_reply(k, 1, why);
}

/* Answer a client whose request is that of the finished search. */
static void
answer_if_wanted(struct client *k, const struct search *s)
{
	if (memcmp(&k->states, &s->wanted, sizeof(k->states)) != 0)
		return;
	s->found->readers++;
	answer(k, s->found);
}

static void
answer_all(struct control *c)
{
	struct client *k;

	LIST_FOREACH(k, &c->clients, entry)
		if (k->searches)
			answer_if_wanted(k, &c->search);
}

/* The client that has waited longest; NULL: none. */
static struct client *
first(const struct control *c)
{
	struct client *k, *found = NULL;

	LIST_FOREACH(k, &c->clients, entry)
		if (k->searches &&
		    (found == NULL || (int32_t)(k->asked - found->asked) < 0))
			found = k;
	return found;
}

static void
wait_for_slice(struct control *c)
{
	static const struct timeval pause = { 0, PAUSE_US };

	event_add(c->slice, &pause);
}

static void
begin_next(struct control *c)
{
	struct client *k;

	while ((k = first(c)) != NULL) {
		if (search_begin(&c->search, c->meter, &k->states) == 0) {
			wait_for_slice(c);
			return;
		}
		fail(k, "pflowd is out of memory");
	}
}

static void
on_slice(evutil_socket_t fd, short what, void *arg)
{
	struct control *c = arg;
	uint64_t until = clock_us() + SLICE_US;
	int done;

	(void)fd;
	(void)what;
	do
		done = search_step(&c->search, c->meter, ENTRIES);
	while (!done && clock_us() < until);
	if (!done) {
		wait_for_slice(c);
		return;
	}
	answer_all(c);
	begin_next(c);
}

void
control_start_states(struct client *k, const struct msg *msg)
{
	struct control *c = k->control;
	struct found *found;
	struct rule rule;

	if (msg_payload(msg, &k->states, sizeof(k->states)) == -1)
		return;
	if (search_rule(&k->states, &rule) == -1) {
		fail(k, "the request is not valid");
		return;
	}
	if (!meter_reads_table(c->meter)) {
		fail(k,
		    "living states are not known: they need \"source table\" in "
		    "pflowd.conf");
		return;
	}
	found = search_result(&c->search, c->meter, &k->states);
	if (found != NULL) {
		answer(k, found);
		return;
	}
	k->waiting = k->searches = 1;
	k->asked = c->asked++;
	if (!c->search.running)
		begin_next(c);
}

int
control_search_init(struct control *c)
{
	c->slice = event_new(c->meter->base, -1, 0, on_slice, c);
	return c->slice == NULL ? -1 : 0;
}

void
control_search_free(struct control *c)
{
	if (c->slice != NULL)
		event_free(c->slice);
	search_free(&c->search);
}
