/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Frames of pfsync(4): what is in them, cut anywhere, and which are refused.
 */

#include <netinet/in.h>

#include "states.h"

#include "pflowd/source/pfsync.h"

/* A frame of n plain states. */
static void
make(struct frame *f, unsigned int version, unsigned int n)
{
	open_frame(f, version);
	start_data(f);
	f->data[0] = (uint8_t)version;
	f->data[2] = 3;
	f->data[3] = (uint8_t)n;
	while (n-- > 0)
		add_state(f, &plain_state);
}

/* What the reader says of it, and how many states it gives. */
static enum pfsync_verdict
read_frame(const uint8_t *data, size_t len, struct pfsync_frame *p,
    unsigned int *states)
{
	uint8_t *copy = exact_copy(data, len);
	enum pfsync_verdict verdict = pfsync_open(p, LINK_PFSYNC, copy, len);
	struct flow flow;

	*states = 0;
	while (pfsync_read(p, &flow, 1)) {
		assert_int_equal(flow.packets[0], 3);
		assert_int_equal(flow.packets[1], 4);
		assert_int_equal(flow.anomalies, 0);
		(*states)++;
	}
	assert_int_equal(pfsync_read(p, &flow, 1), 0);
	free(copy);
	return verdict;
}

/* Every length of a frame of three states. */
static void
test_cuts(void **state)
{
	static struct frame f;
	struct pfsync_frame p;
	unsigned int version, n;
	size_t len;

	(void)state;
	for (version = 2; version <= 4; version++) {
		size_t header = version == 2 ? 4 : 20;
		size_t record = version == 2 ? 224 : 240;

		make(&f, version, 3);
		for (len = 0; len <= f.len; len++) {
			enum pfsync_verdict v = read_frame(f.data, len, &p, &n);

			if (len < header) {
				assert_int_equal(v, PFSYNC_SHORT);
				assert_int_equal(n, 0);
				continue;
			}
			assert_int_equal(v, PFSYNC_DECODED);
			assert_int_equal(n, (len - header) / record);
			assert_int_equal(p.announced, 3);
			assert_int_equal(p.cut, 3 - n);
			assert_int_equal(p.trailing, 0);
		}
	}
}

static void
test_trailing(void **state)
{
	static struct frame f;
	struct pfsync_frame p;
	unsigned int n;

	(void)state;
	make(&f, 3, 2);
	memset(f.data + f.len, 0xee, 300);
	assert_int_equal(read_frame(f.data, f.len + 300, &p, &n),
	    PFSYNC_DECODED);
	assert_int_equal(n, 2);
	assert_int_equal(p.trailing, 300);
	f.data[3] = 1;
	read_frame(f.data, f.len, &p, &n);
	assert_int_equal(n, 1);
	assert_int_equal(p.trailing, 240);
	make(&f, 4, 255);
	assert_int_equal(read_frame(f.data, f.len, &p, &n), PFSYNC_DECODED);
	assert_int_equal(n, 255);
}

static void
test_verdicts(void **state)
{
	static struct frame f;
	struct pfsync_frame p;
	unsigned int n, i;

	(void)state;
	make(&f, 3, 1);
	for (i = 0; i < 256; i++) {
		enum pfsync_verdict wanted = PFSYNC_VERSION;

		if (i >= 2 && i <= 4)
			wanted = PFSYNC_DECODED;
		else if (i >> 4 == 4)
			wanted = PFSYNC_FOREIGN; /* an IPv4 header */
		else if (i >> 4 == 6)
			wanted = PFSYNC_SHORT; /* half an IPv6 header */
		make(&f, 4, 1);
		f.data[0] = (uint8_t)i;
		assert_int_equal(read_frame(f.data, 20, &p, &n), wanted);
		if (wanted == PFSYNC_VERSION)
			assert_int_equal(p.version, i);
	}
	for (i = 0; i < 256; i++) {
		make(&f, 3, 1);
		f.data[2] = (uint8_t)i;
		assert_int_equal(read_frame(f.data, f.len, &p, &n),
		    i == 3     ? PFSYNC_DECODED :
			i == 0 ? PFSYNC_CLR :
				 PFSYNC_ACTION);
		assert_int_equal(n, i == 3);
	}
	f.data[2] = 3;
	f.data[3] = 0;
	assert_int_equal(read_frame(f.data, f.len, &p, &n), PFSYNC_COUNT);
}

