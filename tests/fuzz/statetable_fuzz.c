/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A piece of a dump of the state table.  The input: layout, byte order, then
 * the kernel's bytes.
 */

#include "fuzz.h"
#include "pflowd/source/statetable.h"

static void
check_flow(const struct flow *f)
{
	MUST(memchr(f->ifname, '\0', FLOW_IFNAME) != NULL);
	MUST(((f->anomalies & FLOW_BAD_FAMILY) != 0) == (flow_family(f) == 0));
	MUST(((f->anomalies & FLOW_BAD_TIMEOUT) != 0) ==
	    (f->timeout >= FLOW_STATE_TIMEOUTS && f->timeout != FLOW_PURGE &&
		f->timeout != FLOW_PURGE_OLD &&
		!flow_sctp_timeout(f->timeout)));
	MUST(f->icmp % 256 == 0);
	MUST(f->version == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes in = { data, len };
	unsigned int layout = fuzz_u8(&in), i, n, states = 0;
	int big_endian = fuzz_u8(&in) & 1;
	uint8_t *piece = fuzz_exact(in.data, in.left);
	struct statetable t;
	struct flow f[3];

	if (statetable_open(&t, layout, big_endian, piece, in.left) == 0) {
		while ((n = statetable_read(&t, f, 3)) > 0) {
			MUST(n <= 3);
			for (i = 0; i < n; i++)
				check_flow(&f[i]);
			states += n;
		}
		MUST(statetable_name(layout) != NULL);
		MUST(t.unread.left + states * 4 <= in.left);
	}
	free(piece);
	return 0;
}
