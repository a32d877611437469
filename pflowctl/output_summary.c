/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The summary of the text format: a line for each part of pflowd's status.
 */

#include <inttypes.h>
#include <string.h>

#include "escape.h"
#include "output_text.h"

#define INDENT 12 /* columns of the labels */

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

/* Print a text of the only row. */
static void
print_text(FILE *f, const struct rows *r, const char *key)
{
	const char *base;
	const struct field *field = rows_field(r, rows_at(r, 0), key, &base);

	escape_text(f, field_text(field, base), field->size);
}

/* Print a text folded, from this column of a line on, and end the line. */
static void
print_rest(FILE *f, const struct rows *r, const char *key, size_t column)
{
	const char *base;
	const struct field *field = rows_field(r, rows_at(r, 0), key, &base);

	escape_folded(f, field_text(field, base), field->size, column, INDENT);
	putc('\n', f);
}

/* True if a text of the only row is empty. */
static int
is_empty(const struct rows *r, const char *key)
{
	const char *base;
	const struct field *field = rows_field(r, rows_at(r, 0), key, &base);

	return field_text(field, base)[0] == '\0';
}

/* The value of a numeric field of the only row. */
static uint64_t
number(const struct rows *r, const char *key)
{
	return rows_value(r, rows_at(r, 0), key);
}

/* Print how often it happened, if ever. */
static void
print_times(FILE *f, const char *what, uint64_t n)
{
	if (n > 0)
		fprintf(f, ", %s %" PRIu64 " time%s", what, n,
		    n == 1 ? "" : "s");
}

/* Print the version, and how long pflowd and its engine have run. */
static void
print_uptime(FILE *f, const struct rows *status)
{
	uint64_t now = number(status, "now");
	char text[64];

	fprintf(f, "pflowd      ");
	print_text(f, status, "version");
	fprintf(f, ", up %s\nengine      up %s, sandbox ",
	    format_duration(number(status, "started"), now, text, 32),
	    format_duration(number(status, "engine_started"), now, text + 32,
		32));
	print_text(f, status, "sandbox");
	print_times(f, "replaced", number(status, "engines_replaced"));
	print_times(f, "died", number(status, "engines_died"));
	putc('\n', f);
}

/* Print why pfsync may send nothing on some systems although pf keeps states.
 */
static void
print_why_silent(FILE *f, const struct rows *status)
{
	const char *base;
	const struct field *field = rows_field(status, rows_at(status, 0),
	    "interface", &base);
	char text[CTL_CONDITION];

	snprintf(text, sizeof(text),
	    "(FreeBSD 14 and OpenBSD send none without a peer or a parent "
	    "interface: ifconfig %.*s syncpeer ADDRESS syncdev IF up, on "
	    "OpenBSD without syncpeer)",
	    (int)field->size, field_text(field, base));
	fprintf(f, "%*s", INDENT, "");
	escape_folded(f, text, sizeof(text), INDENT, INDENT);
	putc('\n', f);
}

/* Print the interface and the version of its frames, or why there are none. */
static void
print_listening(FILE *f, const struct rows *status)
{
	uint64_t version = number(status, "pfsync_version");
	int listening = number(status, "listening") != 0;

	fprintf(f, "listening   %s", listening ? "on " : "not on ");
	print_text(f, status, "interface");
	if (version != 0)
		fprintf(f, ", pfsync version %" PRIu64 "\n", version);
	else
		fprintf(f, ", no pfsync frame seen yet\n");
	if (!is_empty(status, "absent")) {
		fprintf(f, "%*s", INDENT, "");
		print_rest(f, status, "absent", INDENT);
	} else if (version == 0 && listening) {
		print_why_silent(f, status);
	}
}

static int
reads_table(const struct rows *status)
{
	return number(status, "source") == CTL_SOURCE_TABLE;
}

