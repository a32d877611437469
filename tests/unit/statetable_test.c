/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Dumps of the state table that no kernel sends: cut, of other versions, with
 * attributes that are missing or too short.  What kernels send is in
 * tests/golden/states.
 */

#include "unit.h"

#include <netinet/in.h>

#include "common/bytes.h"
#include "pflowd/source/statetable.h"

#define V2_RECORD 384
#define V2_VERSION 20230404
#define OPENBSD_RECORD 264

static unsigned int
count(unsigned int layout, const uint8_t *data, size_t len,
    struct statetable *t)
{
	struct flow f;
	unsigned int n = 0;

	assert_int_equal(statetable_open(t, layout, 0, data, len), 0);
	while (statetable_read(t, &f, 1) > 0)
		n++;
	return n;
}

static void
test_unknown_layout(void **state)
{
	struct statetable t;

	(void)state;
	assert_int_equal(statetable_open(&t, 0, 0, NULL, 0), -1);
	assert_int_equal(statetable_open(&t, STATETABLE_LAYOUTS, 0, NULL, 0),
	    -1);
	assert_null(statetable_name(0));
	assert_string_equal(statetable_name(STATETABLE_OPENBSD), "OpenBSD");
}

/* The version stands in each record, in the kernel's byte order. */
static void
test_version(void **state)
{
	uint8_t r[V2_RECORD] = { 0 };
	struct statetable t;

	(void)state;
	assert_int_equal(statetable_open(&t, STATETABLE_FREEBSD_V2, 0, r,
			     sizeof(r)),
	    -1);
	put_be32(r + 4, V2_VERSION);
	assert_int_equal(statetable_open(&t, STATETABLE_FREEBSD_V2, 0, r,
			     sizeof(r)),
	    -1);
	assert_int_equal(statetable_open(&t, STATETABLE_FREEBSD_V2, 1, r,
			     sizeof(r)),
	    0);
	assert_int_equal(statetable_open(&t, STATETABLE_FREEBSD_V2, 0, r, 0),
	    0);
}

/* Whole records are read; the rest is left. */
static void
test_cut_array(void **state)
{
	uint8_t r[2 * OPENBSD_RECORD] = { 0 };
	struct statetable t;
	size_t len;

	(void)state;
	for (len = 0; len <= sizeof(r); len++) {
		assert_int_equal(count(STATETABLE_OPENBSD, r, len, &t),
		    len / OPENBSD_RECORD);
		assert_int_equal(t.unread.left, len % OPENBSD_RECORD);
	}
}

/* A kernel of the other byte order. */
static void
test_byte_order(void **state)
{
	uint8_t r[240] = { 0 };
	struct statetable t;
	struct flow f;

	(void)state;
	put_be32(r + 176, 7);
	put_be32(r + 188, 100);
	put_be32(r + 192, 20);
	put_be32(r + 200, 3);
	put_be32(r + 212, 1);
	put_be32(r + 216, 2);
	assert_int_equal(statetable_open(&t, STATETABLE_NETBSD, 1, r, 240), 0);
	assert_int_equal(statetable_read(&t, &f, 1), 1);
	assert_int_equal(f.rule, 7);
	assert_int_equal(f.age, 100);
	assert_int_equal(f.expires, 20);
	assert_int_equal(f.packets[0], 3);
	assert_int_equal(f.bytes[0], UINT64_C(0x100000002));
}

/* NAT64: one address family on the wire, the other on the stack. */
static void
test_af_to(void **state)
{
	uint8_t r[OPENBSD_RECORD] = { 0 };
	struct statetable t;
	struct flow f;

	(void)state;
	r[62] = 24;
	r[102] = 2;
	r[250] = 24;
	assert_int_equal(statetable_open(&t, STATETABLE_OPENBSD, 0, r,
			     sizeof(r)),
	    0);
	assert_int_equal(statetable_read(&t, &f, 1), 1);
	assert_int_equal(f.ext.family, 6);
	assert_int_equal(f.gwy.family, 6);
	assert_int_equal(f.lan.family, 4);
}

/* Index 21 of protocol SCTP is a timeout, of others the mark for a purge. */
static void
test_freebsd_timeouts(void **state)
{
	(void)state;
	assert_int_equal(statetable_freebsd_timeout(IPPROTO_TCP, 5),
	    FLOW_TCP_CLOSED);
	assert_int_equal(statetable_freebsd_timeout(IPPROTO_TCP, 21),
	    FLOW_PURGE);
	assert_int_equal(statetable_freebsd_timeout(IPPROTO_TCP, 26),
	    FLOW_PURGE);
	assert_int_equal(statetable_freebsd_timeout(FLOW_SCTP, 26), FLOW_PURGE);
	assert_int_equal(statetable_freebsd_timeout(FLOW_SCTP, 21),
	    FLOW_SCTP_OPENING);
	assert_int_equal(statetable_freebsd_timeout(FLOW_SCTP, 24),
	    FLOW_SCTP_CLOSED);
	assert_int_equal(statetable_freebsd_timeout(IPPROTO_UDP, 23),
	    FLOW_TIMEOUT_UNKNOWN);
}

