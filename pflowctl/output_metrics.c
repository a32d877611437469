/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The text format of Prometheus, version 0.0.4: a metric for each numeric
 * field, or for several that differ in the label "reason", with a sample for
 * each row.  Labels of a type with a single row are a metric of their own;
 * other types have labels on each sample.
 */

#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "output.h"

/* The text in braces, by row. */
struct labels {
	size_t n;
	char **texts;
};

/* The number of earlier rows with the same labels. */
static size_t
twins(const struct labels *l, size_t row)
{
	size_t i, n = 0;

	for (i = 0; i < row; i++)
		n += strcmp(l->texts[i], l->texts[row]) == 0;
	return n;
}

/* Make the labels of a row; nth: number of earlier rows with equal labels. */
static char *
label_text(const struct row_type *type, const void *row, size_t nth)
{
	const struct field *field = type->parts[0].fields;
	const struct field *end = field + *type->parts[0].count;
	const char *comma = "";
	char *text = NULL;
	size_t len;
	FILE *f;

	if ((f = open_memstream(&text, &len)) == NULL)
		err(1, NULL);
	for (; field < end; field++) {
		if (field->type != FIELD_LABEL && field->type != FIELD_INDEX)
			continue;
		fprintf(f, "%s%s=", comma, field->key);
		comma = ",";
		if (field->type == FIELD_LABEL)
			escape_label(f, field_text(field, row), field->size);
		else
			fprintf(f, "\"%" PRIu64 "\"", field_value(field, row));
	}
	if (nth > 0)
		fprintf(f, "%snth=\"%zu\"", comma, nth + 1);
	if (fclose(f) != 0)
		err(1, NULL);
	return text;
}

/*
 * Make the labels of all rows, and make them unique, because a series must not
 * appear twice.  Two collectors may have the same name: they have one address,
 * but differ in their source.
 */
static struct labels
labels_new(const struct rows *r)
{
	struct labels l = { r->n, NULL };
	size_t i, *nth;

	l.texts = calloc(r->n + 1, sizeof(*l.texts));
	nth = calloc(r->n + 1, sizeof(*nth));
	if (l.texts == NULL || nth == NULL)
		err(1, NULL);
	for (i = 0; i < r->n; i++)
		l.texts[i] = label_text(r->type, rows_at(r, i), 0);
	for (i = 0; i < r->n; i++)
		nth[i] = twins(&l, i);
	for (i = 0; i < r->n; i++) {
		if (nth[i] == 0)
			continue;
		free(l.texts[i]);
		l.texts[i] = label_text(r->type, rows_at(r, i), nth[i]);
	}
	free(nth);
	return l;
}

static void
labels_free(struct labels *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->texts[i]);
	free(l->texts);
}

static int
is_counter(const struct field *field)
{
	return field->type == FIELD_COUNTER || field->type == FIELD_BYTES;
}

/* Write the name of a metric, with its unit.  A field's own name is its key. */
static void
print_name(FILE *f, const struct rows *r, const struct field *field)
{
	fprintf(f, "%s_%s", r->type->metrics,
	    field->metric != NULL ? field->metric : field->key);
	if (is_counter(field))
		fprintf(f, "_total");
	else if (field->type == FIELD_TIME)
		fprintf(f, "_timestamp_seconds");
	else if (field->type == FIELD_MS)
		fprintf(f, "_seconds");
}

/* Times are in seconds.  A value that is not there is 0. */
static void
print_number(FILE *f, const struct field *field, const void *base)
{
	uint64_t v = field_is_none(field, base) ? 0 : field_value(field, base);

	if (field->type == FIELD_FLAG)
		fprintf(f, " %d\n", v != 0);
	else if (field->type == FIELD_TIME || field->type == FIELD_MS)
		fprintf(f, " %" PRIu64 ".%03u\n", v / 1000,
		    (unsigned int)(v % 1000));
	else
		fprintf(f, " %" PRIu64 "\n", v);
}

/* Write the labels of a row, and one more; both may be none. */
static void
print_labels(FILE *f, const char *labels, const char *key, const char *value)
{
	if (labels[0] == '\0' && value == NULL)
		return;
	fprintf(f, "{%s", labels);
	if (value != NULL)
		fprintf(f, "%s%s=\"%s\"", labels[0] != '\0' ? "," : "", key,
		    value);
	putc('}', f);
}

/* Write a sample for each word that a state may have; its own has 1. */
static void
print_states(FILE *f, const struct rows *r, const struct field *field,
    const void *base, const char *labels)
{
	uint64_t state = field_value(field, base), i;

	for (i = 0; field->words[i] != NULL; i++) {
		print_name(f, r, field);
		print_labels(f, labels, field->key, field->words[i]);
		fprintf(f, " %d\n", i == state);
	}
}

/* Write the samples of a field for each row. */
static void
print_samples(FILE *f, const struct rows *r, const struct part *p,
    const struct field *field, const struct labels *l)
{
	const char *base, *labels;
	size_t i;

	for (i = 0; i < r->n; i++) {
		base = (const char *)rows_at(r, i) + p->base;
		labels = r->type->single ? "" : l->texts[i];
		if (field->type == FIELD_STATE) {
			print_states(f, r, field, base, labels);
			continue;
		}
		print_name(f, r, field);
		print_labels(f, labels, "reason", field->reason);
		print_number(f, field, base);
	}
}

/* True if two fields are of one metric. */
static int
same_metric(const struct field *a, const struct field *b)
{
	return a == b ||
	    (a->reason != NULL && b->reason != NULL &&
		strcmp(a->metric, b->metric) == 0);
}

/* The first field of a part that is of the same metric. */
static const struct field *
first_of(const struct part *p, const struct field *field)
{
	const struct field *first = p->fields;

	while (!same_metric(first, field))
		first++;
	return first;
}

/* Write a metric: its help, its type, and the samples of its fields. */
static void
print_metric(FILE *f, const struct rows *r, const struct part *p,
    const struct field *field, const struct labels *l)
{
	const struct field *end = p->fields + *p->count, *other;

	fprintf(f, "# HELP ");
	print_name(f, r, field);
	fprintf(f, " %s.\n# TYPE ", field->help);
	print_name(f, r, field);
	fprintf(f, " %s\n", is_counter(field) ? "counter" : "gauge");
	for (other = field; other < end; other++)
		if (same_metric(field, other))
			print_samples(f, r, p, other, l);
}

/* Write the labels of a single row as a metric, whose value is 1. */
static void
print_info(FILE *f, const struct rows *r, const struct labels *l)
{
	fprintf(f,
	    "# HELP %s_info Version and sandbox of the running pflowd.\n"
	    "# TYPE %s_info gauge\n%s_info{%s} 1\n",
	    r->type->metrics, r->type->metrics, r->type->metrics, l->texts[0]);
}

static void
metrics_rows(FILE *f, const struct answer *a, const struct rows *r)
{
	struct labels l = labels_new(r);
	const struct part *p = r->type->parts;
	const struct field *field;

	(void)a;
	if (r->type->single && r->n > 0 && l.texts[0][0] != '\0')
		print_info(f, r, &l);
	for (; p < r->type->parts + ROW_PARTS && p->fields != NULL; p++)
		for (field = p->fields; field < p->fields + *p->count; field++)
			if (!field_is_text(field) &&
			    field->type != FIELD_INDEX &&
			    first_of(p, field) == field)
				print_metric(f, r, p, field, &l);
	labels_free(&l);
}

const struct output output_metrics = {
	.name = "metrics",
	.rows = metrics_rows,
};
