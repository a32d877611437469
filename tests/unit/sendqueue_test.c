/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <event2/event.h>

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "sink.h"

#include "common/log.h"
#include "pflowd/process/ledger.h"
#include "pflowd/export/sendqueue.h"
#include "pflowd/os/send.h"

static struct event_base *base;
static struct sendqueue *c;
static struct collector_counters counters;
static struct collector_health health;
static int peer;  /* what was sent can be read here */
static int rooms; /* calls of the callback */

static void
on_writable(void *arg)
{
	(void)arg;
	rooms++;
}

static void
start(int fd, unsigned int rate)
{
	const struct sendqueue_setup setup = { .name = "test:1",
		.fd = fd,
		.rate = rate,
		.counters = &counters,
		.health = &health,
		.writable = on_writable };

	memset(&counters, 0, sizeof(counters));
	rooms = 0;
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	c = sendqueue_new(base, &setup);
	assert_non_null(c);
}

/* A socket that takes few datagrams, and then none until some are read. */
static void
start_narrow(unsigned int rate)
{
	int pair[2], size = 1;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	peer = pair[1];
	assert_int_equal(fcntl(peer, F_SETFL, O_NONBLOCK), 0);
	start(pair[0], rate);
}

/* A UDP port of the loopback that may have a listener or not. */
static void
start_udp(int listener)
{
	int fd;

	peer = sink_open();
	fd = sink_sender(peer);
	if (!listener) {
		close(peer);
		peer = -1;
	}
	start(fd, 0);
}

/* Each record has 100 octets. */
static void
stop(void)
{
	assert_int_equal(counters.octets_sent, 100 * counters.sent);
	assert_int_equal(counters.octets_dropped, 100 * counters.dropped);
	assert_int_equal(counters.octets_failed,
	    100 * counters_failed(&counters));
	assert_int_equal(sendqueue_octets(c), 100 * sendqueue_queued(c));
	sendqueue_free(c);
	memset(&health, 0, sizeof(health));
	if (peer != -1)
		close(peer);
}

/* Datagrams are numbered, from first to last; each has 30 records. */
static void
push(unsigned int first, unsigned int last)
{
	for (; first <= last; first++) {
		memcpy(sendqueue_buffer(c), &first, sizeof(first));
		sendqueue_push(c, 100, 30, 3000);
	}
}

/* Read all that has arrived; it must go on from number `next`. */
static unsigned int
receive(unsigned int next)
{
	uint8_t data[SENDQUEUE_DATAGRAM];
	unsigned int number;

	while (recv(peer, data, sizeof(data), MSG_DONTWAIT) != -1) {
		memcpy(&number, data, sizeof(number));
		assert_int_equal(number, next);
		next++;
	}
	return next;
}

static void
check_sum(uint64_t built)
{
	assert_int_equal(built,
	    counters.sent + counters.dropped + counters_failed(&counters) +
		sendqueue_queued(c));
}

static void
test_sends(void **state)
{
	(void)state;
	start_udp(1);
	push(1, 5);
	assert_int_equal(sendqueue_waiting(c), 5);
	assert_int_equal(sendqueue_queued(c), 150);
	assert_int_equal(receive(1), 1);
	sendqueue_send(c);
	assert_int_equal(receive(1), 6);
	assert_int_equal(counters.sent, 150);
	assert_int_equal(counters.datagrams, 5);
	assert_int_equal(counters.bytes, 500);
	assert_int_equal(sendqueue_waiting(c), 0);
	assert_string_equal(sendqueue_name(c), "test:1");
	stop();
}

static void
test_full_batch_goes_at_once(void **state)
{
	(void)state;
	start_udp(1);
	push(1, SEND_BATCH - 1);
	assert_int_equal(counters.sent, 0);
	push(SEND_BATCH, SEND_BATCH);
	assert_int_equal(counters.datagrams, SEND_BATCH);
	stop();
}

