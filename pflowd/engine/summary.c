/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <inttypes.h>
#include <stdio.h>

#include "common/log.h"
#include "common/counters.h"
#include "meter.h"
#include "export/export.h"
#include "summary.h"

#define NAME_WIDTH 40
#define LINE 128

/* Print a counter, indented by its depth. */
static void
print_row(summary_line *line, const char *name, int depth, uint64_t value)
{
	char text[LINE];

	snprintf(text, sizeof(text), "%*s%-*s %12" PRIu64, depth * 2, "",
	    NAME_WIDTH - depth * 2, name, value);
	line(text);
}

static void
print_rows(summary_line *line, const struct field *rows, size_t n,
    const void *counters, int depth)
{
	size_t i;

	for (i = 0; i < n; i++)
		print_row(line, rows[i].name, depth + rows[i].depth,
		    counter_value(&rows[i], counters));
}

/* Print the counters of a collector below its name. */
static void
print_collector(const struct export *export, unsigned int i, summary_line *line)
{
	struct export_status status;
	char text[LINE + CONF_NAME];

	export_status(export, i, &status);
	snprintf(text, sizeof(text), "collector %s", status.name);
	line(text);
	print_rows(line, collector_fields, collector_fields_count,
	    export_counters(export, i), 1);
	print_row(line, "records queued", 1, status.queued);
	print_row(line, "octets queued", 1, status.octets);
}

void
summary(struct meter *m, summary_line *line)
{
	int table = meter_reads_table(m);
	struct counters c;
	unsigned int i;

	meter_counters(m, &c);
	if (!m->source.facts.own_clock && !table)
		print_rows(line, kernel_fields, kernel_fields_count, &c, 0);
	if (table)
		print_rows(line, table_fields, table_fields_count, &c, 0);
	print_rows(line, counter_fields, counter_fields_count, &c, 0);
	for (i = 0; i < export_collectors(m->export); i++)
		print_collector(m->export, i, line);
}

void
summary_to_stderr(const char *text)
{
	fprintf(stderr, "%s\n", text);
}

void
summary_to_log(const char *text)
{
	log_info("%s", text);
}
