/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Text for a terminal.  Small tables of items list the fields that each view
 * shows, by their keys.
 */

#include <inttypes.h>
#include <string.h>

#include "common/flowline.h"
#include "escape.h"
#include "output.h"

#define CELL 640 /* more than the longest text */
#define LABEL_WIDTH 28
#define COUNTER_WIDTH 40 /* as in pflowd's log of counters */
#define WIDE 47		 /* a wider cell shifts the rest of its line */
#define SUM_KEYS 8
#define SUMMARY_INDENT 12

/*
 * A line or column that shows fields of a row.  A flag may have one more key in
 * add: if that field is 0, the flag has no meaning and a dash is shown.
 */
struct item {
	const char *label; /* NULL: end of the table */
	const char *key;
	const char *zero; /* instead of 0 or no text; "": omit the line */
	const char *one;  /* text of a flag that is 1 */
	const char *add[SUM_KEYS]; /* more keys, to be added */
};

static const struct item summary_columns[] = {
	{ "collector", "collector", NULL, NULL, { NULL } },
	{ "state", "up", "down", "up", { NULL } },
	{ "since", "since", "-", NULL, { NULL } },
	{ "records", "records", NULL, NULL, { NULL } },
	{ "queued", "records_queued", NULL, NULL, { NULL } },
	{ "lost", "records_dropped", NULL, NULL,
	    { "records_refused", "records_no_host", "records_no_net",
		"records_denied", "records_too_big", "records_failed",
		"records_crashed" } },
	{ NULL, NULL, NULL, NULL, { NULL } },
};

static const struct item collector_lines[] = {
	{ "address", "address", "unknown yet", NULL, { NULL } },
	{ "protocol", "protocol", "", NULL, { NULL } },
	{ "engine id", "engine_id", "", NULL, { NULL } },
	{ "domain", "domain", "", NULL, { NULL } },
	{ "limit, datagrams per second", "rate", "no limit", NULL, { NULL } },
	{ "state", "up", "down", "up", { NULL } },
	{ "since", "since", "", NULL, { NULL } },
	{ "records built", "records", NULL, NULL, { NULL } },
	{ "records sent", "records_sent", NULL, NULL, { NULL } },
	{ "records queued", "records_queued", NULL, NULL, { NULL } },
	{ "records dropped: queue full", "records_dropped", NULL, NULL,
	    { NULL } },
	{ "records failed", "records_refused", NULL, NULL,
	    { "records_no_host", "records_no_net", "records_denied",
		"records_too_big", "records_failed" } },
	{ "records lost in a crash", "records_crashed", "", NULL, { NULL } },
	{ "datagrams sent", "datagrams", NULL, NULL, { NULL } },
	{ "datagrams queued", "datagrams_queued", NULL, NULL, { NULL } },
	{ "bytes sent", "bytes", NULL, NULL, { NULL } },
	{ "errors: refused", "errors_refused", "", NULL, { NULL } },
	{ "errors: host unreachable", "errors_no_host", "", NULL, { NULL } },
	{ "errors: network unreachable", "errors_no_net", "", NULL, { NULL } },
	{ "errors: not permitted", "errors_denied", "", NULL, { NULL } },
	{ "errors: too big", "errors_too_big", "", NULL, { NULL } },
	{ "errors: other", "errors_other", "", NULL, { NULL } },
	{ "last error", "error", "", NULL, { NULL } },
	{ "last error at", "error_time", "", NULL, { NULL } },
	{ NULL, NULL, NULL, NULL, { NULL } },
};

static const struct item interface_columns[] = {
	{ "interface", "interface", "-", NULL, { NULL } },
	{ "index", "index", "unknown", NULL, { NULL } },
	{ "set by", "fixed", "system", "pflowd.conf", { "index" } },
	{ "states", "states", NULL, NULL, { NULL } },
	{ "records", "records", NULL, NULL, { NULL } },
	{ NULL, NULL, NULL, NULL, { NULL } },
};

static const struct item rule_columns[] = {
	{ "list", "list", "(all)", NULL, { NULL } },
	{ "number", "number", NULL, NULL, { NULL } },
	{ "states", "states", NULL, NULL, { NULL } },
	{ "rule", "rule", NULL, NULL, { NULL } },
	{ NULL, NULL, NULL, NULL, { NULL } },
};

static const struct item tested_columns[] = {
	{ "collector", "collector", NULL, NULL, { NULL } },
	{ "result", "said", NULL, NULL, { NULL } },
	{ NULL, NULL, NULL, NULL, { NULL } },
};

