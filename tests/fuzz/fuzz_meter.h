/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A meter for a harness: a collector without a socket, and rules of each
 * kind.
 */

#ifndef FUZZ_ENGINE_H
#define FUZZ_ENGINE_H

#include <netinet/in.h>

#include "fuzz.h"
#include "pflowd/engine/meter.h"
#include "pflowd/export/protocol.h"
#include "pflowd/process/ledger.h"

#define FUZZ_STARTED UINT64_C(1700000000000)

static inline struct conf *
fuzz_conf(unsigned int protocol)
{
	const struct rule icmp = { .proto_given = 1, .proto = IPPROTO_ICMP };
	const struct rule no_udp = { .ignore = 1,
		.proto_given = 1,
		.proto = IPPROTO_UDP };
	enum protocol_id id = (enum protocol_id)(protocol % PROTOCOLS);
	struct conf *conf = conf_new();
	struct conf_collector *c;
	char why[128];

	MUST(conf != NULL);
	MUST(conf_add_collector(conf, "192.0.2.1", why, sizeof(why)) == 0);
	c = &conf->collectors[0];
	c->protocol = id;
	c->domain = protocol_facts[id].domain;
	c->biflow = protocol_facts[id].biflow && protocol / PROTOCOLS % 2 == 1;
	MUST(rule_add(&conf->filter, &no_udp) == 0);
	MUST(rule_add(&conf->filters[0], &no_udp) == 0);
	MUST(rule_add(&conf->filters[0], &icmp) == 0);
	return conf;
}

static inline void
fuzz_meter_start(struct meter *e, struct conf *conf, int replay)
{
	const struct source_facts facts = { .own_clock = replay,
		.can_wait = replay,
		.own_traffic = !replay };
	const struct export_hooks hooks = { NULL, NULL, NULL };
	struct ledger *ledger = ledger_new();

	log_to(fuzz_log, NULL);
	MUST(ledger != NULL);
	ledger_begin(ledger, FUZZ_STARTED);
	MUST(meter_init(e, ledger, facts, &hooks) == 0);
	MUST(meter_configure(e, conf, FUZZ_STARTED) == 0);
}

static inline void
fuzz_meter_stop(struct meter *e)
{
	struct ledger *ledger = e->ledger;

	meter_free(e);
	free(ledger);
}

static inline void
fuzz_check_collector(const struct export *x, unsigned int i)
{
	const struct collector_counters *c = export_counters(x, i);
	struct export_status s;

	export_status(x, i, &s);
	MUST(c->offered ==
	    c->given + c->ignored + c->inexpressible_inet6 +
		c->inexpressible_wide);
	MUST(c->built == s.queued + c->dropped);
	MUST(c->octets_built == s.octets + c->octets_dropped);
}

/* The sums of counters.h. */
static inline void
fuzz_check_sums(struct meter *e, struct counters *c)
{
	uint64_t verdicts = 0;
	unsigned int i;

	meter_counters(e, c);
	for (i = 0; i < PFSYNC_VERDICTS; i++)
		verdicts += c->verdict[i];
	MUST(c->frames == verdicts);
	MUST(c->announced == c->states + c->cut + c->twins);
	MUST(c->states ==
	    c->exported + c->ignored + c->own + c->other_creator +
		c->no_packets + c->inexpressible);
	MUST(c->octets_reported ==
	    c->octets_exported + c->octets_ignored + c->octets_own +
		c->octets_other_creator + c->octets_inexpressible);
	MUST(c->tracked > 0 || c->octets_shown == counters_octets_known(c));
	MUST(c->first_seen ==
	    c->tracked + c->ended_exact + c->ended_perhaps_cut + c->ended_cut +
		c->alive + c->lost);
	for (i = 0; i < export_collectors(e->export); i++)
		fuzz_check_collector(e->export, i);
}

/* A file that holds the data; it has no name, and is the same in each run. */
static inline int
fuzz_file(struct bytes data)
{
	static FILE *file;
	int fd;

	if (file == NULL)
		file = tmpfile();
	MUST(file != NULL && (fd = dup(fileno(file))) != -1);
	MUST(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	MUST(write(fd, data.data, data.left) == (ssize_t)data.left);
	MUST(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

#endif