static void
test_clear(void **state)
{
	static struct frame f;
	struct pfsync_frame p;
	unsigned int n;

	(void)state;
	make(&f, 3, 0);
	f.data[2] = 0;
	memcpy(f.data + 20, "em0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	put32(f.data + 36, 0xdeadbeef);
	assert_int_equal(read_frame(f.data, 44, &p, &n), PFSYNC_CLR);
	assert_string_equal(p.clr_ifname, "em0");
	assert_int_equal(p.clr_creator, 0xdeadbeef);
	assert_int_equal(read_frame(f.data, 43, &p, &n), PFSYNC_CLR);
	assert_string_equal(p.clr_ifname, "");
}

/* Name and padding of a CLR are what the kernel's buffer held before. */
static void
test_clear_names(void **state)
{
	static const struct {
		const char bytes[17];
		const char *name;
	} names[] = {
		{ "wm2\0@\x11\0\0\x7f\0\0\1\x7f\0\0\1", "wm2" },
		{ "\0\x13\x89\6\4\0\3\2\0\0\1\xa2 a,>", "" },
		{ "all", "all" },
		{ "vlan10.3", "vlan10.3" },
		{ "wan_1-a:0", "wan_1-a:0" },
		{ "abcdefghijklmno", "abcdefghijklmno" },
		{ "abcdefghijklmnop", "" }, /* no end */
		{ "E", "" },		    /* of an IP header */
		{ "1em", "" },
		{ "em 0", "" },
		{ "em\x1b[2J", "" },
		{ "em\xe9", "" },
		{ "\xff\xfe", "" },
		{ "-F", "" },
	};
	static struct frame f;
	struct pfsync_frame p;
	unsigned int n;
	size_t i;

	(void)state;
	make(&f, 3, 0);
	f.data[2] = 0;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		memcpy(f.data + 20, names[i].bytes, 16);
		assert_int_equal(read_frame(f.data, 44, &p, &n), PFSYNC_CLR);
		assert_string_equal(p.clr_ifname, names[i].name);
	}
}

/* A frame of two states behind an IP header, in packet; returns its length. */
static size_t
with_ip(uint8_t *packet, int family, size_t options)
{
	static struct frame f;
	size_t header = (family == 4 ? 20 : 40) + options;

	make(&f, 3, 2);
	memset(packet, 0, header);
	if (family == 4) {
		packet[0] = (uint8_t)(0x40 | header / 4);
		put16(packet + 2, (uint16_t)(header + f.len));
		put16(packet + 6, 0x4000); /* do not fragment */
		packet[9] = 240;
	} else {
		packet[0] = 0x60;
		put16(packet + 4, (uint16_t)f.len);
		packet[6] = 240;
	}
	memcpy(packet + header, f.data, f.len);
	return header + f.len;
}

static void
test_ip(void **state)
{
	uint8_t packet[1024];
	struct pfsync_frame p;
	unsigned int n;
	size_t len, cut;

	(void)state;
	len = with_ip(packet, 4, 0);
	for (cut = 0; cut <= len; cut++) {
		enum pfsync_verdict v = read_frame(packet, cut, &p, &n);

		if (cut >= 40) {
			assert_int_equal(v, PFSYNC_DECODED);
			assert_int_equal(n, (cut - 40) / 240);
		} else {
			assert_int_not_equal(v, PFSYNC_DECODED);
		}
	}
	len = with_ip(packet, 4, 8);
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_DECODED);
	assert_int_equal(n, 2);
	len = with_ip(packet, 6, 0);
	for (cut = 60; cut <= len; cut++) {
		assert_int_equal(read_frame(packet, cut, &p, &n),
		    PFSYNC_DECODED);
		assert_int_equal(n, (cut - 60) / 240);
	}
}

static void
test_ip_lengths(void **state)
{
	uint8_t packet[1024];
	struct pfsync_frame p;
	unsigned int n;
	size_t len;

	(void)state;
	len = with_ip(packet, 4, 0);
	put16(packet + 2, (uint16_t)(len - 240)); /* then padding */
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_DECODED);
	assert_int_equal(n, 1);
	put16(packet + 2, 19);
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_LENGTH);
	len = with_ip(packet, 4, 0);
	packet[0] = 0x44;
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_LENGTH);
	len = with_ip(packet, 4, 0);
	put16(packet + 6, 0x4000); /* not to be fragmented */
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_DECODED);
	put16(packet + 6, 0x2000); /* the first fragment */
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_FRAGMENT);
	put16(packet + 6, 1); /* a later one */
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_FRAGMENT);
	len = with_ip(packet, 6, 0);
	put16(packet + 4, 240 + 20);
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_DECODED);
	assert_int_equal(n, 1);
	packet[6] = 17; /* UDP */
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_FOREIGN);
}

static void
test_names(void **state)
{
	int v;

	(void)state;
	for (v = 0; v < PFSYNC_VERDICTS; v++)
		assert_non_null(pfsync_verdict_name((enum pfsync_verdict)v));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_trailing),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_clear_names),
		cmocka_unit_test(test_ip),
		cmocka_unit_test(test_ip_lengths),
		cmocka_unit_test(test_names),
	};

	return RUN(tests);
}
