/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A line for each state of a kernel's answer on standard input, with all that
 * the decoder gives: dumpstates LAYOUT, a number of enum statetable_layout.
 */

#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/proto.h"
#include "pflowd/source/statetable.h"

#define MOST (1 << 26) /* bytes of an answer */

static const char *
host_text(const struct flow_host *h, char text[64])
{
	char addr[INET6_ADDRSTRLEN] = "?";

	inet_ntop(h->family == 6 ? AF_INET6 : AF_INET, h->addr, addr,
	    sizeof(addr));
	snprintf(text, 64, "%s %u", addr, h->port);
	return text;
}

static void
print(const struct flow *f)
{
	char from[64], to[64], gwy[64], proto[PROTO_NAME];

	printf("%s %s %s > %s, %" PRIu64 "/%" PRIu64 " %" PRIu64 "/%" PRIu64
	       ", gwy %s, %s rule %" PRId32 ", age %u expires %u timeout %u, "
	       "%u:%u icmp %u anomalies %u, id %016" PRIx64 " %08x",
	    f->direction == FLOW_IN ? "in" : "out", proto_name(f->proto, proto),
	    host_text(flow_host(f, FLOW_INSIDE, FLOW_INITIATOR), from),
	    host_text(flow_host(f, FLOW_INSIDE, FLOW_RESPONDER), to),
	    f->packets[0], f->bytes[0], f->packets[1], f->bytes[1],
	    host_text(&f->gwy, gwy), f->ifname, (int32_t)f->rule, f->age,
	    f->expires, f->timeout, f->tcp_state[0], f->tcp_state[1], f->icmp,
	    f->anomalies, f->id, f->creator);
	putchar('\n');
}

int
main(int argc, char *argv[])
{
	struct statetable t;
	struct flow f;
	uint8_t *data;
	size_t len;

	if (argc != 2)
		errx(1, "usage: dumpstates layout <dump");
	if ((data = malloc(MOST)) == NULL)
		err(1, NULL);
	len = fread(data, 1, MOST, stdin);
	if (statetable_open(&t, (unsigned int)atoi(argv[1]), 0, data, len) ==
	    -1)
		errx(1, "unknown layout or version");
	while (statetable_read(&t, &f, 1) > 0)
		print(&f);
	printf("%s: %zu bytes left, %u refused, done %d, error %d\n",
	    statetable_name(t.layout), t.unread.left, t.refused, t.done,
	    t.error);
	free(data);
	return 0;
}
