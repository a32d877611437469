/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The row of "show sources": there is one source at a time.
 */

#include <stdio.h>
#include <string.h>

#include "common/counters.h"
#include "config.h"
#include "meter.h"
#include "process/ledger.h"
#include "show.h"
#include "source/statetable.h"

static void
name_table(const struct meter *m, struct ctl_source *c)
{
	const char *layout = statetable_name(m->source.dump.layout);

	strlcpy(c->name, "table", sizeof(c->name));
	snprintf(c->reads, sizeof(c->reads), "%spf's state table%s%s%s",
	    m->source.facts.own_clock ? "a recording of " : "",
	    layout != NULL ? " (" : "", layout != NULL ? layout : "",
	    layout != NULL ? ")" : "");
}

static void
name_pfsync(const struct meter *m, struct ctl_source *c)
{
	strlcpy(c->name, "pfsync", sizeof(c->name));
	strlcpy(c->reads,
	    m->source.facts.own_clock ? "a capture" : m->conf->interface,
	    sizeof(c->reads));
	c->pfsync_version = m->ledger->pfsync_version;
}

/* A dump takes some time, as 0 is none. */
static uint64_t
at_least_1(uint64_t ms)
{
	return ms > 0 ? ms : 1;
}

static void
measure(const struct source_dump *d, struct ctl_source *c)
{
	if (d->layout == 0)
		return;
	if (d->enabled != -1)
		c->pf = d->enabled ? CTL_PF_ENABLED : CTL_PF_DISABLED;
	c->took = at_least_1(d->ms);
	c->longest = at_least_1(d->longest_ms);
	c->cpu = d->cpu_us / 1000 + (d->cpu_us % 1000 > 0);
	c->bytes = d->bytes;
	c->states = d->states;
	c->limit = d->limit;
}

static void
count(const struct meter *m, struct ctl_source *c)
{
	const struct counters *n = m->counters;

	c->tracked = n->tracked;
	c->without_room = n->without_room;
	c->dumps = n->dumps;
	c->dumps_void = n->dumps_void;
	c->dumpers_replaced = m->dumpers_replaced;
	c->interval = m->interval;
	c->interim = m->source.interim * UINT64_C(1000);
}

enum show_result
show_source(struct meter *m, struct show *show, struct show_out *out)
{
	struct ctl_source *c = &out->u.source;

	if (show->row > 0)
		return SHOW_END;
	memset(c, 0, sizeof(*c));
	c->pf = CTL_PF_UNKNOWN;
	if (meter_reads_table(m)) {
		name_table(m, c);
		measure(&m->source.dump, c);
		count(m, c);
	} else {
		name_pfsync(m, c);
	}
	c->join = m->source.join == 1;
	c->since = m->since;
	c->useful = m->source.useful;
	strlcpy(c->condition, m->absent[0] != '\0' ? m->absent : m->condition,
	    sizeof(c->condition));
	return show_one(out, MSG_CTL_SOURCE, c, sizeof(*c));
}
