/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Frames of the wire: what precedes pfsync is removed, wherever they are cut.
 */

#include "unit.h"

#include "common/bytes.h"
#include "pflowd/source/link_layer.h"

/* Headers of IP that precede a message of 8 bytes. */
#define PAYLOAD "\x03\x00\x03\x01pfsy"
#define IP4 "\x45\0\0\x1c\0\1\0\0\xff\xf0\0\0\x0a\0\0\1\xe0\0\0\xf0"
#define ADDRESSES6 "2001:db8::1....:2001:db8::2....:"
#define IP6 "\x60\0\0\0\0\x08\xf0\xff" ADDRESSES6
#define ETHER "\x01\0\x5e\0\0\xf0\2\0\0\0\0\1"
#define TAG(type, id) type "\0" id

struct frame {
	const char *name;
	enum link_layer layer;
	const char *data;
	size_t len;
	enum pfsync_verdict verdict;
};
#define FRAME(name, layer, data, verdict)                    \
	{                                                    \
		name, layer, data, sizeof(data) - 1, verdict \
	}

static const struct frame good[] = {
	FRAME("bare", LINK_PFSYNC, PAYLOAD, PFSYNC_DECODED),
	FRAME("OpenBSD 7.4", LINK_PFSYNC, IP4 PAYLOAD, PFSYNC_DECODED),
	FRAME("RAW", LINK_IP, IP4 PAYLOAD, PFSYNC_DECODED),
	FRAME("IPv6", LINK_IP, IP6 PAYLOAD, PFSYNC_DECODED),
	FRAME("IPv4 options", LINK_IP,
	    "\x46\0\0\x20\0\1\0\0\xff\xf0\0\0\x0a\0\0\1\xe0\0\0\xf0"
	    "\x94\4\0\0" PAYLOAD,
	    PFSYNC_DECODED),
	FRAME("NULL", LINK_IP, "\2\0\0\0" IP4 PAYLOAD, PFSYNC_DECODED),
	FRAME("NULL, IPv6 of FreeBSD", LINK_IP, "\x1c\0\0\0" IP6 PAYLOAD,
	    PFSYNC_DECODED),
	FRAME("LOOP", LINK_IP, "\0\0\0\2" IP4 PAYLOAD, PFSYNC_DECODED),
	FRAME("Ethernet", LINK_ETHERNET, ETHER "\x08\0" IP4 PAYLOAD,
	    PFSYNC_DECODED),
	FRAME("Ethernet, IPv6", LINK_ETHERNET, ETHER "\x86\xdd" IP6 PAYLOAD,
	    PFSYNC_DECODED),
	FRAME("802.1Q", LINK_ETHERNET,
	    ETHER TAG("\x81\0", "\x64") "\x08\0" IP4 PAYLOAD, PFSYNC_DECODED),
	FRAME("802.1ad", LINK_ETHERNET,
	    ETHER TAG("\x88\xa8", "\x64")
		TAG("\x81\0", "\x65") "\x08\0" IP4 PAYLOAD,
	    PFSYNC_DECODED),
	FRAME("SLL", LINK_LINUX_SLL,
	    "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\0" IP4 PAYLOAD, PFSYNC_DECODED),
	FRAME("SLL2", LINK_LINUX_SLL2,
	    "\x08\0\0\0\0\0\0\2\0\1\0\6\2\0\0\0\0\1\0\0" IP4 PAYLOAD,
	    PFSYNC_DECODED),
	FRAME("extension headers", LINK_IP,
	    "\x60\0\0\0\0\x20\0\xff" ADDRESSES6 "\x3c\0......"
	    "\x2b\0......\xf0\0......" PAYLOAD,
	    PFSYNC_DECODED),
	FRAME("a long extension header", LINK_IP,
	    "\x60\0\0\0\0\x18\0\xff" ADDRESSES6 "\xf0\1......++++++++" PAYLOAD,
	    PFSYNC_DECODED),
	FRAME("the only fragment", LINK_IP,
	    "\x60\0\0\0\0\x10\x2c\xff" ADDRESSES6 "\xf0\0\0\0abcd" PAYLOAD,
	    PFSYNC_DECODED),
};