static const struct field *
find(const struct rows *r, const void *row, const char *key, const char **at)
{
	const struct field *f;
	size_t base;

	f = row_field(r->type, key, &base);
	*at = (const char *)row + base;
	return f;
}

static uint64_t
value_of(const struct rows *r, const void *row, const char *key)
{
	const char *at;
	const struct field *f = find(r, row, key, &at);

	return field_value(f, at);
}

/* Text has times without milliseconds. */
static void
format_time(uint64_t time, char buf[FLOWLINE_TIME])
{
	flowline_time(time, buf);
	memcpy(strchr(buf, '.'), "Z", 2);
}

/* Days and hours:minutes:seconds between two times. */
static const char *
format_duration(uint64_t from, uint64_t to, char *buf, size_t size)
{
	uint64_t s = from != 0 && to > from ? (to - from) / 1000 : 0;
	int n = 0;

	if (s >= 86400)
		n = snprintf(buf, size, "%" PRIu64 "d ", s / 86400);
	snprintf(buf + n, size - (size_t)n, "%02u:%02u:%02u",
	    (unsigned int)(s / 3600 % 24), (unsigned int)(s / 60 % 60),
	    (unsigned int)(s % 60));
	return buf;
}

static const char *
format_flag(const struct rows *r, const void *row, const struct item *item,
    int on)
{
	if (item->add[0] != NULL && value_of(r, row, item->add[0]) == 0)
		return "-";
	return on ? item->one : item->zero;
}

/* Write the text of an item, which is not escaped yet. */
static void
format(const struct rows *r, const void *row, const struct item *item,
    char buf[CELL])
{
	const char *at;
	const struct field *f = find(r, row, item->key, &at);
	uint64_t v;
	int i;

	if (field_is_text(f)) {
		snprintf(buf, CELL, "%.*s", (int)f->size, field_text(f, at));
		if (buf[0] == '\0' && item->zero != NULL)
			snprintf(buf, CELL, "%s", item->zero);
		return;
	}
	v = field_value(f, at);
	if (f->type == FIELD_FLAG) {
		snprintf(buf, CELL, "%s", format_flag(r, row, item, v != 0));
		return;
	}
	for (i = 0; i < SUM_KEYS && item->add[i] != NULL; i++)
		v += value_of(r, row, item->add[i]);
	if (v == 0 && item->zero != NULL)
		snprintf(buf, CELL, "%s", item->zero);
	else if (f->type == FIELD_TIME)
		format_time(v, buf);
	else
		snprintf(buf, CELL, "%" PRIu64, v);
}

/* True for numbers, which are aligned to the right. */
static int
at_right(const struct row_type *type, const struct item *column)
{
	size_t base;
	const struct field *f = row_field(type, column->key, &base);

	return !field_is_text(f) && f->type != FIELD_FLAG &&
	    f->type != FIELD_TIME;
}

static int
width_of(const struct rows *r, const struct item *column)
{
	char cell[CELL];
	size_t i, width = strlen(column->label);

	for (i = 0; i < r->n; i++) {
		format(r, rows_at(r, i), column, cell);
		if (strlen(cell) > width && strlen(cell) <= WIDE)
			width = strlen(cell);
	}
	return (int)width;
}

static void
print_cell(FILE *f, const char *text, int width, int right, int last)
{
	int len = (int)strlen(text);
	int pad = width > len ? width - len : 0;

	if (right)
		fprintf(f, "%*s", pad, "");
	escape_text(f, text, CELL);
	if (!right && !last)
		fprintf(f, "%*s", pad, "");
	fprintf(f, last ? "\n" : "  ");
}

/* Print a line of a table; row NULL: the line of labels. */
static void
print_row(FILE *f, const struct rows *r, const void *row,
    const struct item *columns, const int *widths)
{
	char cell[CELL];
	int i;

	for (i = 0; columns[i].label != NULL; i++) {
		if (row != NULL)
			format(r, row, &columns[i], cell);
		else
			snprintf(cell, sizeof(cell), "%s", columns[i].label);
		print_cell(f, cell, widths[i], at_right(r->type, &columns[i]),
		    columns[i + 1].label == NULL);
	}
}

static void
print_table(FILE *f, const struct rows *r, const struct item *columns)
{
	int widths[16] = { 0 }, n;
	size_t i;

	for (n = 0; columns[n].label != NULL; n++)
		widths[n] = width_of(r, &columns[n]);
	if (r->n == 0)
		return;
	print_row(f, r, NULL, columns, widths);
	for (i = 0; i < r->n; i++)
		print_row(f, r, rows_at(r, i), columns, widths);
}

