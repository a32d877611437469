/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Sessions of collectors that a reload removed: their queues are still sent,
 * for a short time, and the rest is counted.
 */

#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "process/ledger.h"
#include "session.h"

/* Count records that are not sent. */
static void
count_gone(struct export *x, const struct session *s, uint64_t n)
{
	if (n == 0)
		return;
	log_warnx("collector %s removed: %" PRIu64 " records were not sent",
	    sendqueue_name(s->queue), n);
	x->ledger->counters.gone += n;
}

static void
forget(struct export *x, unsigned int i)
{
	struct session *s = x->retired[i];

	count_gone(x, s, sendqueue_queued(s->queue));
	ledger_release(x->ledger, s->counters);
	session_free(s);
	x->nretired--;
	memmove(&x->retired[i], &x->retired[i + 1],
	    (x->nretired - i) * sizeof(x->retired[0]));
}

/* An engine that stops may have waited for this queue. */
static void
on_gone(void *arg, struct sendqueue *to)
{
	struct export *x = arg;
	unsigned int i = 0;

	while (x->retired[i]->queue != to)
		i++;
	forget(x, i);
	if (x->hooks.writable != NULL)
		x->hooks.writable(x->hooks.arg);
}

void
retired_finish(struct export *x, struct session *s, uint64_t now)
{
	count_gone(x, s, session_finish(x, s, now));
}

void
retired_add(struct export *x, struct session *s, uint64_t now)
{
	if (s->records > 0)
		session_close(s, now);
	if (x->nretired == CONF_COLLECTORS)
		forget(x, 0);
	ledger_retire(x->ledger, s->counters);
	x->retired[x->nretired++] = s;
	log_settled("collector %s: ", sendqueue_name(s->queue));
	sendqueue_retire(s->queue, on_gone, x);
}

int
retired_unsent(const struct export *x)
{
	unsigned int i;

	for (i = 0; i < x->nretired; i++)
		if (session_unsent(x->retired[i]))
			return 1;
	return 0;
}

void
retired_abandon(struct export *x)
{
	while (x->nretired > 0)
		forget(x, x->nretired - 1);
}
