/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the asking side makes of a resolver's answers.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <event2/event.h>
#include <netdb.h>

#include <limits.h>

#include "unit.h"

#include "pflowd/process/build.h"
#include "pflowd/process/link.h"
#include "pflowd/parent/resolver_ask.h"

const char build_id[] = "a build of ours";

#define PORT 2055

/* Nobody has this number, so nobody is killed. */
#define NOBODY INT_MAX

static struct event_base *base;
static struct child_list children;
static struct resolver_ask ask;
static struct msg_conn theirs;
static struct resolver_answer answer, got;
static int answers;
static const char *why;

static void
on_done(void *arg, const struct resolver_answer *a, const char *text)
{
	assert_ptr_equal(arg, &got);
	answers++;
	why = text;
	if (a != NULL)
		got = *a;
}

static int
set_up(void **state)
{
	int pair[2];

	(void)state;
	LIST_INIT(&children);
	assert_non_null(base = event_base_new());
	assert_int_equal(resolver_ask_init(&ask, &children, base, on_done,
			     &got),
	    0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	msg_init(&theirs, pair[1], 4096, 0);
	ask.question.port = PORT;
	ask.waiting = 1;
	child_attach(&ask.child, NOBODY, pair[0]);
	memset(&answer, 0, sizeof(answer));
	answers = 0;
	why = "";
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	resolver_ask_free(&ask);
	assert_true(LIST_EMPTY(&children));
	event_base_free(base);
	msg_close(&theirs);
	return 0;
}

/* Let the asking side read. */
static void
turn(void)
{
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
says(uint32_t type, const void *data, size_t len)
{
	assert_int_equal(msg_send(&theirs, type, 0, data, len, -1), 0);
}

static void
greets(void)
{
	struct link_hello hello = { 0 };

	strcpy(hello.build, build_id);
	says(MSG_HELLO, &hello, sizeof(hello));
	turn();
	turn();
	assert_int_equal(answers, 0);
}

/* It is killed, and the reason is known, once. */
static void
is_wrong(const char *text)
{
	turn();
	turn();
	assert_int_equal(ask.child.state, CHILD_KILLED);
	assert_int_equal(answers, 1);
	assert_string_equal(why, text);
}

static void
test_address(void **state)
{
	struct sockaddr_in6 said = { .sin6_family = AF_INET6,
		.sin6_port = htons(53),
		.sin6_flowinfo = 0x12345,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct msg msg;

	(void)state;
	turn();
	assert_int_equal(answers, 0);
	greets();
	assert_int_equal(msg_receive(&theirs, &msg), 1);
	assert_int_equal(msg.type, MSG_RESOLVE_HOST);
	assert_int_equal(msg.len, sizeof(struct resolver_question));
	answer.addrlen = sizeof(said);
	memcpy(&answer.addr, &said, sizeof(said));
	says(MSG_RESOLVE_ADDR, &answer, sizeof(answer));
	turn();
	assert_int_equal(answers, 1);
	assert_null(why);
	assert_int_equal(ask.child.state, CHILD_KILLED);
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
	assert_string_equal(resolver_ask_error(EAI_NONAME),
	    gai_strerror(EAI_NONAME));
	assert_string_equal(resolver_ask_error(EAI_AGAIN),
	    gai_strerror(EAI_AGAIN));
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_string_equal(resolver_ask_error(unknown[i]),
		    "unknown error");
	greets();
	answer.error = EAI_NONAME;
	says(MSG_RESOLVE_ADDR, &answer, sizeof(answer));
	is_wrong(gai_strerror(EAI_NONAME));
}

/* What an answer is worth before it is known who answers: nothing. */
static void
test_early(void **state)
{
	(void)state;
	answer.error = EAI_NONAME;
	says(MSG_RESOLVE_ADDR, &answer, sizeof(answer));
	is_wrong("resolver sent an invalid message");
}

/* The end of the link is none yet; the end of the process is. */
static void
test_end(void **state)
{
	(void)state;
	greets();
	shutdown(theirs.fd, SHUT_WR);
	turn();
	turn();
	assert_int_equal(answers, 0);
	assert_int_not_equal(ask.child.until_us, 0);
	ask.child.kind->ended(&ask, 0);
	assert_int_equal(answers, 1);
	assert_string_equal(why, "resolver does not answer");
}

static void
test_no_message(void **state)
{
	uint8_t raw[512];

	(void)state;
	memset(raw, 'e', sizeof(raw));
	assert_int_equal(send(theirs.fd, raw, sizeof(raw), 0), sizeof(raw));
	is_wrong("resolver sent an invalid message");
}

static void
test_short(void **state)
{
	(void)state;
	greets();
	says(MSG_RESOLVE_ADDR, &answer, sizeof(answer) - 1);
	is_wrong("resolver sent an invalid message");
}

static void
test_type(void **state)
{
	(void)state;
	greets();
	says(MSG_ENGINE_LOG, &answer, sizeof(answer));
	is_wrong("resolver sent an invalid message");
}

static void
test_family(void **state)
{
	(void)state;
	greets();
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
	greets();
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
		cmocka_unit_test_setup_teardown(test_early, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_message, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_short, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_type, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_family, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_length, set_up, tear_down),
	};

	return RUN(tests);
}
