/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include "common/bytes.h"

static const uint8_t eight[] = { 0x81, 0x02, 0x03, 0x04, 0xf5, 0x06, 0x07,
	0x08 };

static void
test_take(void **state)
{
	struct bytes b = { eight, sizeof(eight) };

	(void)state;
	assert_ptr_equal(bytes_take(&b, 3), eight);
	assert_ptr_equal(bytes_take(&b, 0), eight + 3);
	assert_null(bytes_take(&b, 6));
	assert_null(bytes_take(&b, SIZE_MAX));
	assert_int_equal(b.left, 5);
	assert_ptr_equal(bytes_take(&b, 5), eight + 3);
	assert_int_equal(b.left, 0);
	assert_null(bytes_take(&b, 1));
	assert_non_null(bytes_take(&b, 0));
}

static void
test_get(void **state)
{
	(void)state;
	assert_int_equal(get_be16(eight), 0x8102);
	assert_int_equal(get_be16(eight + 1), 0x0203);
	assert_int_equal(get_be32(eight), 0x81020304);
	assert_int_equal(get_be32(eight + 3), 0x04f50607);
	assert_int_equal(get_be64(eight), UINT64_C(0x81020304f5060708));
	assert_int_equal(get_le32(eight + 4), 0x080706f5);
}

static void
test_put(void **state)
{
	static const uint8_t wanted[] = { 0xee, 0xfe, 0xdc, 0xba, 0x98, 0x76,
		0x54, 0xee };
	uint8_t p[8];

	(void)state;
	memset(p, 0xee, sizeof(p));
	put_be32(p + 1, 0xfedcba98);
	put_be16(p + 5, 0x7654);
	assert_memory_equal(p, wanted, sizeof(p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_put),
	};

	return RUN(tests);
}
