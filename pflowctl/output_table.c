/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Tables, blocks and counters of the text format.
 */

#include <inttypes.h>
#include <string.h>

#include "escape.h"
#include "output_text.h"

#define CELL 640 /* more than the longest text */
#define LABEL_WIDTH 28
#define COUNTER_WIDTH 40 /* as in pflowd's log of counters */
#define WIDE 47		 /* a wider cell shifts the rest of its line */
#define COLUMNS 16	 /* maximum */

void
text_time(uint64_t time, char buf[FLOWLINE_TIME])
{
	flowline_time(time, buf);
	memcpy(strchr(buf, '.'), "Z", 2);
}

void
text_bytes(uint64_t bytes, char buf[TEXT_BYTES])
{
	static const char units[] = "kMGTPE";
	const char *unit = units;
	double number = (double)bytes / 1000;

	if (bytes < 1000) {
		snprintf(buf, TEXT_BYTES, "%" PRIu64 " bytes", bytes);
		return;
	}
	for (; number >= 999.95 && unit[1] != '\0'; unit++)
		number /= 1000;
	snprintf(buf, TEXT_BYTES, "%.1f %cB", number, *unit);
}

/* Write a length of time, in s where that is as exact or it is long. */
static void
format_ms(uint64_t ms, char buf[CELL])
{
	if (ms % 1000 == 0)
		snprintf(buf, CELL, "%" PRIu64 " s", ms / 1000);
	else if (ms < 10000)
		snprintf(buf, CELL, "%" PRIu64 " ms", ms);
	else
		snprintf(buf, CELL, "%" PRIu64 ".%u s", ms / 1000,
		    (unsigned int)(ms % 1000 / 100));
}

/* Write the text of an item, which is not escaped yet. */
static void
format(const struct rows *r, const void *row, const struct item *item,
    char buf[CELL])
{
	const char *base;
	const struct field *f = rows_field(r, row, item->key, &base);
	uint64_t v;
	int i;

	if (field_is_none(f, base)) {
		snprintf(buf, CELL, "%s", item->zero != NULL ? item->zero : "");
		return;
	}
	if (field_is_text(f)) {
		snprintf(buf, CELL, "%.*s", (int)f->size, field_text(f, base));
		return;
	}
	if (f->type == FIELD_STATE) {
		snprintf(buf, CELL, "%s", field_word(f, base));
		return;
	}
	v = field_value(f, base);
	for (i = 0; i < TEXT_SUM && item->add[i] != NULL; i++)
		v += rows_value(r, row, item->add[i]);
	if (v == 0 && item->zero != NULL)
		snprintf(buf, CELL, "%s", item->zero);
	else if (f->type == FIELD_FLAG)
		snprintf(buf, CELL, "%s", v ? "yes" : "no");
	else if (f->type == FIELD_TIME)
		text_time(v, buf);
	else if (f->type == FIELD_MS)
		format_ms(v, buf);
	else if (f->type == FIELD_BYTES || f->type == FIELD_SIZE)
		text_bytes(v, buf);
	else
		snprintf(buf, CELL, "%" PRIu64, v);
}

/* True for numbers, which are aligned to the right. */
static int
at_right(const struct row_type *type, const struct item *column)
{
	size_t base;
	const struct field *f = row_field(type, column->key, &base);

	return !field_is_text(f) && f->type != FIELD_STATE &&
	    f->type != FIELD_TIME;
}

/* Columns that the cells of a column need, but for those that are too wide. */
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

/* The last cell of a line is not padded. */
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

void
text_table(FILE *f, const struct rows *r, const struct item *columns)
{
	int widths[COLUMNS] = { 0 }, n;
	size_t i;

	for (n = 0; columns[n].label != NULL; n++)
		widths[n] = width_of(r, &columns[n]);
	if (r->n == 0)
		return;
	print_row(f, r, NULL, columns, widths);
	for (i = 0; i < r->n; i++)
		print_row(f, r, rows_at(r, i), columns, widths);
}

/* Print a counter, indented by its depth, as pflowd logs it. */
static void
print_field(FILE *f, const struct field *field, int depth, const void *base)
{
	depth += field->depth;
	fprintf(f, "%*s%-*s %12" PRIu64 "\n", depth * 2, "",
	    COUNTER_WIDTH - depth * 2, field->name, field_value(field, base));
}

static void
print_fields(FILE *f, const struct part *p, int depth, const void *row)
{
	size_t i;

	for (i = 0; i < *p->count; i++)
		print_field(f, &p->fields[i], depth,
		    (const char *)row + p->base);
}

/* True if a part is of the source in use, or counted anything. */
static int
is_shown(const struct part *p, const struct ctl_counters *c)
{
	size_t i;

	if (p->source == PART_ANY_SOURCE ||
	    p->source ==
		(c->source == CTL_SOURCE_TABLE ? PART_TABLE : PART_PFSYNC))
		return 1;
	for (i = 0; i < *p->count; i++)
		if (field_value(&p->fields[i], (const char *)c + p->base) != 0)
			return 1;
	return 0;
}

static void
print_counters(FILE *f, const struct rows *r)
{
	const struct part *p;
	struct ctl_counters c;

	memcpy(&c, rows_at(r, 0), sizeof(c));
	for (p = r->type->parts; p < r->type->parts + ROW_PARTS; p++)
		if (is_shown(p, &c))
			print_fields(f, p, 0, &c);
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

void
text_counters(FILE *f, const struct rows *r)
{
	const struct field *queued;
	const char *base;
	size_t i;

	if (r->type == &row_counters) {
		print_counters(f, r);
		return;
	}
	for (i = 0; i < r->n; i++) {
		print_title(f, r, rows_at(r, i));
		print_fields(f, &r->type->parts[1], 1, rows_at(r, i));
		queued = rows_field(r, rows_at(r, i), "records_queued", &base);
		print_field(f, queued, 1, base);
	}
}

void
text_blocks(FILE *f, const struct rows *r, const struct item *lines)
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

void
text_lines(FILE *f, const struct rows *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		escape_line(f, rows_at(r, i), r->type->size);
		putc('\n', f);
	}
}
