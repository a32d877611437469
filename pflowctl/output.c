/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

#define ROWS_MAX 65536 /* more than any configuration has */

static const struct output *const outputs[] = {
	&output_text,
	&output_json,
	&output_metrics,
};

const struct output *
output_find(const char *name)
{
	size_t i = 0;

	while (strcmp(outputs[i]->name, name) != 0) {
		i++;
		assert(i < sizeof(outputs) / sizeof(outputs[0]));
	}
	return outputs[i];
}

void
output_answer(const struct output *o, FILE *f, const struct answer *a)
{
	size_t i;

	if (o->head != NULL)
		o->head(f, a);
	for (i = 0; i < a->n; i++)
		o->rows(f, a, &a->rows[i]);
	if (o->tail != NULL)
		o->tail(f, a);
}

void *
rows_add(struct rows *r)
{
	size_t size = r->type->size;
	uint8_t *data;

	if (r->n == r->room) {
		if (r->room == ROWS_MAX)
			return NULL;
		data = reallocarray(r->data, r->room > 0 ? r->room * 2 : 16,
		    size);
		if (data == NULL)
			return NULL;
		r->data = data;
		r->room = r->room > 0 ? r->room * 2 : 16;
	}
	return memset(r->data + r->n++ * size, 0, size);
}

const void *
rows_at(const struct rows *r, size_t i)
{
	return r->data + i * r->type->size;
}

const struct field *
rows_field(const struct rows *r, const void *row, const char *key,
    const char **base)
{
	const struct field *f;
	size_t offset;

	f = row_field(r->type, key, &offset);
	*base = (const char *)row + offset;
	return f;
}

uint64_t
rows_value(const struct rows *r, const void *row, const char *key)
{
	const char *base;
	const struct field *f = rows_field(r, row, key, &base);

	return field_value(f, base);
}

const struct rows *
answer_rows(const struct answer *a, const struct row_type *type)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->rows[i].type == type)
			return &a->rows[i];
	return NULL;
}

void
answer_free(struct answer *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		free(a->rows[i].data);
	a->n = 0;
}
