/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Options data for a collector: what it contains, and when it is sent.
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
gather_counters(const struct export *x, const struct session *s,
    struct options_data *o)
{
	const struct counters *all = &x->ledger->counters;
	const struct collector_counters *c = s->counters;

	o->states_lost = all->cut + all->crashed + all->inexpressible;
	o->states = all->states + all->cut + all->crashed;
	o->frames_lost = all->kernel_dropped + all->kernel_if_dropped +
	    all->kernel_unread;
	o->datagrams = c->datagrams + sendqueue_waiting(s->queue);
	o->records = c->sent + sendqueue_queued(s->queue);
	o->octets = c->bytes + sendqueue_bytes(s->queue);
	o->records_lost = c->dropped + c->crashed + counters_failed(c);
}

/* All options are due at first and then at the interval of the templates. */
static int
all_due(const struct session *s, uint64_t now)
{
	return !s->options_sent ||
	    now - s->options_time >=
	    s->conf->templates_seconds * UINT64_C(1000);
}

static void
send_options(struct session *s, struct options_data *data, uint64_t now)
{
	unsigned int before = data->names_sent;
	size_t len;

	len = s->protocol->put_options(sendqueue_buffer(s->queue), s->max_len,
	    &s->domain, now, data);
	s->counters->begun++;
	s->counters->options += OPTIONS_DATA_RECORDS + data->names_sent -
	    before;
	sendqueue_push(s->queue, len, 0, 0);
}

/* Options wait until the collector is up. */
static int
is_up(const struct session *s)
{
	struct sendqueue_state state;

	sendqueue_state(s->queue, &state);
	return state.up;
}

/* Send the counters, and the interface names from `first` on. */
static void
send_all(const struct export *x, struct session *s, unsigned int first,
    uint64_t now)
{
	struct options_data data = { 0 };

	gather_counters(x, s, &data);
	gather_names(x, first, &data);
	do
		send_options(s, &data, now);
	while (data.names_sent < data.n);
}

void
session_options(const struct export *x, struct session *s, uint64_t now)
{
	unsigned int names;
	int all;

	if (s->protocol->put_options == NULL)
		return;
	if (!is_up(s)) {
		s->options_sent = 0;
		return;
	}
	names = names_seen(x->ledger);
	all = all_due(s, now);
	if (!all && s->names_sent == names)
		return;
	send_all(x, s, all ? 0 : s->names_sent, now);
	if (all)
		s->options_time = now;
	s->options_sent = 1;
	s->names_sent = names;
}

void
export_host(struct export *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		x->sessions[i]->options_sent = 0;
}
