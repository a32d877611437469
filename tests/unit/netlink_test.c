/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The other end of a socket plays the kernel: its answers are there before the
 * question, or come from another process.
 */

#include "unit.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <unistd.h>

#include "pflowd/os/netlink.h"
#include "pflowd/os/statedump.h"

#define PFCTL 17
#define STATE 464 /* bytes of a message */

#define TYPE_ERROR 2
#define TYPE_DONE 3
#define TYPE_OVERRUN 4
#define MULTI 2
#define INTERRUPTED 0x10

struct kernel {
	int fd;
	struct netlink netlink;
	struct dumpbuffer states;
	uint8_t message[STATEDUMP_PIECE];
	size_t len; /* of what send_all() will send */
};

static void
put16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void
put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static uint8_t *
add_message(struct kernel *k, uint32_t len, uint16_t type, uint16_t flags,
    uint32_t sequence)
{
	uint8_t *p = k->message + k->len;

	assert_true(k->len + len <= sizeof(k->message));
	memset(p, 0, len);
	put32(p, len);
	put16(p + 4, type);
	put16(p + 6, flags);
	put32(p + 8, sequence);
	k->len += len;
	return p;
}

static uint8_t *
add_attribute(uint8_t *p, uint16_t type, const void *data, uint16_t size)
{
	put16(p, 4 + size);
	put16(p + 2, type);
	memcpy(p + 4, data, size);
	return p + 4 + (size + 3) / 4 * 4;
}

static void
add_states(struct kernel *k, unsigned int n, uint32_t sequence)
{
	uint8_t *p;
	unsigned int i;

	for (i = 0; i < n; i++) {
		p = add_message(k, STATE, PFCTL, MULTI, sequence);
		memset(p + 20, 's', STATE - 20);
	}
}

static void
add_end(struct kernel *k, uint16_t type, uint32_t error, uint32_t sequence)
{
	uint8_t *p = add_message(k, 20, type, MULTI, sequence);

	put32(p + 16, error);
}

static void
send_all(struct kernel *k)
{
	assert_int_equal(send(k->fd, k->message, k->len, 0), k->len);
	k->len = 0;
}

/* The question, as it stands in the socket. */
static size_t
question(struct kernel *k, uint8_t *to, size_t size)
{
	ssize_t len = recv(k->fd, to, size, MSG_DONTWAIT);

	assert_true(len > 0);
	return (size_t)len;
}

static int
setup(void **state)
{
	static struct kernel k;
	int pair[2];

	memset(&k, 0, sizeof(k));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1)
		return -1;
	k.fd = pair[1];
	k.netlink.fd = pair[0];
	k.netlink.family = PFCTL;
	*state = &k;
	return 0;
}

static int
teardown(void **state)
{
	struct kernel *k = *state;

	dumpbuffer_free(&k->states);
	close(k->fd);
	close(k->netlink.fd);
	return 0;
}

static void
test_family(void **state)
{
	/* struct nlmsghdr, struct genlmsghdr, CTRL_ATTR_FAMILY_NAME */
	const uint8_t name[] = "pfctl";
	struct kernel *k = *state;
	const uint16_t id = 29;
	const uint32_t version = 2;
	uint8_t asked[64], *p;

	p = add_message(k, 20 + 12 + 8 + 8, NETLINK_CONTROL, 0, 1) + 20;
	p = add_attribute(p, NETLINK_FAMILY_NAME, name, sizeof(name));
	p = add_attribute(p, 3, &version, sizeof(version));
	add_attribute(p, NETLINK_FAMILY_ID, &id, sizeof(id));
	send_all(k);
	assert_int_equal(netlink_open(&k->netlink, k->netlink.fd), 0);
	assert_int_equal(k->netlink.family, 29);

	assert_int_equal(question(k, asked, sizeof(asked)), 32);
	p = add_message(k, 32, 16, 1, 1);
	p[16] = 3;
	p[17] = 1;
	add_attribute(p + 20, 2, name, sizeof(name));
	assert_memory_equal(asked, p, 32);
}

