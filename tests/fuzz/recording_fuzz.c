/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A recording of the state table through the meter.  The input: how, then
 * chunks.  Most are in order and have few, similar states, as what the tracker
 * compares must be alike; a byte in each tells where it lies.
 */

#include "pflowd/track/track.h"

/* So few that some find no room. */
#undef TRACK_STATES
#define TRACK_STATES 20
#include "pflowd/source/source_table.c"

#include "fuzz_meter.h"
#include "pflowd/source/recording.h"
#include "pflowd/source/statetable_layout.h"

#define FILE_BYTES 65536
#define CHUNKS 64
#define STATES_OF_CHUNK 16

/* What a chunk may lie about, as bits. */
enum lie {
	LIE_ORDER = 1,
	LIE_TIME = 2,
	LIE_LENGTH = 4,
	LIE_LAYOUT = 8,
	RAW = 16 /* data as in the input */
};

struct writer {
	uint8_t file[FILE_BYTES];
	size_t len;
	struct chunk chunk;
};

static void
put(struct writer *w, const void *data, size_t len)
{
	if (len > 0)
		memcpy(w->file + w->len, data, len);
	w->len += len;
}

static void
put_header(struct writer *w)
{
	uint8_t h[RECORDING_HEADER];

	recording_header(h);
	put(w, h, sizeof(h));
}

static void
put_chunk(struct writer *w, struct bytes data, int lie)
{
	uint8_t packet[RECORDING_PACKET], header[CHUNK_HEADER];
	uint32_t len = (uint32_t)(CHUNK_HEADER + data.left);

	if (w->len + sizeof(packet) + len > sizeof(w->file))
		return;
	w->chunk.data = data;
	chunk_write(&w->chunk, header);
	if (lie & LIE_LENGTH)
		put_be32(header + 32, get_be32(header + 32) ^ 1);
	recording_packet(packet, w->chunk.wall / 1000 * 1000, len);
	put(w, packet, sizeof(packet));
	put(w, header, sizeof(header));
	put(w, data.data, data.left);
	w->chunk.data = (struct bytes){ NULL, 0 }; /* the caller's is gone */
	w->chunk.part++;
}

/* Numbers near those where something changes. */
static uint64_t
number(struct bytes *in)
{
	uint8_t b = fuzz_u8(in);

	return (UINT64_C(1) << (b & 63)) + (b >> 6) - 1;
}

/* The in- and the out-state of a connection are twins. */
static void
put_hosts(uint8_t r[OPENBSD_RECORD], int in, uint16_t port)
{
	r[V4_EXT_ADDR] = in ? 1 : 2;
	r[V4_GWY_ADDR] = r[OPENBSD_LAN_ADDR] = in ? 2 : 1;
	put_be16(r + V4_EXT_PORT, port);
	put_be16(r + V4_GWY_PORT, port);
	put_be16(r + OPENBSD_LAN_PORT, port);
}

/* A state of OpenBSD's: 7 bytes of the input. */
static void
make_state(struct bytes *in, uint8_t r[OPENBSD_RECORD])
{
	static const uint8_t protos[] = { 1, 6, 17, 58, 132, 50, 0, 255 };
	uint8_t which = fuzz_u8(in), how = fuzz_u8(in);

	memset(r, 0, OPENBSD_RECORD);
	put_be64(r + AT_ID, which & 7);
	r[AT_IFNAME] = which & 8 ? 'a' : 'b';
	put_hosts(r, how & 16, which >> 4 & 3);
	put_be32(r + OPENBSD_CREATOR, which >> 6);
	r[OPENBSD_WIRE_AF] = r[OPENBSD_STACK_AF] = how & 8 ? 24 : 2;
	r[OPENBSD_AF] = 2;
	r[OPENBSD_AF + 1] = protos[how & 7];
	r[OPENBSD_AF + 2] = how & 16 ? FLOW_IN : FLOW_OUT;
	put_be32(r + OPENBSD_CREATION, (uint32_t)number(in));
	put_be32(r + OPENBSD_CREATION + 4, (uint32_t)number(in));
	put_be64(r + OPENBSD_PACKETS, number(in));
	put_be64(r + OPENBSD_BYTES + 8, number(in));
	r[OPENBSD_TIMEOUT] = fuzz_u8(in);
}

static void
put_states(struct writer *w, struct bytes *in, int lie)
{
	uint8_t data[STATES_OF_CHUNK * OPENBSD_RECORD];
	unsigned int i, n = fuzz_u8(in) % STATES_OF_CHUNK;

	for (i = 0; i < n; i++)
		make_state(in, data + (size_t)i * OPENBSD_RECORD);
	put_chunk(w, (struct bytes){ data, (size_t)n * OPENBSD_RECORD }, lie);
}

