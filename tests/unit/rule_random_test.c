/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Random rules and states: a list decides as its rules do when each is asked.
 */

#include "unit.h"

#include "pflowd/flow/rule.h"

static struct flow f;

static uint8_t
random_byte(unsigned int below)
{
	return (uint8_t)((unsigned int)rand() % below);
}

static void
random_addr(uint8_t addr[16])
{
	memset(addr, 0, 16);
	addr[0] = random_byte(2) ? 10 : 192;
	addr[3] = random_byte(3);
	addr[15] = random_byte(3);
}

static void
random_host(struct rule_host *h)
{
	h->kind = random_byte(3);
	h->negate = h->kind != RULE_ANY && random_byte(2);
	h->family = h->kind == RULE_NET ? (random_byte(3) ? 4 : 6) : 0;
	h->bits = random_byte(h->family == 6 ? 129 : 33);
	random_addr(h->addr);
	rule_mask(h);
}

static void
random_port(struct rule_port *p)
{
	p->op = random_byte(3) ? (uint8_t)RULE_PORT_ANY :
				 random_byte(RULE_PORT_OUTSIDE + 1);
	p->low = random_byte(4);
	p->high = (uint16_t)(p->low + random_byte(3));
}

static void
random_ifname(char name[FLOW_IFNAME], int group)
{
	memset(name, 0, FLOW_IFNAME);
	if (group)
		strcpy(name, random_byte(2) ? "em" : "wm");
	else
		snprintf(name, FLOW_IFNAME, "%s%u",
		    random_byte(2) ? "em" : "wm", random_byte(30));
}

static void
random_rule(struct rule *q)
{
	memset(q, 0, sizeof(*q));
	q->quick = !random_byte(40);
	q->direction = random_byte(3);
	q->family = random_byte(2) ? 0 : (random_byte(2) ? 4 : 6);
	q->proto_given = random_byte(2);
	q->proto = random_byte(2) ? 6 : 1;
	q->number_given = !random_byte(4);
	q->number = random_byte(3);
	q->ifname_not = random_byte(2);
	if (random_byte(2))
		random_ifname(q->ifname, random_byte(2));
	random_host(&q->from);
	random_host(&q->to);
	random_port(&q->from_port);
	random_port(&q->to_port);
}

static void
random_flow(void)
{
	f.direction = (uint8_t)(1 + random_byte(2));
	flow_set_family(&f, random_byte(2) ? 4 : 6);
	f.proto = random_byte(2) ? 6 : 1;
	f.rule = random_byte(3);
	random_ifname(f.ifname, 0);
	random_addr(f.lan.addr);
	random_addr(f.gwy.addr);
	random_addr(f.ext.addr);
	f.lan.port = random_byte(5);
	f.gwy.port = random_byte(5);
	f.ext.port = random_byte(5);
}

/* The quick way to decide agrees with a look at every rule. */
static void
test_random(void **state)
{
	static struct rule_list list;
	static struct rule_self self;
	struct rule q;
	const struct rule *last;
	uint8_t addr[16];
	unsigned int n, i, decided = 0;
	enum flow_view view;

	(void)state;
	random_addr(addr);
	rule_self_add(&self, 4, addr);
	for (i = 0; i < 300; i++) {
		random_rule(&q);
		assert_int_equal(rule_add(&list, &q), 0);
	}
	assert_int_equal(list.nnames, RULE_NAMES); /* and some without a bit */
	for (n = 0; n < 20000; n++) {
		random_flow();
		view = (enum flow_view)random_byte(3);
		last = NULL;
		for (i = 0; i < list.n; i++) {
			if (!rule_matches(&list.rules[i], &f, view, &self))
				continue;
			last = &list.rules[i];
			if (last->quick)
				break;
		}
		assert_ptr_equal(rule_decide(&list, &f, view, &self), last);
		decided += last != NULL;
	}
	assert_true(decided > 1000);
	rule_clear(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return RUN(tests);
}
