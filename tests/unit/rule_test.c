/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <arpa/inet.h>

#include "rules.h"

static struct rule_self self;
static struct rule r;
static struct flow f;

/* A TCP connection from 10.1.2.3:4000 that came in on em0, to 192.0.2.1:80. */
static int
set_up(void **state)
{
	(void)state;
	memset(&self, 0, sizeof(self));
	memset(&r, 0, sizeof(r));
	memset(&f, 0, sizeof(f));
	flow_set_family(&f, 4);
	f.proto = 6;
	f.direction = FLOW_IN;
	f.rule = 12;
	strcpy(f.ifname, "em0");
	/* The initiator of what comes in is the outer end. */
	assert_int_equal(inet_pton(AF_INET, "10.1.2.3", f.ext.addr), 1);
	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", f.lan.addr), 1);
	f.gwy = f.lan;
	f.ext.port = 4000;
	f.lan.port = f.gwy.port = 80;
	return 0;
}

/* Whether r, alone in a list, decides about f: both ways to look at it agree.
 */
static int
decides(enum flow_view view)
{
	struct rule_list list = { .n = 0 };
	int result;

	assert_int_equal(rule_add(&list, &r), 0);
	result = rule_decide(&list, &f, view, &self) != NULL;
	assert_int_equal(result, rule_matches(&r, &f, view, &self));
	rule_clear(&list);
	return result;
}

static int
matches(void)
{
	return decides(FLOW_INSIDE);
}

static void
test_fields(void **state)
{
	(void)state;
	assert_true(matches());
	r.direction = FLOW_OUT;
	assert_false(matches());
	r.direction = FLOW_IN;
	assert_true(matches());
	r.family = 6;
	assert_false(matches());
	r.family = 4;
	assert_true(matches());
	r.proto_given = 1;
	assert_false(matches());
	r.proto = 6;
	assert_true(matches());
	r.number_given = 1;
	assert_false(matches());
	r.number = 12;
	assert_true(matches());
	f.rule = UINT32_MAX; /* none */
	assert_false(matches());
}

static void
check_ifname(const char *name, const char *of_flow, int wanted)
{
	memset(r.ifname, 0, sizeof(r.ifname));
	memset(f.ifname, 0, sizeof(f.ifname));
	memcpy(r.ifname, name, strlen(name));
	memcpy(f.ifname, of_flow, strlen(of_flow));
	r.ifname_not = 0;
	assert_int_equal(matches(), wanted);
	r.ifname_not = 1;
	assert_int_equal(matches(), *name == '\0' ? 1 : !wanted);
}

static void
test_ifname(void **state)
{
	(void)state;
	check_ifname("", "em0", 1);
	check_ifname("em0", "em0", 1);
	check_ifname("em0", "em1", 0);
	check_ifname("em0", "em01", 0);
	check_ifname("em0", "em", 0);
	check_ifname("em", "em0", 1);
	check_ifname("em", "em17", 1);
	check_ifname("em", "em", 1);
	check_ifname("em", "emx0", 0);
	check_ifname("em", "e", 0);
	check_ifname("em", "all", 0); /* floating */
	check_ifname("abcdefghijklmno", "abcdefghijklmno", 1);
	check_ifname("abcdefghijklmn", "abcdefghijklmn0", 1);
}

/* Which of these ports an operator takes, as a bit each. */
static const uint16_t probes[] = { 0, 79, 80, 81, 89, 90, 91, 65535 };

static void
check_port(int op, unsigned int low, unsigned int high, unsigned int wanted)
{
	unsigned int i, got = 0;

	r.to_port.op = (uint8_t)op;
	r.to_port.low = (uint16_t)low;
	r.to_port.high = (uint16_t)high;
	for (i = 0; i < 8; i++) {
		f.lan.port = probes[i];
		got |= (unsigned int)matches() << i;
	}
	assert_int_equal(got, wanted);
}

