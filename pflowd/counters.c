/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "counters.h"

#define AT(member) offsetof(struct counters, member)
#define CAT(member) offsetof(struct collector_counters, member)

const struct counter_row counter_rows[] = {
	{ "frames", AT(frames), 0 },
	{ "decoded", AT(verdict[PFSYNC_DECODED]), 1 },
	{ "with trailing bytes", AT(trailing), 2 },
	{ "refused: short", AT(verdict[PFSYNC_SHORT]), 1 },
	{ "refused: version", AT(verdict[PFSYNC_VERSION]), 1 },
	{ "refused: count", AT(verdict[PFSYNC_COUNT]), 1 },
	{ "refused: length", AT(verdict[PFSYNC_LENGTH]), 1 },
	{ "refused: action", AT(verdict[PFSYNC_ACTION]), 1 },
	{ "refused: clear", AT(verdict[PFSYNC_CLR]), 1 },
	{ "states announced", AT(announced), 0 },
	{ "cut off by a short frame", AT(cut), 1 },
	{ "states seen", AT(states), 1 },
	{ "exported", AT(exported), 2 },
	{ "no packets", AT(no_packets), 2 },
	{ "not expressible", AT(inexpressible), 2 },
	{ "direction unknown", AT(odd_direction), 3 },
	{ "family unknown", AT(odd_family), 3 },
	{ "states with implausible counters", AT(odd_counters), 0 },
	{ "states with an implausible age", AT(odd_age), 0 },
	{ "states with an unknown timeout", AT(odd_timeout), 0 },
	{ "states with unknown TCP levels", AT(odd_levels), 0 },
	{ "states without a known interface", AT(no_interface), 0 },
};
const size_t counter_rows_count = sizeof(counter_rows) /
    sizeof(counter_rows[0]);

const struct counter_row kernel_rows[] = {
	{ "frames the kernel received", AT(kernel_received), 0 },
	{ "dropped for want of room", AT(kernel_dropped), 1 },
	{ "dropped by the interface", AT(kernel_if_dropped), 1 },
};
const size_t kernel_rows_count = sizeof(kernel_rows) / sizeof(kernel_rows[0]);

const struct counter_row collector_rows[] = {
	{ "states offered", CAT(offered), 0 },
	{ "given records", CAT(given), 1 },
	{ "not expressible: IPv6", CAT(inexpressible_inet6), 1 },
	{ "not expressible: counters", CAT(inexpressible_wide), 1 },
	{ "records built", CAT(built), 0 },
	{ "sent", CAT(sent), 1 },
	{ "dropped: queue full", CAT(dropped), 1 },
	{ "failed: refused", CAT(failed[SEND_REFUSED]), 1 },
	{ "failed: host unreachable", CAT(failed[SEND_NO_HOST]), 1 },
	{ "failed: network unreachable", CAT(failed[SEND_NO_NET]), 1 },
	{ "failed: not permitted", CAT(failed[SEND_DENIED]), 1 },
	{ "failed: too big", CAT(failed[SEND_TOO_BIG]), 1 },
	{ "failed: other", CAT(failed[SEND_OTHER]), 1 },
	{ "records with a time clamped", CAT(clamped), 0 },
	{ "records with too large an interface", CAT(wide_index), 0 },
	{ "directions split for their counters", CAT(split), 0 },
	{ "datagrams sent", CAT(datagrams), 0 },
	{ "bytes sent", CAT(bytes), 0 },
	{ "send errors: refused", CAT(errors[SEND_REFUSED]), 0 },
	{ "send errors: host unreachable", CAT(errors[SEND_NO_HOST]), 0 },
	{ "send errors: network unreachable", CAT(errors[SEND_NO_NET]), 0 },
	{ "send errors: not permitted", CAT(errors[SEND_DENIED]), 0 },
	{ "send errors: too big", CAT(errors[SEND_TOO_BIG]), 0 },
	{ "send errors: other", CAT(errors[SEND_OTHER]), 0 },
};
const size_t collector_rows_count = sizeof(collector_rows) /
    sizeof(collector_rows[0]);

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
