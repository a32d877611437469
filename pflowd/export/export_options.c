/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * When a collector is told of the exporter itself, and what.
 */

#include <string.h>

#include "process/ledger.h"
#include "options_data.h"
#include "session.h"

_Static_assert(OPTIONS_DATA_NAMES >= LEDGER_INTERFACES, "a name for each");

static unsigned int
names_seen(const struct ledger *l)
{
	unsigned int n = 0;

	while (n < LEDGER_INTERFACES && l->interfaces[n].name[0] != '\0')
		n++;
	return n;
}

/* Collect names of known interfaces, except the first `first` of the ledger. */
static void
gather_names(const struct export *x, unsigned int first, struct options_data *o)
{
	const struct ledger_interface *i = x->ledger->interfaces + first;
	const struct ledger_interface *end;
	uint32_t index;

	end = x->ledger->interfaces + names_seen(x->ledger);
	for (; i < end; i++) {
		index = ifindex_find(&x->conf->interfaces, i->name);
		if (index == 0)
			continue;
		o->names[o->n].index = index;
		strlcpy(o->names[o->n++].name, i->name, FLOW_IFNAME);
	}
}

/*
 * Count queued datagrams as sent: they precede these options in the queue, and
 * if they are lost, so are the options.
 */
static void
gather_counters(const struct export *x, const struct session *to,
    struct options_data *o)
{
	const struct counters *all = &x->ledger->counters;
	const struct collector_counters *c = to->counters;

	o->states_lost = all->cut + all->crashed + all->inexpressible;
	o->states = all->states + all->cut + all->crashed;
	o->frames_lost = all->kernel_dropped + all->kernel_if_dropped +
	    all->kernel_unread;
	o->datagrams = c->datagrams + sendqueue_waiting(to->to);
	o->records = c->sent + sendqueue_queued(to->to);
	o->octets = c->bytes + sendqueue_bytes(to->to);
	o->records_lost = c->dropped + c->crashed + counters_failed(c);
}

/* All options are due at first and then at the interval of the templates. */
static int
all_due(const struct session *o, uint64_t now)
{
	return !o->told ||
	    now - o->told_time >= o->conf->templates_seconds * UINT64_C(1000);
}

static void
tell(struct session *o, struct options_data *data, uint64_t now)
{
	unsigned int before = data->told;
	size_t len;

	len = o->protocol->options(sendqueue_buffer(o->to), o->room, &o->domain,
	    now, data);
	o->counters->begun++;
	o->counters->options += OPTIONS_DATA_RECORDS + data->told - before;
	sendqueue_push(o->to, len, 0);
}

/* Options wait until the collector is up. */
static int
answers(const struct session *o)
{
	struct sendqueue_state state;

	sendqueue_state(o->to, &state);
	return state.up;
}

/* Send the counters, and the interface names from `first` on. */
static void
tell_all(const struct export *x, struct session *o, unsigned int first,
    uint64_t now)
{
	struct options_data data = { 0 };

	gather_counters(x, o, &data);
	gather_names(x, first, &data);
	do
		tell(o, &data, now);
	while (data.told < data.n);
}

void
session_tell(const struct export *x, struct session *o, uint64_t now)
{
	unsigned int names;
	int all;

	if (o->protocol->options == NULL)
		return;
	if (!answers(o)) {
		o->told = 0;
		return;
	}
	names = names_seen(x->ledger);
	all = all_due(o, now);
	if (!all && o->told_names == names)
		return;
	tell_all(x, o, all ? 0 : o->told_names, now);
	if (all)
		o->told_time = now;
	o->told = 1;
	o->told_names = names;
}

void
export_host(struct export *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		x->sessions[i]->told = 0;
}