static void
test_ports(void **state)
{
	(void)state;
	check_port(RULE_PORT_ANY, 0, 0, 0xff);
	check_port(RULE_PORT_EQ, 80, 0, 0x04);
	check_port(RULE_PORT_NE, 80, 0, 0xfb);
	check_port(RULE_PORT_LT, 80, 0, 0x03);
	check_port(RULE_PORT_LE, 80, 0, 0x07);
	check_port(RULE_PORT_GT, 80, 0, 0xf8);
	check_port(RULE_PORT_GE, 80, 0, 0xfc);
	check_port(RULE_PORT_RANGE, 80, 90, 0x3c);
	check_port(RULE_PORT_BETWEEN, 80, 90, 0x18);
	check_port(RULE_PORT_OUTSIDE, 80, 90, 0xc3);
	check_port(RULE_PORT_LT, 0, 0, 0);
	check_port(RULE_PORT_GT, 65535, 0, 0);
	check_port(RULE_PORT_RANGE, 0, 65535, 0xff);
	check_port(99, 0, 65535, 0); /* no operator */
}

/* A protocol without ports has none that any operator takes. */
static void
test_no_ports(void **state)
{
	int op;

	(void)state;
	f.proto = 1;
	f.ext.port = f.lan.port = 0;
	assert_true(matches());
	for (op = RULE_PORT_EQ; op <= RULE_PORT_OUTSIDE; op++) {
		r.from_port.op = (uint8_t)op;
		assert_false(matches());
	}
	f.proto = 17;
	r.from_port.op = RULE_PORT_EQ;
	assert_true(matches());
	f.ext.port = 1;
	assert_false(matches());
}

/* At every length: the address, and with the last bit of the net flipped. */
static void
check_prefixes(const char *addr, uint8_t *of_flow, unsigned int most)
{
	unsigned int bits;

	for (bits = 0; bits <= most; bits++) {
		set_host(&r.from, addr, bits);
		memcpy(of_flow, r.from.addr, 16);
		rule_mask(&r.from);
		assert_true(matches());
		r.from.negate = 1;
		assert_false(matches());
		if (bits < most)
			of_flow[bits / 8] ^= (uint8_t)(0x80 >> bits % 8);
		assert_false(matches());
		if (bits == 0)
			continue;
		of_flow[(bits - 1) / 8] ^= (uint8_t)(0x80 >> (bits - 1) % 8);
		assert_true(matches());
		r.from.negate = 0;
		assert_false(matches());
	}
}

static void
test_prefixes(void **state)
{
	(void)state;
	check_prefixes("170.85.195.60", f.ext.addr, 32);
	flow_set_family(&f, 6);
	check_prefixes("aaaa:5555:ffff:0:1234:8000:1:fedc", f.ext.addr, 128);
}

static void
test_mask(void **state)
{
	static const uint8_t zero[16];

	(void)state;
	set_host(&r.from, "255.255.255.255", 13);
	rule_mask(&r.from);
	assert_memory_equal(r.from.addr, "\377\370\0\0", 4);
	set_host(&r.from, "ffff::ffff", 0);
	rule_mask(&r.from);
	assert_memory_equal(r.from.addr, zero, 16);
}

/* A network says its family, negated or not. */
static void
test_family_of_net(void **state)
{
	(void)state;
	set_host(&r.to, "2001:db8::", 32);
	assert_false(matches());
	r.to.negate = 1;
	assert_false(matches());
	flow_set_family(&f, 6);
	assert_true(matches());
	set_host(&r.to, "0.0.0.0", 0);
	assert_false(matches());
}

static void
test_self(void **state)
{
	uint8_t addr[16] = { 192, 0, 2, 1 };
	unsigned int i;

	(void)state;
	r.to.kind = RULE_SELF;
	assert_false(matches());
	r.to.negate = 1;
	assert_true(matches());
	rule_self_add(&self, 6, addr);
	assert_true(matches());
	rule_self_add(&self, 4, addr);
	rule_self_add(&self, 4, addr);
	assert_int_equal(self.n, 2);
	assert_false(matches());
	r.to.negate = 0;
	assert_true(matches());
	for (i = 0; i < 2 * RULE_SELF_MAX; i++) {
		addr[0] = (uint8_t)i;
		addr[1] = (uint8_t)(i >> 8);
		rule_self_add(&self, 4, addr);
	}
	assert_int_equal(self.n, RULE_SELF_MAX);
}

