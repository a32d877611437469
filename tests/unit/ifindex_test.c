/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <net/if.h>

#include "unit.h"

#include "pflowd/ifindex.h"

static uint32_t
find(struct ifindex *t, const char *name)
{
	char padded[FLOW_IFNAME] = "";

	memcpy(padded, name, strlen(name));
	return ifindex_find(t, padded);
}

static void
test_find(void **state)
{
	static struct ifindex t;

	(void)state;
	assert_int_equal(find(&t, "em0"), 0);
	ifindex_add(&t, "em0", 3);
	ifindex_add(&t, "em1", 70000);
	ifindex_add(&t, "abcdefghijklmno", 5);
	ifindex_add(&t, "abcdefghijklmnop", 6); /* too long for a state */
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
		ifindex_add(&t, name, i + 1);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_system),
	};

	return RUN(tests);
}
