/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "dump_measure.h"

void
dump_measure_begin(struct dump_measure *m, const struct chunk *c)
{
	m->dump = (struct source_dump){ .layout = c->layout,
		.time = c->wall,
		.enabled = -1 };
	m->begun = c->monotonic;
}

void
dump_measure_settings(struct dump_measure *m, const struct chunk *c)
{
	struct bytes b = c->data;
	const uint8_t *limit = bytes_take(&b, 8), *enabled = bytes_take(&b, 8);

	if (limit != NULL)
		m->dump.limit = get_be64(limit);
	if (enabled != NULL && get_be64(enabled) <= 1)
		m->dump.enabled = get_be64(enabled) == 1;
}

void
dump_measure_end(struct dump_measure *m, const struct chunk *c,
    uint64_t longest)
{
	struct bytes b = c->data;
	const uint8_t *cpu = bytes_take(&b, 8);
	struct source_dump *d = &m->dump;

	if (c->monotonic > m->begun)
		d->ms = c->monotonic - m->begun;
	d->longest_ms = d->ms > longest ? d->ms : longest;
	if (cpu != NULL)
		d->cpu_us = get_be64(cpu);
}
