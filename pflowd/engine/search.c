/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdlib.h>
#include <string.h>

#include "common/counters.h"
#include "flow/flowprint.h"
#include "meter.h"
#include "search.h"
#include "track/track.h"

_Static_assert((int)CTL_HOST_SELF == RULE_SELF, "hosts");
_Static_assert((int)CTL_PORT_OUTSIDE == RULE_PORT_OUTSIDE, "ports");
_Static_assert(sizeof(((struct ctl_states *)NULL)->ifname) == FLOW_IFNAME,
    "interface");

static int
rule_host(const struct ctl_host *c, struct rule_host *h)
{
	if (c->kind >= CTL_HOSTS || c->negate > 1)
		return -1;
	h->kind = c->kind;
	h->negate = c->negate;
	if (c->kind != CTL_HOST_NET)
		return 0;
	if ((c->family != 4 && c->family != 6) ||
	    c->bits > (c->family == 4 ? 32 : 128))
		return -1;
	h->family = c->family;
	h->bits = c->bits;
	memcpy(h->addr, c->addr, sizeof(h->addr));
	rule_mask(h);
	return 0;
}

static int
rule_port(const struct ctl_port *c, struct rule_port *p)
{
	if (c->op >= CTL_PORTS)
		return -1;
	p->op = (uint8_t)c->op;
	p->low = c->low;
	p->high = c->high;
	return 0;
}

int
search_rule(const struct ctl_states *c, struct rule *r)
{
	memset(r, 0, sizeof(*r));
	if (c->rows == 0 || c->rows > CTL_STATES || c->order >= CTL_ORDERS ||
	    c->direction > FLOW_OUT ||
	    (c->family != 0 && c->family != 4 && c->family != 6) ||
	    memchr(c->ifname, '\0', sizeof(c->ifname)) == NULL)
		return -1;
	r->direction = c->direction;
	r->family = c->family;
	r->proto_given = c->proto_given != 0;
	r->proto = c->proto;
	r->number_given = c->number_given != 0;
	r->number = c->number;
	r->ifname_not = c->ifname_not != 0;
	memcpy(r->ifname, c->ifname, sizeof(r->ifname));
	if (rule_host(&c->from, &r->from) == -1 ||
	    rule_host(&c->to, &r->to) == -1 ||
	    rule_port(&c->from_port, &r->from_port) == -1 ||
	    rule_port(&c->to_port, &r->to_port) == -1)
		return -1;
	return 0;
}

void
found_release(struct found *f)
{
	if (f != NULL && --f->readers == 0)
		free(f);
}

int
search_begin(struct search *s, const struct meter *m,
    const struct ctl_states *wanted)
{
	struct found *f;
	struct rule rule;

	if (search_rule(wanted, &rule) == -1)
		return -1;
	f = malloc(sizeof(*f) + wanted->rows * sizeof(f->states[0]));
	if (f == NULL)
		return -1;
	f->readers = 1;
	f->n = 0;
	found_release(s->found);
	s->found = f;
	s->wanted = *wanted;
	s->rule = rule;
	s->cursor = 0;
	s->dumps = m->counters->dumps;
	s->running = 1;
	return 0;
}

static uint64_t
key_of(const struct track_living *living, uint32_t order)
{
	const struct flow *f = &living->flow;

	switch (order) {
	case CTL_BY_RATE:
		return living->rate;
	case CTL_BY_PACKETS:
		return f->packets[0] + f->packets[1];
	case CTL_BY_AGE:
		return f->age;
	default:
		return f->bytes[0] + f->bytes[1];
	}
}

static void
swap(struct found_state *a, struct found_state *b)
{
	struct found_state other = *a;

	*a = *b;
	*b = other;
}

/* The found states are a heap, whose first one has the smallest key. */
static void
sift_up(struct found *f, uint32_t i)
{
	for (; i > 0 && f->states[(i - 1) / 2].key > f->states[i].key;
	     i = (i - 1) / 2)
		swap(&f->states[i], &f->states[(i - 1) / 2]);
}

static void
sift_down(struct found *f)
{
	uint32_t i = 0, least;

	for (;; i = least) {
		least = 2 * i + 1;
		if (least >= f->n)
			return;
		if (least + 1 < f->n &&
		    f->states[least + 1].key < f->states[least].key)
			least++;
		if (f->states[i].key <= f->states[least].key)
			return;
		swap(&f->states[i], &f->states[least]);
	}
}

/* In place of the one that has the smallest key, if there is no room. */
static void
put(struct search *s, struct track_living *living)
{
	struct found *f = s->found;
	uint64_t key = key_of(living, s->wanted.order);
	int full = f->n == s->wanted.rows;
	struct found_state *to = &f->states[full ? 0 : f->n];

	if (full && key <= to->key)
		return;
	living->flow.label = FLOW_ALIVE;
	to->key = key;
	flowprint_state(&living->flow, living->joined ? &living->twin : NULL,
	    living->last, &to->flow);
	to->flow.rate = living->rate;
	if (full)
		sift_down(f);
	else
		sift_up(f, f->n++);
}

static int
most_first(const void *one, const void *other)
{
	const struct found_state *a = one, *b = other;

	return a->key < b->key ? 1 : a->key > b->key ? -1 : 0;
}

/* Of a pair, the in-state; but either interface may be the one. */
static int
wanted(const struct search *s, const struct meter *m,
    const struct track_living *living)
{
	enum flow_view view = m->conf->policy.view;
	struct flow f;

	if (rule_matches(&s->rule, &living->flow, view, &m->conf->self))
		return 1;
	if (!living->joined || s->rule.ifname[0] == '\0' || s->rule.ifname_not)
		return 0;
	f = living->flow;
	memcpy(f.ifname, living->twin.ifname, sizeof(f.ifname));
	return rule_matches(&s->rule, &f, view, &m->conf->self);
}

int
search_step(struct search *s, const struct meter *m, unsigned int n)
{
	struct track_living living;
	int found;

	if (!s->running)
		return 1;
	while ((found = source_alive(&m->source, &s->cursor, &n, &living)) == 1)
		if (wanted(s, m, &living))
			put(s, &living);
	if (found == 0)
		return 0;
	qsort(s->found->states, s->found->n, sizeof(s->found->states[0]),
	    most_first);
	s->running = 0;
	return 1;
}

struct found *
search_result(struct search *s, const struct meter *m,
    const struct ctl_states *wanted)
{
	if (s->found == NULL || s->running || s->dumps != m->counters->dumps ||
	    memcmp(&s->wanted, wanted, sizeof(*wanted)) != 0)
		return NULL;
	s->found->readers++;
	return s->found;
}

void
search_free(struct search *s)
{
	found_release(s->found);
	memset(s, 0, sizeof(*s));
}
