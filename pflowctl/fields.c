/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <assert.h>
#include <string.h>

#include "fields.h"

#define STATUS(member) FIELD_OF(struct ctl_status, member)
#define SOURCE(member) FIELD_OF(struct ctl_source, member)
#define COLLECTOR(member) FIELD_OF(struct ctl_collector, member)
#define INTERFACE(member) FIELD_OF(struct ctl_interface, member)
#define RULE(member) FIELD_OF(struct ctl_rule, member)

/* By CTL_DOWN and so on, by CTL_SOURCE_, CTL_PF_ and CTL_SET_. */
static const char *const collector_states[] = { "down", "up", "unknown", NULL };
static const char *const log_levels[] = { "brief", "verbose", NULL };
static const char *const sources[] = { "pfsync", "table", NULL };
static const char *const pf_states[] = { "disabled", "enabled", NULL };
static const char *const setters[] = { "system", "pflowd.conf", NULL };

#define COUNT(table) \
	static const size_t table##_count = sizeof(table) / sizeof(table[0])

static const struct field status_fields[] = {
	{ "version", "version", FIELD_LABEL, 0, STATUS(version),
	    .help = "Version of pflowd" },
	{ "sandbox", "sandbox", FIELD_LABEL, 0, STATUS(sandbox),
	    .help = "Sandbox of the engine" },
	{ "source", "source", FIELD_STATE, 0, STATUS(source),
	    .help = "Where states come from", .words = sources },
	{ "replay", "replay", FIELD_FLAG, 0, STATUS(replay),
	    .help = "Whether a file is replayed" },
	{ "interface", "interface", FIELD_TEXT, 0, STATUS(interface),
	    .help = "Interface captured" },
	{ "listening", "listening", FIELD_FLAG, 0, STATUS(listening),
	    .help = "Whether the interface is being captured" },
	{ "condition", "condition", FIELD_TEXT, 0, STATUS(condition),
	    .help = "Current problem" },
	{ "absent", "absent", FIELD_TEXT, 0, STATUS(absent),
	    .help = "Why the interface is not captured" },
	{ "buffer_bytes", "buffer", FIELD_POSITIVE, 0, STATUS(buffer),
	    .help =
		"Bytes of the capture buffer in the kernel, 0 if as large as "
		"requested" },
	{ "pfsync_version", "pfsync version", FIELD_POSITIVE, 0,
	    STATUS(pfsync_version),
	    .help = "Version of the last pfsync frame, 0 for none" },
	{ "now", "now", FIELD_TIME, 0, STATUS(now),
	    .help = "Time of this answer" },
	{ "started", "started", FIELD_TIME, 0, STATUS(started),
	    .help = "Start of pflowd" },
	{ "engine_started", "engine started", FIELD_TIME, 0,
	    STATUS(engine_started), .help = "Start of the engine" },
	{ "engines", "engines", FIELD_COUNTER, 0, STATUS(engines),
	    .help = "Engines started" },
	{ "engines_replaced", "engines replaced", FIELD_COUNTER, 0,
	    STATUS(engines_replaced),
	    .help = "Engines replaced because the interface appeared or was "
		    "changed" },
	{ "engines_died", "engines died", FIELD_COUNTER, 0,
	    STATUS(engines_died),
	    .help = "Engines that crashed, were killed or did not stop" },
	{ "reloaded", "reloaded", FIELD_TIME, 0, STATUS(reloaded),
	    .help = "Last reload of the configuration, 0 for never" },
	{ "log_level", "log level", FIELD_STATE, 0, STATUS(verbose),
	    .help = "How much is logged", .words = log_levels },
	{ "clients", "clients", FIELD_GAUGE, 0, STATUS(clients),
	    .help = "Clients connected to the control sockets" },
	{ "records", "records", FIELD_COUNTER, 0, STATUS(records),
	    .help = "Records built for all collectors" },
	{ "last_error_time", "last error at", FIELD_TIME, 0, STATUS(error_time),
	    .help = "Time of the last warning logged, 0 for never",
	    .metric = "last_error" },
	{ "last_drop_time", "last drop at", FIELD_TIME, 0, STATUS(drop_time),
	    .help =
		"Time when frames or records were last dropped, 0 for never",
	    .metric = "last_drop" },
	{ "last_error", "last error", FIELD_TEXT, 0, STATUS(error),
	    .help = "Last warning logged" },
};
COUNT(status_fields);

