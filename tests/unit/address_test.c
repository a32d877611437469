/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include "unit.h"

#include "common/address.h"

static struct sockaddr_storage
address(const char *text, uint16_t port, uint32_t scope)
{
	struct sockaddr_storage ss;
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	memset(&ss, 0, sizeof(ss));
	in.sin_port = in6.sin6_port = htons(port);
	in6.sin6_scope_id = scope;
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		memcpy(&ss, &in, sizeof(in));
	else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
		memcpy(&ss, &in6, sizeof(in6));
	return ss;
}

static int
same(const struct sockaddr_storage *a, struct sockaddr_storage b)
{
	return address_same(a, &b);
}

static void
test_same(void **state)
{
	struct sockaddr_storage a = address("192.0.2.1", 1, 0);

	(void)state;
	assert_true(same(&a, address("192.0.2.1", 2, 0)));
	assert_false(same(&a, address("192.0.2.2", 1, 0)));
	assert_false(same(&a, address("::ffff:192.0.2.1", 1, 0)));
	assert_false(same(&a, address("", 1, 0)));
	a = address("2001:db8::1", 1, 0);
	assert_true(same(&a, address("2001:db8::1", 2, 0)));
	assert_false(same(&a, address("2001:db8::2", 1, 0)));
	a = address("", 0, 0);
	assert_true(same(&a, address("", 0, 0)));
}

/* The same address on another interface is another address. */
static void
test_scope(void **state)
{
	struct sockaddr_storage a = address("fe80::1", 1, 3);

	(void)state;
	assert_true(same(&a, address("fe80::1", 2, 3)));
	assert_false(same(&a, address("fe80::1", 1, 4)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_scope),
	};

	return RUN(tests);
}
