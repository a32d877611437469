/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A capture through the engine: as a file, and once more through a pipe in
 * pieces, which must give the same.  The input: how, then the capture.
 */

#include <fcntl.h>

#include "common/ctl.h"
#include "common/flowjson.h"
#include "common/flowline.h"
#include "fuzz_meter.h"

/* Things that an engine does before it has done enough: a split is many. */
#define TURNS 400

struct setting {
	uint8_t bits;
	size_t pieces[2]; /* their sizes, by turns */
	uint8_t hold;
};

/* What came of it. */
struct outcome {
	enum meter_result result;
	struct counters counters;
	uint64_t flows; /* a sum of all */
};

static void
on_flow(void *arg, const struct report *r, uint64_t time)
{
	struct outcome *o = arg;
	const uint8_t *p;
	struct ctl_flow c;
	char line[FLOWLINE], json[FLOWJSON];
	size_t i;

	flowprint_report(r, time, &c);
	MUST(flowline(&c, line) == line);
	MUST(flowjson(&c, json) == json);
	p = (const uint8_t *)&c;
	for (i = 0; i < sizeof(c); i++)
		o->flows = o->flows * 31 + p[i];
}

static struct conf *
make_conf(const struct setting *s)
{
	struct conf *conf = fuzz_conf(s->bits >> 5);

	conf->policy.view = (enum flow_view)((s->bits >> 1 & 3) % 3);
	conf->policy.end = s->bits & 8 ? RECORD_DELETION : RECORD_LAST_PACKET;
	conf->creator_given = s->bits >> 4 & 1;
	conf->hold = s->hold % 61;
	conf->join = conf->join_given = s->hold >= 122;
	return conf;
}

/* Read on until there is no more at present, or it was enough. */
static enum meter_result
read_on(struct meter *e, unsigned int *turns)
{
	enum meter_result result = METER_MORE;

	while ((result == METER_MORE || result == METER_FULL) &&
	    ++*turns < TURNS) {
		if (result == METER_FULL)
			export_abandon(e->export);
		result = meter_read(e, FUZZ_STARTED, 1);
	}
	return result;
}

/* Through a pipe, whose other end is fd, as fast as it is read. */
static enum meter_result
feed(struct meter *e, const struct setting *s, struct bytes data, int fd)
{
	enum meter_result result = METER_NONE;
	unsigned int i, turns = 0;

	for (i = 0; result == METER_NONE && turns < TURNS; i++) {
		size_t piece = s->pieces[i & 1];
		size_t n = piece < data.left ? piece : data.left;

		if (n > 0) {
			const uint8_t *p = bytes_take(&data, n);

			MUST(write(fd, p, n) == (ssize_t)n);
		} else if (fd != -1) {
			close(fd);
			fd = -1;
		}
		capture_fill(e->source.capture);
		result = read_on(e, &turns);
	}
	if (fd != -1)
		close(fd);
	return result;
}

/* fd is a file; or a pipe, into whose other end the data is fed. */
static void
run(const struct setting *s, struct bytes data, int fd, int other,
    struct outcome *o)
{
	static struct meter e;
	struct capture *capture;
	char why[1024];
	unsigned int turns = 0;

	memset(o, 0, sizeof(*o));
	o->result = METER_ERROR;
	capture = capture_open_fd(fd, "fuzz", s->bits & 1, why, sizeof(why));
	if (capture == NULL) {
		MUST(other == -1 && why[0] != '\0');
		return;
	}
	fuzz_meter_start(&e, make_conf(s), 1);
	e.watch = on_flow;
	e.watch_arg = o;
	meter_capture(&e, capture);
	o->result = other == -1 ? read_on(&e, &turns) :
				  feed(&e, s, data, other);
	if (o->result == METER_END)
		meter_flush(&e, FUZZ_STARTED);
	MUST(o->result != METER_ERROR || source_error(&e.source)[0] != '\0');
	fuzz_check_sums(&e, &o->counters);
	fuzz_meter_stop(&e);
}

/*
 * Before version 2.4 of its format the lengths in a record's header had another
 * order, which libpcap knows and capture_pipe.c does not.
 */
static int
ancient(struct bytes in)
{
	return in.left >= 8 && get_be32(in.data) != 0x0a0d0d0a &&
	    get_be32(in.data + 4) != 0x00020004 &&
	    get_le32(in.data + 4) != 0x00040002;
}

/*
 * What is of no use to libpcap is not shown to it in a pipe, so that it may
 * complain of a file alone.
 */
static void
compare(const struct outcome *file, const struct outcome *pipe)
{
	if (file->result != METER_END || pipe->result == METER_MORE)
		return;
	MUST(pipe->result == METER_END);
	MUST(memcmp(&file->counters, &pipe->counters, sizeof(file->counters)) ==
	    0);
	MUST(file->flows == pipe->flows);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes in = { data, len };
	struct setting s = { .bits = fuzz_u8(&in) };
	struct outcome by_file, by_pipe;
	int fds, ends[2];

	s.pieces[0] = fuzz_u8(&in) + 1U;
	s.pieces[1] = fuzz_u8(&in) * 8U + 1;
	s.hold = fuzz_u8(&in);
	run(&s, in, fuzz_file(in), -1, &by_file);
	fds = fuzz_fds();
	MUST(pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
	run(&s, in, ends[0], ends[1], &by_pipe);
	MUST(fuzz_fds() == fds);
	if (!ancient(in))
		compare(&by_file, &by_pipe);
	return 0;
}
