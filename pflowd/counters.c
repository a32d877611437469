/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "counters.h"

#define ROW(name, depth, member) { name, offsetof(struct counters, member), \
	depth }
#define CROW(name, depth, member) { name, \
	offsetof(struct collector_counters, member), depth }

const struct counter_row counter_rows[] = {
	ROW("frames", 0, frames),
	ROW("decoded", 1, verdict[PFSYNC_DECODED]),
	ROW("with trailing bytes", 2, trailing),
	ROW("refused: short", 1, verdict[PFSYNC_SHORT]),
	ROW("refused: version", 1, verdict[PFSYNC_VERSION]),
	ROW("refused: count", 1, verdict[PFSYNC_COUNT]),
	ROW("refused: length", 1, verdict[PFSYNC_LENGTH]),
	ROW("refused: action", 1, verdict[PFSYNC_ACTION]),
	ROW("refused: clear", 1, verdict[PFSYNC_CLR]),
	ROW("states announced", 0, announced),
	ROW("cut off by a short frame", 1, cut),
	ROW("states seen", 1, states),
	ROW("exported", 2, exported),
	ROW("no packets", 2, no_packets),
	ROW("not expressible", 2, inexpressible),
	ROW("direction unknown", 3, odd_direction),
	ROW("family unknown", 3, odd_family),
	ROW("states with implausible counters", 0, odd_counters),
	ROW("states with an implausible age", 0, odd_age),
	ROW("states with an unknown timeout", 0, odd_timeout),
	ROW("states with unknown TCP levels", 0, odd_levels),
	ROW("states without a known interface", 0, no_interface),
};
const size_t counter_rows_count =
    sizeof(counter_rows) / sizeof(counter_rows[0]);

const struct counter_row kernel_rows[] = {
	ROW("frames the kernel received", 0, kernel_received),
	ROW("dropped for want of room", 1, kernel_dropped),
	ROW("dropped by the interface", 1, kernel_if_dropped),
};
const size_t kernel_rows_count = sizeof(kernel_rows) / sizeof(kernel_rows[0]);

const struct counter_row collector_rows[] = {
	CROW("states offered", 0, offered),
	CROW("given records", 1, given),
	CROW("not expressible: IPv6", 1, inexpressible_inet6),
	CROW("not expressible: counters", 1, inexpressible_wide),
	CROW("records built", 0, built),
	CROW("sent", 1, sent),
	CROW("dropped: queue full", 1, dropped),
	CROW("failed: refused", 1, failed[SEND_REFUSED]),
	CROW("failed: host unreachable", 1, failed[SEND_NO_HOST]),
	CROW("failed: network unreachable", 1, failed[SEND_NO_NET]),
	CROW("failed: not permitted", 1, failed[SEND_DENIED]),
	CROW("failed: too big", 1, failed[SEND_TOO_BIG]),
	CROW("failed: other", 1, failed[SEND_OTHER]),
	CROW("records with a time clamped", 0, clamped),
	CROW("records with too large an interface", 0, wide_index),
	CROW("directions split for their counters", 0, split),
	CROW("datagrams sent", 0, datagrams),
	CROW("bytes sent", 0, bytes),
	CROW("send errors: refused", 0, errors[SEND_REFUSED]),
	CROW("send errors: host unreachable", 0, errors[SEND_NO_HOST]),
	CROW("send errors: network unreachable", 0, errors[SEND_NO_NET]),
	CROW("send errors: not permitted", 0, errors[SEND_DENIED]),
	CROW("send errors: too big", 0, errors[SEND_TOO_BIG]),
	CROW("send errors: other", 0, errors[SEND_OTHER]),
};
const size_t collector_rows_count =
    sizeof(collector_rows) / sizeof(collector_rows[0]);

uint64_t
counter_value(const struct counter_row *row, const void *counters)
{
	uint64_t v;

	memcpy(&v, (const char *)counters + row->offset, sizeof(v));
	return v;
}

uint64_t
counters_failed(const struct collector_counters *c)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < SEND_ERRORS; i++)
		sum += c->failed[i];
	return sum;
}