/* Print the counters of the state table, and why it is not read. */
static void
print_reading(FILE *f, const struct rows *status, const struct rows *counters)
{
	fprintf(f,
	    "reading     pf's state table, %" PRIu64 " dumps, %" PRIu64
	    " states tracked\n",
	    number(counters, "dumps"), number(counters, "states_tracked"));
	if (!is_empty(status, "absent")) {
		fprintf(f, "%*s", INDENT, "");
		print_rest(f, status, "absent", INDENT);
	}
}

static void
print_replaying(FILE *f, const struct rows *status)
{
	uint64_t version = number(status, "pfsync_version");

	fprintf(f, "replaying   a %s",
	    reads_table(status) ? "recording" : "capture");
	if (version != 0)
		fprintf(f, ", pfsync version %" PRIu64, version);
	putc('\n', f);
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
	text_time(time, text);
	fprintf(f, "reloaded    %s\n", text);
}

static void
print_condition(FILE *f, const struct rows *status)
{
	if (is_empty(status, "condition"))
		return;
	fprintf(f, "condition   ");
	print_rest(f, status, "condition", INDENT);
}

static void
print_last_error(FILE *f, const struct rows *status)
{
	char text[FLOWLINE_TIME];

	if (is_empty(status, "last_error"))
		return;
	text_time(number(status, "last_error_time"), text);
	fprintf(f, "last error  %s ", text);
	print_rest(f, status, "last_error", INDENT + strlen(text) + 1);
}

/* Print how many states were exported. */
static void
print_states(FILE *f, const struct rows *counters)
{
	fprintf(f,
	    "states      %" PRIu64 " seen, %" PRIu64 " exported, %" PRIu64
	    " ignored by rule\n",
	    number(counters, "states"), number(counters, "states_exported"),
	    number(counters, "states_ignored"));
}

static void
print_dropped(FILE *f, const struct rows *counters)
{
	uint64_t dropped = number(counters, "kernel_dropped") +
	    number(counters, "kernel_interface_dropped");

	if (dropped != 0)
		fprintf(f, "frames      %" PRIu64 " dropped by the kernel\n",
		    dropped);
}

static void
print_octets(FILE *f, const struct rows *counters)
{
	char seen[TEXT_BYTES], exported[TEXT_BYTES], ignored[TEXT_BYTES];
	uint64_t before = number(counters, "octets_before_start");

	text_bytes(number(counters, "octets_reported"), seen);
	text_bytes(number(counters, "octets_exported"), exported);
	text_bytes(number(counters, "octets_ignored"), ignored);
	fprintf(f, "octets      %s seen, %s exported, %s ignored by rule\n",
	    seen, exported, ignored);
	if (before == 0)
		return;
	text_bytes(before, seen);
	fprintf(f, "%*s%s from before the start, not exported\n", INDENT, "",
	    seen);
}

static void
print_reports(FILE *f, const struct rows *counters)
{
	uint64_t interim = number(counters, "reports_interim");
	uint64_t joined = number(counters, "reports_joined");

	if (interim > 0 || joined > 0)
		fprintf(f,
		    "reports     %" PRIu64 " of living states, %" PRIu64
		    " of joined connections\n",
		    interim, joined);
}

void
text_summary(FILE *f, const struct answer *a)
{
	const struct rows *status = answer_rows(a, &row_status);

	print_uptime(f, status);
	if (number(status, "replay") != 0)
		print_replaying(f, status);
	else if (reads_table(status))
		print_reading(f, status, answer_rows(a, &row_counters));
	else
		print_listening(f, status);
	print_buffer(f, status);
	print_condition(f, status);
	print_reloaded(f, status);
	print_states(f, answer_rows(a, &row_counters));
	print_octets(f, answer_rows(a, &row_counters));
	print_reports(f, answer_rows(a, &row_counters));
	print_dropped(f, answer_rows(a, &row_counters));
	fprintf(f, "records     %" PRIu64 " built\n",
	    number(status, "records"));
	print_last_error(f, status);
	if (answer_rows(a, &row_collectors)->n > 0)
		putc('\n', f);
}