static void
print_counter(FILE *f, const struct field *field, int depth, const void *base)
{
	depth += field->depth;
	fprintf(f, "%*s%-*s %12" PRIu64 "\n", depth * 2, "",
	    COUNTER_WIDTH - depth * 2, field->name, field_value(field, base));
}

static void
print_counters(FILE *f, const struct part *p, int depth, const void *row)
{
	size_t i;

	for (i = 0; i < *p->count; i++)
		print_counter(f, &p->fields[i], depth,
		    (const char *)row + p->base);
}

/* Print the name of a row, which is its first field. */
static void
print_title(FILE *f, const struct rows *r, const void *row)
{
	const struct field *field = r->type->parts[0].fields;

	fprintf(f, "%s ", field->name);
	escape_text(f, field_text(field, row), field->size);
	putc('\n', f);
}

static void
show_counters(FILE *f, const struct rows *r)
{
	const struct part *p = r->type->parts;
	const struct field *queued;
	const char *at;
	size_t i;

	if (r->type->single) {
		for (; p < r->type->parts + ROW_PARTS; p++)
			print_counters(f, p, 0, rows_at(r, 0));
		return;
	}
	for (i = 0; i < r->n; i++) {
		print_title(f, r, rows_at(r, i));
		print_counters(f, &p[1], 1, rows_at(r, i));
		queued = find(r, rows_at(r, i), "records_queued", &at);
		print_counter(f, queued, 1, at);
	}
}

static void
show_blocks(FILE *f, const struct rows *r, const struct item *lines)
{
	const struct item *item;
	char cell[CELL];
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (i > 0)
			putc('\n', f);
		print_title(f, r, rows_at(r, i));
		for (item = lines; item->label != NULL; item++) {
			format(r, rows_at(r, i), item, cell);
			if (cell[0] == '\0')
				continue;
			fprintf(f, "  %-*s ", LABEL_WIDTH, item->label);
			escape_text(f, cell, sizeof(cell));
			putc('\n', f);
		}
	}
}

static void
show_lines(FILE *f, const struct rows *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		escape_line(f, rows_at(r, i), r->type->size);
		putc('\n', f);
	}
}

static void
print_text(FILE *f, const struct rows *r, const char *key)
{
	const char *at;
	const struct field *field = find(r, rows_at(r, 0), key, &at);

	escape_text(f, field_text(field, at), field->size);
}

/* Print a text folded, from this column of a line on, and end the line. */
static void
print_rest(FILE *f, const struct rows *r, const char *key, size_t column)
{
	const char *at;
	const struct field *field = find(r, rows_at(r, 0), key, &at);

	escape_folded(f, field_text(field, at), field->size, column,
	    SUMMARY_INDENT);
	putc('\n', f);
}

static int
is_empty(const struct rows *r, const char *key)
{
	const char *at;
	const struct field *field = find(r, rows_at(r, 0), key, &at);

	return field_text(field, at)[0] == '\0';
}

static uint64_t
number(const struct rows *r, const char *key)
{
	return value_of(r, rows_at(r, 0), key);
}

static void
print_uptime(FILE *f, const struct rows *status)
{
	uint64_t now = number(status, "now");
	uint64_t engines = number(status, "engines");
	char text[64];

	fprintf(f, "pflowd      ");
	print_text(f, status, "version");
	fprintf(f, ", up %s\nengine      up %s, sandbox ",
	    format_duration(number(status, "started"), now, text, 32),
	    format_duration(number(status, "engine_started"), now, text + 32,
		32));
	print_text(f, status, "sandbox");
	if (engines > 1)
		fprintf(f, ", started %" PRIu64 " times", engines);
	putc('\n', f);
}

/* On some systems, pfsync sends nothing although pf keeps states. */
static void
print_why_silent(FILE *f, const struct rows *status)
{
	const char *at;
	const struct field *field = find(status, rows_at(status, 0),
	    "interface", &at);
	char text[CTL_CONDITION];

	snprintf(text, sizeof(text),
	    "(FreeBSD 14 and OpenBSD send none without a peer or a parent "
	    "interface: ifconfig %.*s syncpeer ADDRESS syncdev IF up, on "
	    "OpenBSD without syncpeer)",
	    (int)field->size, field_text(field, at));
	fprintf(f, "%*s", SUMMARY_INDENT, "");
	escape_folded(f, text, sizeof(text), SUMMARY_INDENT, SUMMARY_INDENT);
	putc('\n', f);
}