static const struct field source_fields[] = {
	{ "source", "source", FIELD_LABEL, 0, SOURCE(name), .help = "Source" },
	{ "reads", "reads", FIELD_TEXT, 0, SOURCE(reads),
	    .help = "What is read" },
	{ "pfsync_version", "pfsync version", FIELD_POSITIVE, 0,
	    SOURCE(pfsync_version),
	    .help = "Version of the last pfsync frame, 0 for none" },
	{ "since", "since", FIELD_TIME, 0, SOURCE(since),
	    .help = "Since when it is read, 0 if it is not" },
	{ "last_useful", "last useful", FIELD_TIME, 0, SOURCE(useful),
	    .help = "Time of the last deletion or whole dump, 0 for none" },
	{ "interval_ms", "interval", FIELD_MS, 0, SOURCE(interval),
	    .help = "Time between dumps", .metric = "interval" },
	{ "interim_ms", "interim", FIELD_MS, 0, SOURCE(interim),
	    .help = "Time between reports of a living state, 0 for none",
	    .metric = "interim_interval" },
	{ "join", "join", FIELD_FLAG, 0, SOURCE(join),
	    .help = "Whether the states of a connection are joined" },
	{ "dump_ms", "dump time", FIELD_MS, 0, SOURCE(took),
	    .help = "Time that the last whole dump took",
	    .metric = "dump_time" },
	{ "longest_dump_ms", "longest dump", FIELD_MS, 0, SOURCE(longest),
	    .help = "Time that the longest whole dump took",
	    .metric = "longest_dump_time" },
	{ "dump_cpu_ms", "CPU time", FIELD_MS, 0, SOURCE(cpu),
	    .help = "CPU time of the last whole dump, 0 for unknown",
	    .metric = "dump_cpu_time" },
	{ "dump_bytes", "bytes", FIELD_SIZE, 0, SOURCE(bytes),
	    .help = "Bytes of the last whole dump" },
	{ "dump_states", "states", FIELD_GAUGE, 0, SOURCE(states),
	    .help = "States in the last whole dump" },
	{ "tracked", "tracked", FIELD_GAUGE, 0, SOURCE(tracked),
	    .help = "States that are tracked" },
	{ "without_room", "without room", FIELD_GAUGE, 0, SOURCE(without_room),
	    .help = "States of the last dump that are not tracked" },
	{ "limit", "limit", FIELD_POSITIVE, 0, SOURCE(limit),
	    .help = "Limit of states in pf, 0 for unknown" },
	{ "dumps", "dumps", FIELD_COUNTER, 0, SOURCE(dumps),
	    .help = "Dumps of the state table read" },
	{ "dumps_void", "void dumps", FIELD_COUNTER, 0, SOURCE(dumps_void),
	    .help = "Dumps that failed, were cut or not understood" },
	{ "dumpers_replaced", "dumpers replaced", FIELD_COUNTER, 0,
	    SOURCE(dumpers_replaced),
	    .help = "Dumpers replaced because a dump took too long" },
	{ "pf", "pf", FIELD_STATE, 0, SOURCE(pf),
	    .help = "Whether pf is enabled", .words = pf_states },
	{ "condition", "condition", FIELD_TEXT, 0, SOURCE(condition),
	    .help = "Current problem" },
};
COUNT(source_fields);