/* Which ends from and to are, in each direction and view. */
static void
test_views(void **state)
{
	(void)state;
	f.direction = FLOW_OUT;
	assert_int_equal(inet_pton(AF_INET, "198.51.100.1", f.gwy.addr), 1);
	set_host(&r.from, "192.0.2.1", 32);
	set_host(&r.to, "10.1.2.3", 32);
	assert_true(decides(FLOW_INSIDE));
	assert_false(decides(FLOW_OUTSIDE));
	set_host(&r.from, "198.51.100.1", 32);
	assert_true(decides(FLOW_OUTSIDE));
	assert_false(decides(FLOW_INSIDE));
}

static void
set_addr(struct flow_host *host, const char *text)
{
	memset(host->addr, 0, sizeof(host->addr));
	assert_int_equal(inet_pton(AF_INET, text, host->addr), 1);
}

/*
 * Who is the firewall itself is no matter of the view: not who is translated to
 * its address, nor who is reached by it.
 */
static void
test_self_translated(void **state)
{
	static const uint8_t addr[16] = { 198, 51, 100, 1 };
	enum flow_view view;

	(void)state;
	rule_self_add(&self, 4, addr);
	for (view = FLOW_INSIDE; view <= FLOW_ORIGINAL; view++) {
		memset(&r, 0, sizeof(r));
		r.from.kind = RULE_SELF;
		f.direction = FLOW_OUT;
		set_addr(&f.lan, "192.0.2.1");
		set_addr(&f.gwy, "198.51.100.1");
		assert_false(decides(view));
		r.from.negate = 1;
		assert_true(decides(view));
		r.from.negate = 0;
		set_addr(&f.lan, "198.51.100.1");
		assert_true(decides(view));
		set_addr(&f.gwy, "203.0.113.1");
		assert_true(decides(view));

		memset(&r, 0, sizeof(r));
		r.to.kind = RULE_SELF;
		f.direction = FLOW_IN;
		set_addr(&f.lan, "192.0.2.1");
		set_addr(&f.gwy, "198.51.100.1");
		assert_false(decides(view));
		set_addr(&f.lan, "198.51.100.1");
		assert_true(decides(view));
	}
}

/* The place of the rule that decides in a list of three, -1: none does. */
static int
decider(const struct rule rules[3])
{
	struct rule_list list = { .n = 0 };
	const struct rule *decided;
	int i, place;

	for (i = 0; i < 3; i++)
		assert_int_equal(rule_add(&list, &rules[i]), 0);
	decided = rule_decide(&list, &f, FLOW_INSIDE, &self);
	place = decided == NULL ? -1 : (int)(decided - list.rules);
	rule_clear(&list);
	assert_int_equal(list.n, 0);
	assert_null(rule_decide(&list, &f, FLOW_INSIDE, &self));
	return place;
}

static void
test_order(void **state)
{
	struct rule none = { .number_given = 1, .number = 99 };
	struct rule rules[3] = { r, r, none };

	(void)state;
	assert_int_equal(decider(rules), 1);
	rules[2].quick = 1; /* of no effect: it does not match */
	assert_int_equal(decider(rules), 1);
	rules[0].quick = 1;
	assert_int_equal(decider(rules), 0);
	rules[0] = rules[1] = none;
	assert_int_equal(decider(rules), -1);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fields),
		TEST(test_ifname),
		TEST(test_ports),
		TEST(test_no_ports),
		TEST(test_prefixes),
		TEST(test_mask),
		TEST(test_family_of_net),
		TEST(test_self),
		TEST(test_self_translated),
		TEST(test_views),
		TEST(test_order),
	};

	return RUN(tests);
}
