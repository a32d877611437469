/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Text for a terminal: which fields each view shows, by their keys.
 */

#include <string.h>

#include "common/flowline.h"
#include "config.h"
#include "escape.h"
#include "output_text.h"

static const struct item summary_columns[] = {
	{ "collector", "collector", NULL, { NULL } },
	{ "state", "state", NULL, { NULL } },
	{ "since", "since", "-", { NULL } },
	{ "records", "records", NULL, { NULL } },
	{ "queued", "records_queued", NULL, { NULL } },
	{ "lost", "records_dropped", NULL,
	    { "records_refused", "records_host_unreachable",
		"records_network_unreachable", "records_not_permitted",
		"records_too_big", "records_failed_other",
		"records_crashed" } },
	{ "errors", "errors_refused", NULL,
	    { "errors_host_unreachable", "errors_network_unreachable",
		"errors_not_permitted", "errors_too_big", "errors_other" } },
	{ NULL, NULL, NULL, { NULL } },
};

static const struct item collector_lines[] = {
	{ "address", "address", "unknown yet", { NULL } },
	{ "protocol", "protocol", "", { NULL } },
	{ "engine id", "engine_id", "", { NULL } },
	{ "domain", "domain", "", { NULL } },
	{ "rate, datagrams per second", "rate", "no limit", { NULL } },
	{ "state", "state", NULL, { NULL } },
	{ "since", "since", "", { NULL } },
	{ "records built", "records", NULL, { NULL } },
	{ "records sent", "records_sent", NULL, { NULL } },
	{ "records queued", "records_queued", NULL, { NULL } },
	{ "records dropped: queue full", "records_dropped", NULL, { NULL } },
	{ "records failed", "records_refused", NULL,
	    { "records_host_unreachable", "records_network_unreachable",
		"records_not_permitted", "records_too_big",
		"records_failed_other" } },
	{ "records lost in a crash", "records_crashed", "", { NULL } },
	{ "octets of lost records", "octets_dropped", "",
	    { "octets_failed", "octets_crashed" } },
	{ "datagrams sent", "datagrams_sent", NULL, { NULL } },
	{ "datagrams queued", "datagrams_queued", NULL, { NULL } },
	{ "bytes sent", "bytes_sent", NULL, { NULL } },
	{ "errors: refused", "errors_refused", "", { NULL } },
	{ "errors: host unreachable", "errors_host_unreachable", "", { NULL } },
	{ "errors: network unreachable", "errors_network_unreachable", "",
	    { NULL } },
	{ "errors: not permitted", "errors_not_permitted", "", { NULL } },
	{ "errors: too big", "errors_too_big", "", { NULL } },
	{ "errors: other", "errors_other", "", { NULL } },
	{ "last error", "last_error", "", { NULL } },
	{ "last error at", "last_error_time", "", { NULL } },
	{ NULL, NULL, NULL, { NULL } },
};

static const struct item interface_columns[] = {
	{ "interface", "interface", "-", { NULL } },
	{ "index", "index", "unknown", { NULL } },
	{ "set by", "set_by", "-", { NULL } },
	{ "states", "states", NULL, { NULL } },
	{ "records", "records", NULL, { NULL } },
	{ NULL, NULL, NULL, { NULL } },
};

static const struct item rule_columns[] = {
	{ "list", "list", "(all)", { NULL } },
	{ "number", "number", NULL, { NULL } },
	{ "states", "states", NULL, { NULL } },
	{ "rule", "rule", NULL, { NULL } },
	{ NULL, NULL, NULL, { NULL } },
};

static const struct item source_lines[] = {
	{ "reads", "reads", NULL, { NULL } },
	{ "pfsync version", "pfsync_version", "", { NULL } },
	{ "since", "since", "not now", { NULL } },
	{ "last deletion or dump", "last_useful", "none", { NULL } },
	{ "time between dumps", "interval_ms", "", { NULL } },
	{ "interim reports every", "interim_ms", "", { NULL } },
	{ "joins connections", "join", NULL, { NULL } },
	{ "a dump takes", "dump_ms", "", { NULL } },
	{ "the longest took", "longest_dump_ms", "", { NULL } },
	{ "CPU time of a dump", "dump_cpu_ms", "", { NULL } },
	{ "bytes of a dump", "dump_bytes", "", { NULL } },
	{ "states in a dump", "dump_states", "", { NULL } },
	{ "states tracked", "tracked", "", { NULL } },
	{ "states without room", "without_room", "", { NULL } },
	{ "limit of states in pf", "limit", "", { NULL } },
	{ "dumps", "dumps", "", { NULL } },
	{ "void dumps", "dumps_void", "", { NULL } },
	{ "dumpers replaced", "dumpers_replaced", "", { NULL } },
	{ "pf", "pf", "", { NULL } },
	{ "condition", "condition", "", { NULL } },
	{ NULL, NULL, NULL, { NULL } },
};

static const struct item tested_columns[] = {
	{ "collector", "collector", NULL, { NULL } },
	{ "result", "result", NULL, { NULL } },
	{ NULL, NULL, NULL, { NULL } },
};

static void
print_flows(FILE *f, const struct rows *r)
{
	struct ctl_flow flow;
	char text[FLOWLINE];
	size_t i;

	for (i = 0; i < r->n; i++) {
		memcpy(&flow, rows_at(r, i), sizeof(flow));
		flow.label = 0; /* all are alive */
		fprintf(f, "%s\n", flowline(&flow, text));
	}
}

static void
text_head(FILE *f, const struct answer *a)
{
	if (a->view == VIEW_SUMMARY)
		text_summary(f, a);
}

static void
text_rows(FILE *f, const struct answer *a, const struct rows *r)
{
	switch (a->view) {
	case VIEW_SUMMARY:
		if (r->type == &row_collectors)
			text_table(f, r, summary_columns);
		break;
	case VIEW_COLLECTORS:
		text_blocks(f, r, collector_lines);
		break;
	case VIEW_COUNTERS:
		text_counters(f, r);
		break;
	case VIEW_INTERFACES:
		text_table(f, r, interface_columns);
		break;
	case VIEW_RULES:
		text_table(f, r, rule_columns);
		break;
	case VIEW_SOURCES:
		text_blocks(f, r, source_lines);
		break;
	case VIEW_STATES:
		print_flows(f, r);
		break;
	case VIEW_TESTS:
		text_table(f, r, tested_columns);
		break;
	case VIEW_NONE:
		break;
	case VIEW_CONFIG:
	case VIEW_ALL:
		text_lines(f, r);
		break;
	}
}

/* Errors of the configuration come first. */
static void
text_error(const struct answer *a, const char *text)
{
	const struct rows *errors = answer_rows(a, &row_errors);

	if (errors != NULL)
		text_lines(stderr, errors);
	fprintf(stderr, "%s: ", PFLOWCTL);
	escape_text(stderr, text, strlen(text));
	putc('\n', stderr);
}

static void
text_flow(FILE *f, const struct ctl_flow *flow)
{
	char text[FLOWLINE];

	fprintf(f, "%s\n", flowline(flow, text));
}

/* Printed to stderr, because stdout may be a file of flows. */
static void
text_lost(FILE *f, uint64_t flows)
{
	char text[FLOWLINE];

	fflush(f);
	fprintf(stderr, "%s\n", flowline_lost(flows, text));
}

const struct output output_text = {
	.name = "text",
	.head = text_head,
	.rows = text_rows,
	.error = text_error,
	.flow = text_flow,
	.lost = text_lost,
};