static const struct field collector_row_fields[] = {
	{ "collector", "collector", FIELD_LABEL, 0, COLLECTOR(name),
	    .help = "Collector" },
	{ "address", "address", FIELD_TEXT, 0, COLLECTOR(address),
	    .help = "Address of the collector, empty until its name resolves" },
	{ "protocol", "protocol", FIELD_TEXT, 0, COLLECTOR(protocol),
	    .help = "Export protocol" },
	{ "engine_id", "engine id", FIELD_OPTION, 0, COLLECTOR(engine_id),
	    .help = "Engine id, NetFlow 5 only" },
	{ "domain", "domain", FIELD_POSITIVE, 0, COLLECTOR(domain),
	    .help = "Observation domain, NetFlow 9 and IPFIX only" },
	{ "rate", "rate", FIELD_POSITIVE, 0, COLLECTOR(rate),
	    .help = "Limit of datagrams per second, 0 for no limit" },
	{ "state", "state", FIELD_STATE, 0, COLLECTOR(state),
	    .help = "Whether datagrams can be sent",
	    .words = collector_states },
	{ "since", "since", FIELD_TIME, 0, COLLECTOR(since),
	    .help = "Time of the last change of the state" },
	{ "records_queued", "records queued", FIELD_GAUGE, 0,
	    COLLECTOR(records_queued), .help = "Records queued" },
	{ "datagrams_queued", "datagrams queued", FIELD_GAUGE, 0,
	    COLLECTOR(datagrams_queued), .help = "Datagrams queued" },
	{ "octets_queued", "octets queued", FIELD_SIZE, 0,
	    COLLECTOR(octets_queued),
	    .help = "Bytes of flows in the records queued",
	    .metric = "flow_queued_bytes" },
	{ "last_error_time", "last error at", FIELD_TIME, 0,
	    COLLECTOR(error_time),
	    .help = "Time of the last failed send, 0 for never",
	    .metric = "last_error" },
	{ "last_error", "last error", FIELD_TEXT, 0, COLLECTOR(error),
	    .help = "Error of the last failed send" },
};
COUNT(collector_row_fields);

static const struct field interface_fields[] = {
	{ "interface", "interface", FIELD_LABEL, 0, INTERFACE(name),
	    .help = "Interface of states" },
	{ "index", "index", FIELD_POSITIVE, 0, INTERFACE(index),
	    .help = "Interface index in records, 0 for unknown" },
	{ "set_by", "set by", FIELD_STATE, 0, INTERFACE(set_by),
	    .help = "Where the index is set", .words = setters },
	{ "states", "states", FIELD_COUNTER, 0, INTERFACE(states),
	    .help = "Reports of states bound to the interface" },
	{ "records", "records", FIELD_COUNTER, 0, INTERFACE(records),
	    .help = "Records of states bound to the interface" },
};
COUNT(interface_fields);

static const struct field rule_fields[] = {
	{ "list", "list", FIELD_LABEL, 0, RULE(collector),
	    .help =
		"Collector that the rule belongs to, empty for global rules" },
	{ "number", "number", FIELD_INDEX, 0, RULE(number),
	    .help = "Position in its list, from 0" },
	{ "rule", "rule", FIELD_LABEL, 0, RULE(text), .help = "The rule" },
	{ "states", "states", FIELD_COUNTER, 0, RULE(states),
	    .help = "States decided by the rule" },
};
COUNT(rule_fields);

static const struct field tested_fields[] = {
	{ "collector", "collector", FIELD_LABEL, 0,
	    FIELD_OF(struct ctl_tested, collector), .help = "Collector" },
	{ "result", "result", FIELD_TEXT, 0,
	    FIELD_OF(struct ctl_tested, result),
	    .help = "Result of the test, or the error" },
	{ "failed", "failed", FIELD_FLAG, 0,
	    FIELD_OF(struct ctl_tested, failed),
	    .help = "Whether the test failed" },
};
COUNT(tested_fields);

static const struct field line_fields[] = {
	{ "line", "line", FIELD_TEXT, 0, 0, CTL_LINE, .help = "Line" },
};
COUNT(line_fields);

#define PART(key, table, base)                                    \
	{                                                         \
		key, table, &table##_count, base, PART_ANY_SOURCE \
	}
#define COUNTERS(table, source)                                     \
	{                                                           \
		NULL, table, &table##_count,                        \
		    offsetof(struct ctl_counters, counters), source \
	}

const struct row_type row_status = {
	.key = "status",
	.metrics = "pflowd",
	.request = MSG_CTL_SHOW_STATUS,
	.reply = MSG_CTL_STATUS,
	.size = sizeof(struct ctl_status),
	.single = 1,
	.parts = { PART(NULL, status_fields, 0) },
};

const struct row_type row_counters = {
	.key = "counters",
	.metrics = "pflowd",
	.request = MSG_CTL_SHOW_COUNTERS,
	.reply = MSG_CTL_COUNTERS,
	.size = sizeof(struct ctl_counters),
	.single = 1,
	.parts = { COUNTERS(kernel_fields, PART_PFSYNC),
	    COUNTERS(table_fields, PART_TABLE),
	    COUNTERS(counter_fields, PART_ANY_SOURCE) },
};