/* An attribute of netlink, in network order as all numbers here. */
static uint8_t *
put_attribute(uint8_t *p, unsigned int type, const void *data, size_t len)
{
	memset(p, 0, 4 + (len + 3) / 4 * 4);
	put_be16(p, (uint16_t)(4 + len));
	put_be16(p + 2, (uint16_t)type);
	memcpy(p + 4, data, len);
	return p + 4 + (len + 3) / 4 * 4;
}

/* The attributes that a state must have. */
static const struct {
	unsigned int type;
	size_t len;
} required[] = { { 1, 8 }, { 2, 4 }, { 5, 36 }, { 6, 36 }, { 13, 4 }, { 14, 4 },
	{ 15, 8 }, { 16, 8 }, { 17, 8 }, { 18, 8 }, { 19, 1 }, { 21, 1 },
	{ 22, 1 }, { 24, 1 } };
#define REQUIRED (sizeof(required) / sizeof(required[0]))

/* A key of two IPv4 hosts and their ports. */
static void
make_key(uint8_t key[36])
{
	static const uint8_t addr[4] = { 192, 0, 2, 1 };
	static const uint8_t port[2] = { 1, 2 };
	uint8_t *p = key;

	p = put_attribute(p, 1, addr, 4);
	p = put_attribute(p, 2, addr, 4);
	p = put_attribute(p, 3, port, 2);
	p = put_attribute(p, 4, port, 2);
	assert_int_equal(p - key, 32);
}

/* A message of all but one attribute, or with that one too short. */
static size_t
make_message(uint8_t *message, size_t omit, int shorten)
{
	uint8_t data[36] = { 0, 2, 0, 0 }, *p = message + 20;
	size_t i, len;

	memset(message, 0, 20);
	put_be16(message + 4, 17);
	for (i = 0; i < REQUIRED; i++) {
		len = required[i].len;
		if (len == 36) {
			make_key(data);
			len = 32; /* 2 bytes are padding */
		}
		if (i == omit && !shorten)
			continue;
		p = put_attribute(p, required[i].type, data,
		    i == omit ? len - (len > 8 ? 3 : 1) : len);
	}
	put_be32(message, (uint32_t)(p - message));
	return (size_t)(p - message);
}

static unsigned int
read_message(const uint8_t *message, size_t len, struct statetable *t)
{
	struct flow f;

	assert_int_equal(statetable_open(t, STATETABLE_NETLINK, 1, message,
			     len),
	    0);
	return statetable_read(t, &f, 1);
}

static void
test_netlink_required(void **state)
{
	uint8_t message[1024];
	struct statetable t;
	size_t i, len;

	(void)state;
	len = make_message(message, REQUIRED, 0);
	assert_int_equal(read_message(message, len, &t), 1);
	assert_int_equal(t.refused, 0);
	for (i = 0; i < 2 * REQUIRED; i++) {
		len = make_message(message, i / 2, i % 2);
		assert_int_equal(read_message(message, len, &t), 0);
		assert_int_equal(t.refused, 1);
	}
}

/* Of each length, and with each byte turned: read, refused or left. */
static void
test_netlink_damaged(void **state)
{
	uint8_t message[1024];
	struct statetable t;
	size_t i, len;

	(void)state;
	len = make_message(message, REQUIRED, 0);
	for (i = 0; i < len; i++)
		assert_int_equal(read_message(message, i, &t), 0);
	for (i = 0; i < len; i++) {
		message[i] ^= 0xff;
		read_message(message, len, &t);
		message[i] ^= 0xff;
	}
}

static void
test_netlink_end(void **state)
{
	uint8_t done[20] = { 0, 0, 0, 20, 0, 3, 0, 2 };
	struct statetable t;

	(void)state;
	put_be32(done + 16, 12);
	assert_int_equal(read_message(done, sizeof(done), &t), 0);
	assert_int_equal(t.done, 1);
	assert_int_equal(t.error, 12);
	assert_int_equal(t.refused, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown_layout),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_cut_array),
		cmocka_unit_test(test_byte_order),
		cmocka_unit_test(test_af_to),
		cmocka_unit_test(test_freebsd_timeouts),
		cmocka_unit_test(test_netlink_required),
		cmocka_unit_test(test_netlink_damaged),
		cmocka_unit_test(test_netlink_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