/* The socket is full: what is queued goes out later, in order. */
static void
test_waits_until_writable(void **state)
{
	unsigned int next = 1;
	int turns;

	(void)state;
	start_narrow(0);
	push(1, 200);
	sendqueue_send(c);
	assert_true(counters.datagrams < 200);
	assert_true(sendqueue_waiting(c) > 0);
	assert_false(sendqueue_stuck(c));
	for (turns = 0; turns < 1000 && next <= 200; turns++) {
		next = receive(next);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	assert_int_equal(next, 201);
	assert_int_equal(counters.dropped, 0);
	assert_true(rooms > 0);
	check_sum(200 * 30);
	stop();
}

static void
test_queue_is_bounded(void **state)
{
	unsigned int next = 1, sent;

	(void)state;
	start_narrow(0);
	push(1, 64);
	sent = (unsigned int)counters.datagrams;
	push(65, sent + SENDQUEUE_QUEUE);
	assert_int_equal(counters.dropped, 0);
	assert_int_equal(sendqueue_waiting(c), SENDQUEUE_QUEUE);
	push(9000, 9002);
	assert_int_equal(counters.dropped, 3 * 30);
	check_sum((sent + SENDQUEUE_QUEUE + 3) * 30);
	while (next <= sent + SENDQUEUE_QUEUE) {
		next = receive(next);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	push(next, next);
	sendqueue_send(c);
	assert_int_equal(receive(next), next + 1);
	check_sum((sent + SENDQUEUE_QUEUE + 4) * 30);
	stop();
}

/* The ring goes round many times. */
static void
test_ring(void **state)
{
	unsigned int next = 1, pushed = 0;

	(void)state;
	start_narrow(0);
	while (pushed < 5000) {
		while (sendqueue_waiting(c) < SENDQUEUE_QUEUE - 7) {
			push(pushed + 1, pushed + 7);
			pushed += 7;
		}
		next = receive(next);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	assert_int_equal(counters.dropped, 0);
	check_sum(pushed * 30);
	stop();
}

/* Nobody listens: of what was sent, the next send is told. */
static void
test_refused(void **state)
{
	int i;

	(void)state;
	start_udp(0);
	for (i = 0; i < 10; i++) {
		push(1, 1);
		sendqueue_send(c);
	}
	assert_int_equal(sendqueue_waiting(c), 0);
	assert_true(counters.errors[SEND_REFUSED] >= 4);
	check_sum(300);
	/* The error was the datagram's before: every one was accepted. */
	assert_int_equal(counters.sent, 300);
	stop();
}

static void
count_line(void *arg, int priority, const char *line)
{
	(void)priority;
	(void)line;
	++*(int *)arg;
}

/* The collector of another engine knows that this one failed, and says no more.
 */
static void
test_inherited(void **state)
{
	struct sendqueue_state before, s;
	int lines = 0;

	(void)state;
	start_udp(0);
	log_watch(count_line, &lines);
	push(1, 1);
	sendqueue_send(c);
	push(1, 1);
	sendqueue_send(c);
	sendqueue_state(c, &before);
	assert_false(before.up);
	assert_int_equal(before.error, ECONNREFUSED);
	assert_int_equal(lines, 1);
	sendqueue_free(c);

	start_udp(0);
	sendqueue_state(c, &s);
	assert_memory_equal(&s, &before, sizeof(s));
	push(1, 10);
	sendqueue_send(c);
	sendqueue_state(c, &s);
	assert_false(s.up);
	assert_int_equal(s.since, before.since);
	assert_int_equal(lines, 1);
	log_watch(NULL, NULL);
	stop();

	start_udp(1);
	sendqueue_state(c, &s);
	assert_true(s.up);
	assert_int_equal(s.error, 0);
	stop();
}

static void
test_peer_gone(void **state)
{
	(void)state;
	start_narrow(0);
	close(peer); /* a socket that is gone for good */
	peer = -1;
	push(1, 3);
	sendqueue_send(c);
	assert_int_equal(sendqueue_waiting(c), 0);
	assert_int_equal(counters.sent, 0);
	assert_int_equal(counters_failed(&counters), 90);
	assert_int_equal(counters.errors[SEND_REFUSED] +
		counters.errors[SEND_OTHER],
	    6);
	stop();
}

static void
test_abandon(void **state)
{
	(void)state;
	start_udp(1);
	push(1, 10);
	sendqueue_abandon(c);
	assert_int_equal(counters.dropped, 300);
	assert_int_equal(sendqueue_waiting(c), 0);
	check_sum(300);
	push(1, 1);
	sendqueue_send(c);
	assert_int_equal(receive(1), 2);
	stop();
}

/* 50 datagrams at 500 a second take a tenth of one, and go in order. */
static void
test_rate(void **state)
{
	unsigned int next = 1;

	(void)state;
	start_narrow(500);
	push(1, 50);
	sendqueue_send(c);
	assert_true(counters.datagrams <= 2);
	while (next <= 50) {
		event_base_loop(base, EVLOOP_ONCE);
		next = receive(next);
	}
	assert_int_equal(counters.datagrams, 50);
	stop();
}

static int
set_up(void **state)
{
	(void)state;
	base = event_base_new();
	return base == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	event_base_free(base);
	return 0;
}

/* libevent's memory; none while it is refused. */
static int memory_refused;

static void *
event_memory(size_t size)
{
	return memory_refused ? NULL : malloc(size);
}

/* Another address is no time to be without a socket for ever. */
static void
test_socket_needs_no_memory(void **state)
{
	int pair[2];

	(void)state;
	start_udp(1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	memory_refused = 1;
	sendqueue_socket(c, pair[0]);
	memory_refused = 0;
	close(peer);
	peer = pair[1];
	push(0, 4);
	sendqueue_send(c);
	assert_int_equal(receive(0), 5);
	stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sends),
		cmocka_unit_test(test_full_batch_goes_at_once),
		cmocka_unit_test(test_waits_until_writable),
		cmocka_unit_test(test_queue_is_bounded),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_inherited),
		cmocka_unit_test(test_peer_gone),
		cmocka_unit_test(test_abandon),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_socket_needs_no_memory),
	};

	event_set_mem_functions(event_memory, realloc, free);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