static void
test_no_family(void **state)
{
	struct kernel *k = *state;

	add_end(k, TYPE_ERROR, ENOENT, 1);
	send_all(k);
	assert_int_equal(netlink_open(&k->netlink, k->netlink.fd), ENOENT);
}

/* All messages of the answer are kept, but for its end; in pieces. */
static void
check_states(struct kernel *k, size_t n)
{
	const uint8_t *data;
	size_t len, i, seen = 0;
	uint16_t type;

	while ((len = netlink_messages(&k->states, &data)) > 0) {
		assert_true(len <= STATEDUMP_PIECE);
		assert_int_equal(len % STATE, 0);
		for (i = 0; i < len; i += STATE, seen++) {
			memcpy(&type, data + i + 4, sizeof(type));
			assert_int_equal(type, PFCTL);
			assert_int_equal(data[i + STATE - 1], 's');
		}
	}
	assert_int_equal(seen, n);
}

static void
test_dump(void **state)
{
	struct kernel *k = *state;

	add_states(k, 140, 1);
	send_all(k);
	add_states(k, 139, 1);
	send_all(k);
	add_end(k, TYPE_DONE, 0, 1);
	send_all(k);
	assert_int_equal(netlink_states(&k->netlink, &k->states), 0);
	check_states(k, 279);

	add_end(k, TYPE_DONE, 0, 2);
	send_all(k);
	assert_int_equal(netlink_states(&k->netlink, &k->states), 0);
	check_states(k, 0);
}

