/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Decides about many states by so many rules, of which none matches but the
 * last, for callgrind to count: rules of direction and protocol, networks and
 * ports in turn, as firewalls have them.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pflowd/flow/rule.h"

#define STATES 10000

static void
add(struct rule_list *list, unsigned int i)
{
	struct rule r;

	memset(&r, 0, sizeof(r));
	r.direction = i % 4 == 0 ? FLOW_OUT : FLOW_IN;
	r.proto_given = 1;
	r.proto = i % 4 == 1 ? 17 : 6;
	r.to.kind = RULE_NET;
	r.to.family = 4;
	r.to.bits = 24;
	r.to.addr[0] = i % 4 == 2 ? 10 : 192;
	r.to_port.op = RULE_PORT_EQ;
	r.to_port.low = (uint16_t)(1000 + i);
	if (rule_add(list, &r) == -1)
		err(1, "rules");
}

int
main(int argc, char *argv[])
{
	struct rule_list list = { .n = 0 };
	static struct rule_self self;
	struct flow f;
	unsigned int i, n, decided = 0;

	if (argc != 2)
		errx(1, "usage: rulecost rules");
	n = (unsigned int)strtoul(argv[1], NULL, 10);
	for (i = 0; i < n; i++)
		add(&list, i);
	memset(&f, 0, sizeof(f));
	flow_set_family(&f, 4);
	f.proto = 6;
	f.direction = FLOW_IN;
	f.lan.addr[0] = f.gwy.addr[0] = 192;
	f.lan.port = f.gwy.port = (uint16_t)(1000 + n - 1);
	for (i = 0; i < STATES; i++)
		decided += rule_decide(&list, &f, FLOW_INSIDE, &self) != NULL;
	printf("%u of %d states decided\n", decided, STATES);
	rule_clear(&list);
	return 0;
}