const struct row_type row_sources = {
	.key = "sources",
	.metrics = "pflowd_source",
	.request = MSG_CTL_SHOW_SOURCES,
	.reply = MSG_CTL_SOURCE,
	.size = sizeof(struct ctl_source),
	.parts = { PART(NULL, source_fields, 0) },
};

const struct row_type row_collectors = {
	.key = "collectors",
	.metrics = "pflowd_collector",
	.request = MSG_CTL_SHOW_COLLECTORS,
	.reply = MSG_CTL_COLLECTOR,
	.size = sizeof(struct ctl_collector),
	.parts = { PART(NULL, collector_row_fields, 0),
	    PART("counters", collector_fields,
		offsetof(struct ctl_collector, counters)) },
};

const struct row_type row_interfaces = {
	.key = "interfaces",
	.metrics = "pflowd_interface",
	.request = MSG_CTL_SHOW_INTERFACES,
	.reply = MSG_CTL_INTERFACE,
	.size = sizeof(struct ctl_interface),
	.parts = { PART(NULL, interface_fields, 0) },
};

const struct row_type row_rules = {
	.key = "rules",
	.metrics = "pflowd_rule",
	.request = MSG_CTL_SHOW_RULES,
	.reply = MSG_CTL_RULE,
	.size = sizeof(struct ctl_rule),
	.parts = { PART(NULL, rule_fields, 0) },
};

const struct row_type row_config = {
	.key = "config",
	.request = MSG_CTL_SHOW_CONFIG,
	.reply = MSG_CTL_LINE,
	.size = CTL_LINE,
	.strings = 1,
	.parts = { PART(NULL, line_fields, 0) },
};

const struct row_type row_errors = {
	.key = "errors",
	.request = MSG_CTL_RELOAD,
	.reply = MSG_CTL_LINE,
	.size = CTL_LINE,
	.strings = 1,
	.parts = { PART(NULL, line_fields, 0) },
};

const struct row_type row_states = {
	.key = "states",
	.request = MSG_CTL_SHOW_STATES,
	.reply = MSG_CTL_FLOW,
	.size = sizeof(struct ctl_flow),
	.payload = sizeof(struct ctl_states),
	.flows = 1,
};

const struct row_type row_tests = {
	.key = "tests",
	.request = MSG_CTL_TEST,
	.reply = MSG_CTL_TESTED,
	.size = sizeof(struct ctl_tested),
	.payload = sizeof(struct ctl_test),
	.fails = 1,
	.parts = { PART(NULL, tested_fields, 0) },
};

uint64_t
field_value(const struct field *f, const void *base)
{
	const char *at = (const char *)base + f->offset;
	uint32_t narrow;
	uint64_t wide;

	if (f->size == sizeof(narrow)) {
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	}
	assert(f->size == sizeof(wide));
	memcpy(&wide, at, sizeof(wide));
	return wide;
}

const char *
field_text(const struct field *f, const void *base)
{
	return (const char *)base + f->offset;
}

const char *
field_word(const struct field *f, const void *base)
{
	uint64_t word = field_value(f, base), i;

	for (i = 0; f->words[i] != NULL; i++)
		if (i == word)
			return f->words[i];
	return NULL;
}

int
field_is_none(const struct field *f, const void *base)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LABEL:
		return field_text(f, base)[0] == '\0';
	case FIELD_TIME:
	case FIELD_MS:
	case FIELD_POSITIVE:
		return field_value(f, base) == 0;
	case FIELD_OPTION:
		return field_value(f, base) == UINT32_MAX;
	case FIELD_STATE:
		return field_word(f, base) == NULL;
	default:
		return 0;
	}
}

int
field_is_text(const struct field *f)
{
	return f->type == FIELD_TEXT || f->type == FIELD_LABEL;
}

const struct field *
row_field(const struct row_type *type, const char *key, size_t *base)
{
	const struct part *p;
	size_t i;

	for (p = type->parts; p < type->parts + ROW_PARTS; p++) {
		for (i = 0; p->fields != NULL && i < *p->count; i++) {
			if (strcmp(p->fields[i].key, key) != 0)
				continue;
			*base = p->base;
			return &p->fields[i];
		}
	}
	assert(!"a field of that key");
	return NULL;
}