static const struct frame bad[] = {
	FRAME("UDP", LINK_IP,
	    "\x45\0\0\x1c\0\1\0\0\xff\x11\0\0\x0a\0\0\1\xe0\0\0\xf0",
	    PFSYNC_FOREIGN),
	FRAME("UDP over IPv6", LINK_IP,
	    "\x60\0\0\0\0\x08\x11\xff" ADDRESSES6 PAYLOAD, PFSYNC_FOREIGN),
	FRAME("ARP", LINK_ETHERNET, ETHER "\x08\x06" IP4 PAYLOAD,
	    PFSYNC_FOREIGN),
	FRAME("IPX after a family", LINK_IP, "\x17\0\0\0\xff\xff",
	    PFSYNC_FOREIGN),
	FRAME("IPv5", LINK_ETHERNET, ETHER "\x08\0\x55" IP4, PFSYNC_FOREIGN),
	FRAME("five tags", LINK_ETHERNET,
	    ETHER TAG("\x81\0", "1") TAG("\x81\0", "2") TAG("\x81\0", "3")
		TAG("\x81\0", "4") TAG("\x81\0", "5") "\x08\0" IP4 PAYLOAD,
	    PFSYNC_FOREIGN),
	FRAME("the first fragment", LINK_IP,
	    "\x60\0\0\0\0\x10\x2c\xff" ADDRESSES6 "\xf0\0\0\1abcd" PAYLOAD,
	    PFSYNC_FRAGMENT),
	FRAME("the last fragment", LINK_IP,
	    "\x60\0\0\0\0\x10\x2c\xff" ADDRESSES6 "\xf0\0\0\x08"
	    "abcd" PAYLOAD,
	    PFSYNC_FRAGMENT),
	FRAME("a fragment of UDP", LINK_IP,
	    "\x60\0\0\0\0\x10\x2c\xff" ADDRESSES6 "\x11\0\0\1abcd" PAYLOAD,
	    PFSYNC_FOREIGN),
	FRAME("nine extension headers", LINK_IP,
	    "\x60\0\0\0\0\x50\0\xff" ADDRESSES6
	    "\0\0......\0\0......\0\0......\0\0......\0\0......"
	    "\0\0......\0\0......\0\0......\xf0\0......" PAYLOAD,
	    PFSYNC_FOREIGN),
	FRAME("an extension header beyond the packet", LINK_IP,
	    "\x60\0\0\0\0\x08\0\xff" ADDRESSES6 "\xf0\xff......" PAYLOAD,
	    PFSYNC_SHORT),
	FRAME("no length", LINK_IP,
	    "\x45\0\0\0\0\1\0\0\xff\xf0\0\0\x0a\0\0\1\xe0\0\0\xf0",
	    PFSYNC_LENGTH),
	FRAME("unknown", LINK_UNKNOWN, PAYLOAD, PFSYNC_FOREIGN),
};

/* Strip the first `len` bytes of a frame, which end where their memory does. */
static enum pfsync_verdict
strip(const struct frame *f, size_t len, uint8_t rest[8], size_t *left)
{
	uint8_t *copy = exact_copy((const uint8_t *)f->data, len);
	struct bytes b = { copy, len };
	enum pfsync_verdict verdict = link_layer_strip(f->layer, &b);

	assert_true(b.data >= copy && b.data + b.left <= copy + len);
	*left = b.left;
	if (verdict == PFSYNC_DECODED && b.left <= 8)
		memcpy(rest, b.data, b.left);
	free(copy);
	return verdict;
}

static void
test_good(void **state)
{
	uint8_t rest[8];
	size_t i, len, left;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct frame *f = &good[i];

		print_message("%s\n", f->name);
		assert_int_equal(strip(f, f->len, rest, &left), f->verdict);
		assert_int_equal(left, 8);
		assert_memory_equal(rest, PAYLOAD, 8);
		for (len = f->len - 8; len < f->len; len++) {
			assert_int_equal(strip(f, len, rest, &left),
			    PFSYNC_DECODED);
			assert_int_equal(left, len - (f->len - 8));
		}
		while (f->layer != LINK_PFSYNC && len-- > 0)
			if (len < f->len - 8)
				assert_int_not_equal(strip(f, len, rest, &left),
				    PFSYNC_DECODED);
	}
}

/* A trailer is not of the message: Ethernet pads short packets. */
static void
test_trailer(void **state)
{
	static const struct frame f = FRAME("padded", LINK_ETHERNET,
	    ETHER "\x08\0" IP4 PAYLOAD "padding", PFSYNC_DECODED);
	uint8_t rest[8];
	size_t left;

	(void)state;
	assert_int_equal(strip(&f, f.len, rest, &left), PFSYNC_DECODED);
	assert_int_equal(left, 8);
}

static void
test_bad(void **state)
{
	uint8_t rest[8];
	size_t i, len, left;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct frame *f = &bad[i];

		print_message("%s\n", f->name);
		assert_int_equal(strip(f, f->len, rest, &left), f->verdict);
		for (len = 0; len < f->len; len++)
			assert_int_not_equal(strip(f, len, rest, &left),
			    PFSYNC_DECODED);
	}
}

static void
test_types(void **state)
{
	(void)state;
	assert_int_equal(link_layer_of(18), LINK_PFSYNC);
	assert_int_equal(link_layer_of(0), LINK_IP);
	assert_int_equal(link_layer_of(1), LINK_ETHERNET);
	assert_int_equal(link_layer_of(105), LINK_UNKNOWN);
	assert_int_equal(link_layer_of(-1), LINK_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_trailer),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_types),
	};

	return RUN(tests);
}
