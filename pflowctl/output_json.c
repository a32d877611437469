/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * JSON: an object with a member for each type of row, which is an object or an
 * array of objects.
 */

#include <inttypes.h>
#include <string.h>

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

static void
print_value(FILE *f, const struct field *field, const void *base)
{
	char text[FLOWLINE_TIME];

	if (field_is_none(field, base)) {
		fprintf(f, "null");
		return;
	}
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_LABEL:
		escape_json(f, field_text(field, base), field->size);
		break;
	case FIELD_FLAG:
		fprintf(f, field_value(field, base) ? "true" : "false");
		break;
	case FIELD_STATE:
		fprintf(f, "\"%s\"", field_word(field, base));
		break;
	case FIELD_TIME:
		fprintf(f, "\"%s\"",
		    flowline_time(field_value(field, base), text));
		break;
	default:
		fprintf(f, "%" PRIu64, field_value(field, base));
	}
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

static void
print_flow(FILE *f, const void *row)
{
	struct ctl_flow flow;
	char text[FLOWJSON];

	memcpy(&flow, row, sizeof(flow));
	fputs(flowjson(&flow, text), f);
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
		if (r->type->flows)
			print_flow(f, rows_at(r, i));
		else if (r->type->strings)
			escape_json(f, rows_at(r, i), r->type->size);
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

/*
 * An object with the key "error", after those of the configuration.  It is on
 * standard output, where a reader expects an object, and of monitor one in a
 * line.
 */
static void
json_error(const struct answer *a, const char *text)
{
	const struct rows *errors = answer_rows(a, &row_errors);

	putchar('{');
	if (errors != NULL) {
		json_rows(stdout, a, errors);
		putchar(',');
		print_key(stdout, "error", 1);
	} else {
		printf("\"error\": ");
	}
	escape_json(stdout, text, strlen(text));
	printf(errors != NULL ? "\n}\n" : "}\n");
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
	.error = json_error,
	.flow = json_flow,
	.lost = json_lost,
};
