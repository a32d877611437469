/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <net/if.h>

#include "unit.h"

#include "pflowd/conf/ifindex.h"

static uint32_t
find(struct ifindex *t, const char *name)
{
	char padded[FLOW_IFNAME] = "";

	memcpy(padded, name, strlen(name));
	return ifindex_find(t, padded);
}

static void
add(struct ifindex *t, const char *name, uint32_t index)
{
	struct ifindex_entry e = { .index = index };

	memcpy(e.name, name, strlen(name));
	ifindex_add(t, &e);
}

static void
test_find(void **state)
{
	static struct ifindex t;

	(void)state;
	assert_int_equal(find(&t, "em0"), 0);
	add(&t, "em0", 3);
	add(&t, "em1", 70000);
	add(&t, "abcdefghijklmno", 5);
	assert_int_equal(t.n, 3);
	assert_int_equal(find(&t, "em1"), 70000);
	assert_int_equal(find(&t, "em1"), 70000);
	assert_int_equal(find(&t, "em0"), 3);
	assert_int_equal(find(&t, "abcdefghijklmno"), 5);
	assert_int_equal(find(&t, "em"), 0);
	assert_int_equal(find(&t, "em10"), 0);
	assert_int_equal(find(&t, ""), 0);
}

static void
test_full(void **state)
{
	static struct ifindex t;
	char name[FLOW_IFNAME];
	unsigned int i;

	(void)state;
	for (i = 0; i < IFINDEX_MAX + 10; i++) {
		snprintf(name, sizeof(name), "vlan%u", i);
		add(&t, name, i + 1);
	}
	assert_int_equal(t.n, IFINDEX_MAX);
	assert_int_equal(find(&t, "vlan511"), 512);
	assert_int_equal(find(&t, "vlan512"), 0);
}

static void
test_system(void **state)
{
	static struct ifindex t;
	struct if_nameindex *list = if_nameindex();
	int i;

	(void)state;
	assert_non_null(list);
	assert_int_equal(ifindex_load(&t), 0);
	for (i = 0; list[i].if_index != 0; i++)
		assert_int_equal(find(&t, list[i].if_name), list[i].if_index);
	assert_int_equal(t.n, i);
	if_freenameindex(list);
}

/* A host, and a group of hosts. */
static void
test_broadcast(void **state)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 1 };
	static const uint8_t group[4] = { 233, 252, 0, 255 };

	(void)state;
	assert_false(ifindex_is_broadcast(loopback));
	assert_false(ifindex_is_broadcast(group));
}

/* What is fixed stays, whatever the system says. */
static void
test_fixed(void **state)
{
	static struct ifindex t;
	struct if_nameindex *list = if_nameindex();

	(void)state;
	assert_non_null(list);
	assert_int_equal(ifindex_fix(&t, list[0].if_name, 4711), 0);
	assert_int_equal(ifindex_fix(&t, "nowhere9", 42), 0);
	assert_int_equal(ifindex_fix(&t, "nowhere9", 43), 0);
	assert_int_equal(ifindex_load(&t), 0);
	assert_int_equal(ifindex_load(&t), 0);
	assert_int_equal(find(&t, list[0].if_name), 4711);
	assert_int_equal(find(&t, "nowhere9"), 43);
	if_freenameindex(list);
}

static void
test_self(void **state)
{
	static const uint8_t loopback[16] = { 127, 0, 0, 1 };
	static const uint8_t other[16] = { 192, 0, 2, 1 };
	static struct rule_self self;

	(void)state;
	assert_int_equal(ifindex_self(&self), 0);
	assert_true(rule_self_has(&self, 4, loopback));
	assert_false(rule_self_has(&self, 4, other));
}

static void
test_there(void **state)
{
	(void)state;
	assert_true(ifindex_there("lo", 0) || ifindex_there("lo0", 0));
	assert_false(ifindex_there("nowhere9", 0));
	assert_false(ifindex_there("nowhere9", 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_system),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_broadcast),
		cmocka_unit_test(test_self),
		cmocka_unit_test(test_there),
	};

	return RUN(tests);
}
