/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The dumps of pfsim as a recording.
 */

#include <err.h>
#include <string.h>

#include "common/bytes.h"
#include "pfsim.h"
#include "pflowd/source/recording.h"

#define CHUNK_HEADER 40

enum {
	BEGIN = 1,
	TIMEOUTS = 2,
	COUNTERS = 3,
	STATES = 4,
	END = 5
};

static void
put(const void *data, size_t len)
{
	if (len > 0 && fwrite(data, 1, len, stdout) != len)
		err(1, "standard output");
}

void
sim_write_header(void)
{
	uint8_t h[RECORDING_HEADER];

	recording_header(h);
	put(h, sizeof(h));
}

static void
put_chunk(struct sim_writer *w, uint8_t kind, uint32_t status)
{
	uint8_t h[RECORDING_PACKET + CHUNK_HEADER] = { 0 };
	uint8_t *c = h + RECORDING_PACKET;
	uint64_t wall = SIM_EPOCH + w->sim->now;

	recording_packet(h, wall, CHUNK_HEADER + w->len);
	memcpy(c, "pfst\1", 5);
	c[5] = kind;
	c[6] = (uint8_t)w->sim->layout;
	put_be32(c + 8, w->sim->dump);
	put_be32(c + 12, w->part++);
	put_be64(c + 16, wall);
	put_be64(c + 24, w->sim->now);
	put_be32(c + 32, (uint32_t)w->len);
	put_be32(c + 36, status);
	put(h, sizeof(h));
	put(w->data, w->len);
	w->len = 0;
}

void
sim_write_begin(struct sim_writer *w)
{
	unsigned int i;

	w->part = 0;
	put_chunk(w, BEGIN, 0);
	for (i = 0; i < SIM_TIMEOUTS; i++)
		put_be32(w->data + i * 4, w->sim->timeout[i]);
	w->len = sizeof(w->sim->timeout);
	put_chunk(w, TIMEOUTS, 0);
}

void
sim_write_inserts(struct sim_writer *w)
{
	if (w->len > 0)
		put_chunk(w, STATES, 0);
	put_be64(w->data, w->sim->inserts);
	put_be64(w->data + 8, w->sim->removals);
	w->len = 16;
	put_chunk(w, COUNTERS, 0);
}

void
sim_write_state(struct sim_writer *w, const struct sim_state *s)
{
	if (sizeof(w->data) - w->len < SIM_RECORD)
		put_chunk(w, STATES, 0);
	w->len += sim_put(w->sim, s, w->data + w->len);
}

void
sim_write_end(struct sim_writer *w, uint32_t status)
{
	if (w->len > 0)
		put_chunk(w, STATES, 0);
	put_chunk(w, END, status);
}