static void
print_listening(FILE *f, const struct rows *status)
{
	uint64_t version = number(status, "pfsync_version");

	fprintf(f, "listening   ");
	if (number(status, "listening") != 0)
		fprintf(f, "on ");
	else
		fprintf(f, is_empty(status, "interface") ? "no" : "not on ");
	print_text(f, status, "interface");
	if (version != 0)
		fprintf(f, ", pfsync version %" PRIu64, version);
	else
		fprintf(f, ", no pfsync frame seen yet");
	putc('\n', f);
	if (!is_empty(status, "absent")) {
		fprintf(f, "%*s", SUMMARY_INDENT, "");
		print_rest(f, status, "absent", SUMMARY_INDENT);
	} else if (version == 0 && number(status, "listening") != 0)
		print_why_silent(f, status);
}

/* With a small buffer the kernel drops bursts. */
static void
print_buffer(FILE *f, const struct rows *status)
{
	if (number(status, "buffer_bytes") != 0)
		fprintf(f,
		    "buffer      %" PRIu64
		    " bytes, less than requested: raise net.bpf.maxbufsize\n",
		    number(status, "buffer_bytes"));
}

static void
print_reloaded(FILE *f, const struct rows *status)
{
	uint64_t time = number(status, "reloaded");
	char text[FLOWLINE_TIME];

	if (time == 0)
		return;
	format_time(time, text);
	fprintf(f, "reloaded    %s\n", text);
}

static void
print_notice(FILE *f, const struct rows *status)
{
	if (is_empty(status, "condition"))
		return;
	fprintf(f, "condition   ");
	print_rest(f, status, "condition", SUMMARY_INDENT);
}

static void
print_last_error(FILE *f, const struct rows *status)
{
	char text[FLOWLINE_TIME];

	if (is_empty(status, "error"))
		return;
	format_time(number(status, "error_time"), text);
	fprintf(f, "last error  %s ", text);
	print_rest(f, status, "error", SUMMARY_INDENT + strlen(text) + 1);
}

static void
print_states(FILE *f, const struct rows *counters)
{
	uint64_t dropped = number(counters, "kernel_dropped") +
	    number(counters, "kernel_interface_dropped");

	fprintf(f,
	    "states      %" PRIu64 " seen, %" PRIu64 " exported, %" PRIu64
	    " ignored by rule\n",
	    number(counters, "states"), number(counters, "states_exported"),
	    number(counters, "states_ignored"));
	if (dropped != 0)
		fprintf(f, "frames      %" PRIu64 " dropped by the kernel\n",
		    dropped);
}

static void
show_summary(FILE *f, const struct answer *a)
{
	const struct rows *status = answer_rows(a, &row_status);

	print_uptime(f, status);
	print_listening(f, status);
	print_buffer(f, status);
	print_notice(f, status);
	print_reloaded(f, status);
	print_states(f, answer_rows(a, &row_counters));
	fprintf(f, "records     %" PRIu64 " built\n",
	    number(status, "records"));
	print_last_error(f, status);
	if (answer_rows(a, &row_collectors)->n > 0)
		putc('\n', f);
}

static void
text_head(FILE *f, const struct answer *a)
{
	if (a->view == VIEW_SUMMARY)
		show_summary(f, a);
}

static void
text_rows(FILE *f, const struct answer *a, const struct rows *r)
{
	switch (a->view) {
	case VIEW_SUMMARY:
		if (r->type == &row_collectors)
			print_table(f, r, summary_columns);
		break;
	case VIEW_COLLECTORS:
		show_blocks(f, r, collector_lines);
		break;
	case VIEW_COUNTERS:
		show_counters(f, r);
		break;
	case VIEW_INTERFACES:
		print_table(f, r, interface_columns);
		break;
	case VIEW_RULES:
		print_table(f, r, rule_columns);
		break;
	case VIEW_TESTS:
		print_table(f, r, tested_columns);
		break;
	case VIEW_CONFIG:
	case VIEW_ALL:
		show_lines(f, r);
		break;
	}
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
	fflush(f);
	fprintf(stderr, "(%" PRIu64 " flows not shown: reader is too slow)\n",
	    flows);
}

const struct output output_text = {
	.name = "text",
	.head = text_head,
	.rows = text_rows,
	.flow = text_flow,
	.lost = text_lost,
};
