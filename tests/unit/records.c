/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>

#include "records.h"

#include "pflowd/source/last_packet.h"

struct flow
plain_flow(void)
{
	struct flow f = { FAMILY(4), .proto = IPPROTO_TCP,
		.direction = FLOW_OUT, .packets = { 5, 6 },
		.bytes = { 500, 60000 }, .age = 60,
		.timeout = FLOW_TCP_CLOSED };

	memcpy(f.lan.addr, "\x0a\0\0\x07", 4);
	f.lan.port = 1000;
	memcpy(f.gwy.addr, "\xc0\0\x02\x01", 4);
	f.gwy.port = 2000;
	memcpy(f.ext.addr, "\xc6\x33\x64\x09", 4);
	f.ext.port = 443;
	memcpy(f.rt_addr, "\xc0\0\x02\xfe", 4);
	f.tcp_state[0] = f.tcp_state[1] = FLOW_TCPS_FIN_WAIT_2;
	return f;
}

unsigned int
make_record(struct record *r, const struct flow *f, uint64_t time,
    const struct record_policy *policy)
{
	struct report of;

	last_packet_report(&of, f, 1, time, policy);
	record_make(r, &of, policy->view, RECORDS_INDEX);
	return record_directions(r);
}
