/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <errno.h>
#include <string.h>

#include "common/bytes.h"
#include "nvstatus.h"

/*
 * A list is a header and pairs.  A pair is type (1 byte), bytes of the name (2)
 * and of the data (8), items (8), the name with its NUL, and the data.  A list
 * as a pair has its header and its own pairs in place of data, up to one of
 * type UP.  FreeBSD: sys/contrib/libnv/nvpair.c.
 */
enum {
	LIST_HEADER = 19,
	PAIR_HEADER = 19,
	NAME_SIZE = 1,
	DATA_SIZE = 3
};

enum {
	BOOL = 2,
	LIST = 5,
	NUMBERS = 9,
	UP = 255
};

struct pair {
	unsigned int type;
	const char *name;
	struct bytes data;
};

/* 0: no more. */
static int
next(struct bytes *from, struct pair *pair)
{
	const uint8_t *header = bytes_take(from, PAIR_HEADER), *name, *data;
	uint64_t size;
	uint16_t len;

	if (header == NULL)
		return 0;
	len = get_host16(header + NAME_SIZE);
	size = header[0] == LIST ? LIST_HEADER : get_host64(header + DATA_SIZE);
	if (size > from->left || (name = bytes_take(from, len)) == NULL ||
	    len == 0 || name[len - 1] != '\0' ||
	    (data = bytes_take(from, (size_t)size)) == NULL)
		return 0;
	pair->type = header[0];
	pair->name = (const char *)name;
	pair->data = (struct bytes){ data, (size_t)size };
	return 1;
}

/* The counters have the numbers FCNT_ in netpfil/pf/pf.h: 1 and 2. */
int
nvstatus_read(const uint8_t *data, size_t len, int *enabled,
    uint64_t counters[2])
{
	struct bytes from = { data, len };
	struct pair p;
	int inside = 0, counted = 0;

	*enabled = -1;
	if (bytes_take(&from, LIST_HEADER) == NULL)
		return EBADMSG;
	while (next(&from, &p)) {
		if (p.type == LIST || p.type == UP)
			inside = strcmp(p.name, "fcounters") == 0;
		if (p.type == BOOL && strcmp(p.name, "running") == 0 &&
		    p.data.left == 1)
			*enabled = p.data.data[0] != 0;
		if (p.type == NUMBERS && inside &&
		    strcmp(p.name, "counters") == 0 && p.data.left >= 3 * 8) {
			counters[0] = get_host64(p.data.data + 1 * 8);
			counters[1] = get_host64(p.data.data + 2 * 8);
			counted = 1;
		}
	}
	return *enabled != -1 && counted ? 0 : EBADMSG;
}