static void
put_raw(struct writer *w, struct bytes *in, int lie)
{
	size_t n = fuzz_u16(in) % 1024;
	struct bytes data = { in->data, n < in->left ? n : in->left };

	MUST(bytes_take(in, data.left) != NULL);
	put_chunk(w, data, lie);
}

static void
make_chunk(struct writer *w, struct bytes *in)
{
	struct chunk *c = &w->chunk;
	uint8_t how = fuzz_u8(in);
	int lie = how >> 3;

	c->kind = how & 7;
	if (c->kind == CHUNK_BEGIN) {
		c->dump++;
		c->part = 0;
	}
	if (lie & LIE_ORDER) {
		c->dump += fuzz_u8(in);
		c->part = fuzz_u8(in);
	}
	c->monotonic += lie & LIE_TIME ? fuzz_u64(in) : number(in) % 20000;
	c->wall += lie & LIE_TIME ? fuzz_u64(in) : number(in) % 20000;
	if (lie & LIE_LAYOUT) {
		c->layout = fuzz_u8(in) % (STATETABLE_LAYOUTS + 1);
		c->big_endian = fuzz_u8(in) & 1;
	}
	c->status = c->kind == CHUNK_END && fuzz_u8(in) == 1;
	if (lie & RAW)
		put_raw(w, in, lie);
	else if (c->kind == CHUNK_STATES)
		put_states(w, in, lie);
	else
		put_chunk(w, (struct bytes){ NULL, 0 }, lie);
}

static void
check_reports(const struct source *s)
{
	unsigned int i;

	MUST(s->n <= BATCH);
	for (i = 0; i < s->n; i++) {
		MUST(s->report[i].flow->label < FLOW_LABELS);
		MUST(s->report[i].times.start <= s->report[i].times.end);
	}
}

/* What dumps have shown went somewhere, or was not reported yet. */
static void
check_octets(const struct source *s)
{
	const struct counters *c = s->counters;

	if (s->table == NULL || s->table->reading)
		return;
	MUST(c->octets_shown ==
	    c->octets_before_start + c->octets_not_followed +
		c->octets_reported + c->octets_twin + c->octets_cut +
		track_open(s->table->track));
}

/* Each turn makes progress, however small. */
static void
read_all(struct meter *e, unsigned int budget)
{
	enum meter_result result = METER_MORE;
	struct counters c;
	unsigned int turns;

	for (turns = 0; result == METER_MORE || result == METER_FULL; turns++) {
		MUST(turns < 100000);
		if (result == METER_FULL || e->batch.n > 0)
			export_abandon(e->export);
		if (e->batch.n > 0) /* a split may be long */
			export_finish(e->export, FUZZ_STARTED);
		result = meter_read(e, FUZZ_STARTED, budget);
		check_reports(&e->source);
		check_octets(&e->source);
		fuzz_check_sums(e, &c);
		MUST(c.tracked <= TRACK_STATES);
	}
	if (result == METER_END || e->source.table != NULL)
		MUST(c.tracked == 0);
	meter_flush(e, FUZZ_STARTED);
	fuzz_check_sums(e, &c);
}

static struct conf *
make_conf(unsigned int protocol, uint8_t how)
{
	struct conf *conf = fuzz_conf(protocol);

	conf->interim = how & 63;
	conf->interim_given = how >> 7;
	conf->join_given = how >> 6 & 1; /* no */
	return conf;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct meter e;
	static struct writer w;
	struct bytes in = { data, len };
	uint8_t how = fuzz_u8(&in), settings = fuzz_u8(&in);
	struct capture *capture;
	unsigned int i;
	char why[1024];

	w.len = 0;
	w.chunk = (struct chunk){ .layout = STATETABLE_OPENBSD,
		.wall = FUZZ_STARTED,
		.monotonic = number(&in) };
	put_header(&w);
	for (i = 0; in.left > 0 && i < CHUNKS; i++)
		make_chunk(&w, &in);
	capture = capture_open_fd(fuzz_file((struct bytes){ w.file, w.len }),
	    "fuzz", 0, why, sizeof(why));
	MUST(capture != NULL);
	fuzz_meter_start(&e, make_conf(how >> 5, settings), 1);
	meter_capture(&e, capture);
	read_all(&e, 1 + (how & 31));
	fuzz_meter_stop(&e);
	return 0;
}
