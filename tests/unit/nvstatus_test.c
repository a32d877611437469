/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include <errno.h>

#include "pflowd/os/nvstatus.h"

#define BOOL 2
#define NUMBER 3
#define LIST 5
#define NUMBERS 9
#define STRINGS 10
#define UP 255

struct image {
	uint8_t data[1024];
	size_t len;
};

static void
put_list(struct image *i)
{
	memset(i->data + i->len, 0, 19);
	i->data[i->len] = 0x6c;
	i->len += 19;
}

/* size: as the header says; the data of a list are pairs of their own. */
static void
put_pair(struct image *i, uint8_t type, const char *name, const void *data,
    uint64_t size)
{
	uint16_t len = (uint16_t)(strlen(name) + 1);
	uint8_t *p = i->data + i->len;

	memset(p, 0, 19);
	p[0] = type;
	memcpy(p + 1, &len, sizeof(len));
	memcpy(p + 3, &size, sizeof(size));
	memcpy(p + 19, name, len);
	i->len += 19U + len;
	if (data == NULL)
		return;
	memcpy(i->data + i->len, data, size);
	i->len += size;
}

static void
put_counters(struct image *i, const char *name, uint64_t first)
{
	const uint64_t counters[] = { first, first + 1, first + 2 };

	put_pair(i, LIST, name, NULL, 1000);
	put_list(i);
	put_pair(i, NUMBERS, "counters", counters, sizeof(counters));
	put_pair(i, STRINGS, "names", "a\0b\0c", 6);
	put_pair(i, NUMBERS, "ids", counters, sizeof(counters));
	put_pair(i, UP, "", NULL, 0);
}

/* In the order of the kernel's pf_getstatus(). */
static void
put_status(struct image *i)
{
	const uint64_t since = 5;

	i->len = 0;
	put_list(i);
	put_pair(i, BOOL, "running", "\1", 1);
	put_pair(i, NUMBER, "since", &since, sizeof(since));
	put_counters(i, "counters", 10);
	put_counters(i, "lcounters", 20);
	put_counters(i, "fcounters", 30);
	put_counters(i, "scounters", 40);
	put_pair(i, NUMBERS, "counters", &since, sizeof(since));
}

static void
test_status(void **state)
{
	struct image i;
	uint64_t counters[2];
	int enabled;

	(void)state;
	put_status(&i);
	assert_int_equal(nvstatus_read(i.data, i.len, &enabled, counters), 0);
	assert_int_equal(enabled, 1);
	assert_int_equal(counters[0], 31);
	assert_int_equal(counters[1], 32);
}

/* Cut anywhere, it is read to there and not beyond. */
static void
test_cut(void **state)
{
	struct image i;
	uint64_t counters[2];
	uint8_t *copy;
	size_t len, whole = 0;
	int enabled;

	(void)state;
	put_status(&i);
	for (len = 0; len < i.len; len++) {
		copy = exact_copy(i.data, len);
		if (nvstatus_read(copy, len, &enabled, counters) == 0)
			whole++;
		else
			assert_int_equal(whole, 0);
		free(copy);
	}
	assert_true(whole > 0);
	assert_true(whole < i.len / 2);
}

static void
test_missing(void **state)
{
	struct image i = { .len = 0 };
	uint64_t counters[2];
	int enabled;

	(void)state;
	put_list(&i);
	put_counters(&i, "fcounters", 30);
	assert_int_equal(nvstatus_read(i.data, i.len, &enabled, counters),
	    EBADMSG);
	i.len = 0;
	put_list(&i);
	put_pair(&i, BOOL, "running", "\0", 1);
	put_counters(&i, "lcounters", 30);
	assert_int_equal(nvstatus_read(i.data, i.len, &enabled, counters),
	    EBADMSG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_missing),
	};

	return RUN(tests);
}
