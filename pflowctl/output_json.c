/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * JSON: an object with a member for each type of row, which is an object or an
 * array of objects.
 */

#include <inttypes.h>

#include "common/flowjson.h"
#include "common/flowline.h"
#include "escape.h"
#include "output.h"

static void
new_line(FILE *f, int depth)
{
	fprintf(f, "\n%*s", depth * 2, "");
}

/* Keys are constants of pflowctl and need no escapes. */
static void
print_key(FILE *f, const char *key, int depth)
{
	new_line(f, depth);
	fprintf(f, "\"%s\": ", key);
}

/* A time that is never and an option that is not set are null. */
static void
print_value(FILE *f, const struct field *field, const void *base)
{
	char text[FLOWLINE_TIME];
	uint64_t v;

	if (field_is_text(field)) {
		escape_json(f, field_text(field, base), field->size);
		return;
	}
	v = field_value(field, base);
	if (field->type == FIELD_FLAG)
		fprintf(f, v != 0 ? "true" : "false");
	else if ((field->type == FIELD_TIME && v == 0) ||
	    (field->type == FIELD_OPTION && v == UINT32_MAX))
		fprintf(f, "null");
	else if (field->type == FIELD_TIME)
		fprintf(f, "\"%s\"", flowline_time(v, text));
	else
		fprintf(f, "%" PRIu64, v);
}

/* Write members of an open object; first: the object has none yet. */
static void
print_members(FILE *f, const struct part *p, const void *row, int first,
    int depth)
{
	const char *base = (const char *)row + p->base;
	size_t i;

	for (i = 0; i < *p->count; i++) {
		if (!first || i > 0)
			putc(',', f);
		print_key(f, p->fields[i].key, depth);
		print_value(f, &p->fields[i], base);
	}
}

/* Write a row as an object; a part with a key is an object within it. */
static void
print_object(FILE *f, const struct row_type *type, const void *row, int depth)
{
	const struct part *p = type->parts;

	putc('{', f);
	for (; p < type->parts + ROW_PARTS && p->fields != NULL; p++) {
		if (p->key == NULL) {
			print_members(f, p, row, p == type->parts, depth + 1);
			continue;
		}
		putc(',', f);
		print_key(f, p->key, depth + 1);
		putc('{', f);
		print_members(f, p, row, 1, depth + 2);
		new_line(f, depth + 1);
		putc('}', f);
	}
	new_line(f, depth);
	putc('}', f);
}

/* Write rows as an array of objects, or of strings. */
static void
print_array(FILE *f, const struct rows *r, int depth)
{
	size_t i;

	putc('[', f);
	for (i = 0; i < r->n; i++) {
		if (i > 0)
			putc(',', f);
		new_line(f, depth + 1);
		if (r->type->strings)
			print_value(f, r->type->parts[0].fields, rows_at(r, i));
		else
			print_object(f, r->type, rows_at(r, i), depth + 1);
	}
	if (r->n > 0)
		new_line(f, depth);
	putc(']', f);
}

static void
json_head(FILE *f, const struct answer *a)
{
	(void)a;
	putc('{', f);
}

static void
json_rows(FILE *f, const struct answer *a, const struct rows *r)
{
	if (r != a->rows)
		putc(',', f);
	print_key(f, r->type->key, 1);
	if (r->type->single)
		print_object(f, r->type, rows_at(r, 0), 1);
	else
		print_array(f, r, 1);
}

static void
json_tail(FILE *f, const struct answer *a)
{
	(void)a;
	fprintf(f, "\n}\n");
}

static void
json_flow(FILE *f, const struct ctl_flow *flow)
{
	char text[FLOWJSON];

	fprintf(f, "%s\n", flowjson(flow, text));
}

static void
json_lost(FILE *f, uint64_t flows)
{
	char text[FLOWJSON];

	fprintf(f, "%s\n", flowjson_lost(flows, text));
}

const struct output output_json = {
	.name = "json",
	.head = json_head,
	.rows = json_rows,
	.tail = json_tail,
	.flow = json_flow,
	.lost = json_lost,
};