/* More than the memory has at first: what was read stays. */
static void
test_growth(void **state)
{
	struct kernel *k = *state;
	pid_t pid;
	int i, status;

	if ((pid = fork()) == 0) {
		for (i = 0; i < 50; i++) {
			add_states(k, 141, 1);
			send_all(k);
		}
		add_end(k, TYPE_DONE, 0, 1);
		send_all(k);
		_exit(0);
	}
	assert_int_equal(netlink_states(&k->netlink, &k->states), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	check_states(k, 50 * 141);
}

/* A dump is whole or void. */
static void
check_void(struct kernel *k, int error)
{
	const uint8_t *data;

	send_all(k);
	assert_int_equal(netlink_states(&k->netlink, &k->states), error);
	assert_int_equal(netlink_messages(&k->states, &data), 0);
}

static void
test_void(void **state)
{
	struct kernel *k = *state;

	add_states(k, 3, 1);
	add_end(k, TYPE_DONE, ENOMEM, 1);
	check_void(k, ENOMEM);
	add_states(k, 3, 2);
	add_end(k, TYPE_ERROR, EPERM, 2);
	check_void(k, EPERM);
	add_states(k, 3, 3);
	add_message(k, 16, TYPE_OVERRUN, 0, 0);
	add_end(k, TYPE_DONE, 0, 3);
	check_void(k, ENOBUFS);
	add_message(k, STATE, PFCTL, MULTI | INTERRUPTED, 4);
	check_void(k, EAGAIN);
	add_message(k, 16, TYPE_DONE, MULTI, 5);
	check_void(k, EBADMSG);
	add_message(k, 16, PFCTL, MULTI, 6);
	check_void(k, EBADMSG);
	add_states(k, 1, 7);
	k->len -= 4; /* longer than what was received */
	check_void(k, EBADMSG);
	add_message(k, 21, PFCTL, MULTI, 8);
	check_void(k, EBADMSG);
	k->len = 15;
	check_void(k, EBADMSG);
}

/* What is left of a dump that failed does not get into the next one. */
static void
test_remainder(void **state)
{
	struct kernel *k = *state;

	add_states(k, 3, 1);
	add_end(k, TYPE_DONE, ENOMEM, 1);
	add_states(k, 3, 1);
	check_void(k, ENOMEM);
	add_end(k, TYPE_ERROR, ENOMEM, 1);
	send_all(k);
	add_states(k, 5, 2);
	add_end(k, TYPE_DONE, 0, 2);
	send_all(k);
	assert_int_equal(netlink_states(&k->netlink, &k->states), 0);
	check_states(k, 5);
}

static void
test_gone(void **state)
{
	struct kernel *k = *state;

	shutdown(k->fd, SHUT_WR);
	assert_int_equal(netlink_states(&k->netlink, &k->states), ECONNRESET);
}

static void
test_numbers(void **state)
{
	struct kernel *k = *state;
	uint32_t index = 5, seconds = 90, n;
	uint8_t asked[64], *p;

	p = add_message(k, 28, PFCTL, 0, 1);
	add_attribute(p + 20, NETLINK_TIMEOUT_SECONDS, &seconds, 4);
	send_all(k);
	assert_int_equal(netlink_timeout(&k->netlink, index, &n), 0);
	assert_int_equal(n, 90);
	assert_int_equal(question(k, asked, sizeof(asked)), 28);
	p = add_message(k, 28, PFCTL, 1, 1);
	p[16] = NETLINK_GET_TIMEOUT;
	p[17] = 1;
	add_attribute(p + 20, NETLINK_TIMEOUT_INDEX, &index, 4);
	assert_memory_equal(asked, p, 28);
	k->len = 0;

	add_end(k, TYPE_ERROR, EINVAL, 2);
	send_all(k);
	assert_int_equal(netlink_timeout(&k->netlink, 40, &n), EINVAL);

	add_message(k, 20, PFCTL, 0, 3);
	send_all(k);
	assert_int_equal(netlink_limit(&k->netlink, 0, &n), EBADMSG);
	add_end(k, TYPE_ERROR, 0, 4);
	send_all(k);
	assert_int_equal(netlink_limit(&k->netlink, 0, &n), EBADMSG);
}

static uint8_t *
add_counter(uint8_t *p, uint16_t type, uint32_t id, uint64_t value)
{
	uint8_t data[32], *end;

	end = add_attribute(data, NETLINK_COUNTER_ID, &id, sizeof(id));
	end = add_attribute(end, NETLINK_COUNTER, &value, sizeof(value));
	return add_attribute(p, type, data, (uint16_t)(end - data));
}

static void
test_status(void **state)
{
	struct kernel *k = *state;
	const uint8_t yes = 1;
	uint64_t counters[2];
	uint8_t *p;
	int enabled;

	p = add_message(k, 20 + 8 + 4 * 24, PFCTL, 0, 1) + 20;
	p = add_attribute(p, NETLINK_STATUS_RUNNING, &yes, 1);
	p = add_counter(p, 10, 1, 3);
	p = add_counter(p, NETLINK_STATUS_FCOUNTERS, 0, 4);
	p = add_counter(p, NETLINK_STATUS_FCOUNTERS, 1, 5);
	add_counter(p, NETLINK_STATUS_FCOUNTERS, 2, UINT64_C(1) << 40);
	send_all(k);
	assert_int_equal(netlink_status(&k->netlink, &enabled, counters), 0);
	assert_int_equal(enabled, 1);
	assert_int_equal(counters[0], 5);
	assert_int_equal(counters[1], UINT64_C(1) << 40);

	p = add_message(k, 20 + 8 + 24, PFCTL, 0, 2) + 20;
	p = add_attribute(p, NETLINK_STATUS_RUNNING, &yes, 1);
	add_counter(p, NETLINK_STATUS_FCOUNTERS, 1, 5);
	send_all(k);
	assert_int_equal(netlink_status(&k->netlink, &enabled, counters),
	    EBADMSG);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_family),
		TEST(test_no_family),
		TEST(test_dump),
		TEST(test_growth),
		TEST(test_void),
		TEST(test_remainder),
		TEST(test_gone),
		TEST(test_numbers),
		TEST(test_status),
	};

	return RUN(tests);
}
