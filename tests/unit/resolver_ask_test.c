/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the asking side makes of a resolver's answers.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netdb.h>

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "unit.h"

#include "pflowd/process/build.h"
#include "pflowd/process/link.h"
#include "pflowd/parent/resolver_child.h"

const char build_id[] = "a build of ours";

#define PORT 2055

static struct msg_conn ours, theirs;
static struct resolve_answer answer, got;
static const char *why;

static int
set_up(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	msg_init(&ours, pair[0], 4096, 0);
	msg_init(&theirs, pair[1], 4096, 0);
	memset(&answer, 0, sizeof(answer));
	why = "";
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	msg_close(&ours);
	msg_close(&theirs);
	return 0;
}

static void
says(uint32_t type, const void *data, size_t len)
{
	assert_int_equal(msg_send(&theirs, type, 0, data, len, -1), 0);
}

static void
is_wrong(const char *text)
{
	assert_int_equal(resolve_take(&ours, PORT, &got, &why), -1);
	assert_string_equal(why, text);
}

static void
test_address(void **state)
{
	struct link_hello hello = { 0 };
	struct sockaddr_in6 said = { .sin6_family = AF_INET6,
		.sin6_port = htons(53),
		.sin6_flowinfo = 0x12345,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };

	(void)state;
	assert_int_equal(resolve_take(&ours, PORT, &got, &why), 0);
	strcpy(hello.build, build_id);
	says(MSG_HELLO, &hello, sizeof(hello));
	assert_int_equal(resolve_take(&ours, PORT, &got, &why), 0);
	answer.addrlen = sizeof(said);
	memcpy(&answer.addr, &said, sizeof(said));
	says(MSG_RESOLVE_ADDR, &answer, sizeof(answer));
	assert_int_equal(resolve_take(&ours, PORT, &got, &why), 1);
	/* Neither the port nor anything else but the host is the resolver's. */
	said.sin6_port = htons(PORT);
	said.sin6_flowinfo = 0;
	assert_int_equal(got.addrlen, sizeof(said));
	assert_memory_equal(&got.addr, &said, sizeof(said));
}

static void
test_another_build(void **state)
{
	struct link_hello hello = { "another" };

	(void)state;
	says(MSG_HELLO, &hello, sizeof(hello));
	is_wrong("binary replaced: restart pflowd");
}

/* The text is ours, whatever the number. */
static void
test_errors(void **state)
{
	static const int32_t unknown[] = { 1 << 20, INT32_MIN, INT32_MAX, -4711,
		0x6c697665 };
	size_t i;

	(void)state;
	assert_string_equal(resolve_error(EAI_NONAME),
	    gai_strerror(EAI_NONAME));
	assert_string_equal(resolve_error(EAI_AGAIN), gai_strerror(EAI_AGAIN));
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_string_equal(resolve_error(unknown[i]), "unknown error");
	answer.error = EAI_NONAME;
	says(MSG_RESOLVE_ADDR, &answer, sizeof(answer));
	is_wrong(gai_strerror(EAI_NONAME));
}

static void
test_end(void **state)
{
	(void)state;
	shutdown(theirs.fd, SHUT_WR);
	is_wrong("resolver does not answer");
}

static void
test_short(void **state)
{
	(void)state;
	says(MSG_RESOLVE_ADDR, &answer, sizeof(answer) - 1);
	is_wrong("resolver sent an invalid message");
}

static void
test_type(void **state)
{
	(void)state;
	says(MSG_ENGINE_LOG, &answer, sizeof(answer));
	is_wrong("resolver sent an invalid message");
}

static void
test_family(void **state)
{
	(void)state;
	answer.addr.ss_family = AF_UNIX;
	answer.addrlen = sizeof(answer.addr);
	says(MSG_RESOLVE_ADDR, &answer, sizeof(answer));
	is_wrong("resolver sent an invalid message");
}

/* An IPv4 address of more bytes than it has, which would be copied. */
static void
test_length(void **state)
{
	(void)state;
	answer.addr.ss_family = AF_INET;
	answer.addrlen = UINT32_MAX;
	says(MSG_RESOLVE_ADDR, &answer, sizeof(answer));
	is_wrong("resolver sent an invalid message");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_address, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_another_build, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_short, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_type, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_family, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_length, set_up, tear_down),
	};

	return RUN(tests);
}
