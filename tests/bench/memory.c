/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * usage: memory protocol rounds <frames
 *
 * Decodes frames that are in memory (each after its length in 4 bytes, big end
 * first), makes their records and fills datagrams with them, for a collector
 * without a socket, whose queue is soon full.  Says how many states a second
 * one core takes that way.
 */

#include <event2/event.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "common/clock.h"
#include "pflowd/conf/conf.h"
#include "pflowd/export/export.h"
#include "pflowd/export/protocol.h"
#include "pflowd/process/ledger.h"
#include "pflowd/source/last_packet.h"
#include "pflowd/source/pfsync.h"

#define NOW UINT64_C(1700000000000)
#define MOST (64 * 1024 * 1024) /* bytes of frames */

static struct export *
make_exports(const char *protocol, struct conf *conf)
{
	const struct export_hooks hooks = { .writable = NULL };
	struct ledger *ledger = ledger_new();
	struct event_base *base = event_base_new();
	struct export *x;
	char why[128];

	if (conf_add_collector(conf, "127.0.0.1", why, sizeof(why)) == -1)
		errx(1, "%s", why);
	conf->collectors[0].protocol = protocol_id(protocol);
	conf->collectors[0].fd = -1;
	if (ledger == NULL || base == NULL ||
	    (x = export_new(base, ledger, &hooks)) == NULL ||
	    export_apply(x, conf, NOW) == -1)
		err(1, "collector");
	return x;
}

static void
export_states(struct export *x, const struct conf *conf,
    const struct report *report, unsigned int n)
{
	static struct batch b;

	for (b.n = 0; b.n < n; b.n++)
		record_make(&b.record[b.n], &report[b.n], conf->policy.view, 1);
	export_batch(x, &b, NOW);
	if (export_busy(x))
		errx(1, "a counter is too wide");
}

/* Returns how many states there were. */
static uint64_t
one_round(struct export *x, const struct conf *conf, struct bytes in)
{
	static struct flow flow[BATCH];
	static struct report report[BATCH];
	struct pfsync_frame frame;
	const uint8_t *be, *data;
	uint64_t states = 0;
	unsigned int n;

	while ((be = bytes_take(&in, 4)) != NULL &&
	    (data = bytes_take(&in, get_be32(be))) != NULL) {
		if (pfsync_open(&frame, LINK_PFSYNC, data, get_be32(be)) !=
		    PFSYNC_DECODED)
			errx(1, "not a deletion");
		while ((n = pfsync_read(&frame, flow, BATCH)) > 0) {
			last_packet_report(report, flow, n, NOW, &conf->policy);
			export_states(x, conf, report, n);
			states += n;
		}
	}
	return states;
}

int
main(int argc, char *argv[])
{
	uint8_t *data = malloc(MOST);
	struct conf *conf = conf_new();
	struct export *x;
	uint64_t begin, states = 0;
	struct bytes in;
	int rounds;

	if (argc != 3 || protocol_id(argv[1]) == PROTOCOLS)
		errx(1, "usage: memory protocol rounds <frames");
	if (data == NULL || conf == NULL)
		err(1, "memory");
	in.data = data;
	in.left = fread(data, 1, MOST, stdin);
	x = make_exports(argv[1], conf);
	begin = clock_us();
	for (rounds = atoi(argv[2]); rounds > 0; rounds--)
		states += one_round(x, conf, in);
	printf("%.2f\n", (double)states / (double)(clock_us() - begin));
	return 0;
}
