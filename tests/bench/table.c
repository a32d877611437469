/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * usage: table states dumps [lives]
 *
 * Tracks the states of dumps that another process writes, in OpenBSD's layout:
 * the twins of forwarded connections, a thousandth of which had packets since
 * the dump before.  A state is in so many dumps, then another one takes its
 * place; without that, in all.  Beside it: a bare loop that reads the same and
 * compares each state's id and counters with a copy.  Prints
 *
 *   the CPU seconds of the loop, and ours, for all dumps but the first;
 *   those of our longest turn (TURN), in ms;
 *   the most memory after a tenth of the dumps, and after all, in KiB;
 *   the CPU seconds of another engine that takes all over;
 *   ours for the dumps, when states are joined and have interim reports.
 */

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bytes.h"
#include "common/counters.h"
#include "pflowd/os/memory.h"
#include "pflowd/source/chunk.h"
#include "pflowd/source/source.h"
#include "pflowd/source/source_table.h"
#include "pflowd/source/statetable.h"

#define RECORD 264
#define PIECE (CHUNK_DATA / RECORD) /* states of a chunk */
#define INTERVAL 5000		    /* ms */
#define INTERIM 300		    /* s */
#define ACTIVE 1000		    /* one of so many states has a packet */
#define TURN 1024		    /* of engine.c's loop: its BUDGET */

struct reader {
	uint8_t chunk[CHUNK_HEADER + CHUNK_DATA];
	size_t len;
	int fd;
};

static void
write_all(int fd, const void *data, size_t len)
{
	ssize_t n;

	for (; len > 0; len -= (size_t)n, data = (const char *)data + n)
		if ((n = write(fd, data, len)) <= 0)
			_exit(1);
}

static void
put_chunk(int fd, struct chunk *c, unsigned int kind, const uint8_t *data,
    size_t len)
{
	uint8_t header[CHUNK_HEADER];

	c->kind = kind;
	c->data = (struct bytes){ data, len };
	chunk_write(c, header);
	c->part++;
	write_all(fd, header, sizeof(header));
	write_all(fd, data, len);
}

/* What we measure of ourselves. */
struct result {
	double seconds;
	double turn;
	long early; /* KiB */
	long late;
	double begun; /* the turn */
	double recovery;
	uint64_t tracked;
};

/* The hosts of a pair: an address for each, as wire[2] and stack[1] have it. */
static void
put_hosts(uint8_t *r, uint32_t i)
{
	uint32_t client = 0x0a000000 + i / 2, server = 0xc0000201;
	int out = i % 2 == 1;

	put_be32(r + 24, out ? server : client);
	put_be32(r + 40, out ? 0xc6336401 : server);
	put_be32(r + 80, out ? client : server);
	r[252] = out ? 2 : 1;
}

/* State i in dump d, with a TCP timeout that does not pass. */
static void
put_state(uint8_t *r, uint32_t i, uint32_t d, uint32_t lives)
{
	uint32_t pair = i / 2, others = 0;
	uint64_t packets = 10 + (d >= pair % ACTIVE);

	if (lives > 0) {
		others = (d + pair % lives) / lives;
		d = (d + pair % lives) % lives;
	}
	memset(r, 0, RECORD);
	put_be64(r, UINT64_C(0x6b0a000000000000) + i);
	put_be16(r, (uint16_t)others);
	memcpy(r + 8, "all", 3);
	put_hosts(r, i);
	r[62] = r[102] = r[250] = 2;
	put_be32(r + 196, 100 + d * (INTERVAL / 1000));
	put_be32(r + 200, 86400 - d * (INTERVAL / 1000));
	put_be64(r + 204, packets);
	put_be64(r + 220, packets * 1000);
	r[251] = 6;
	r[255] = 2;
}

static void
write_dump(int fd, struct chunk *c, uint32_t states, uint32_t d, uint32_t lives)
{
	static uint8_t data[PIECE * RECORD];
	uint32_t i, n = 0;

	c->dump = d + 1;
	c->part = 0;
	c->wall = UINT64_C(1700000000000) + d * INTERVAL;
	c->monotonic = d * INTERVAL;
	put_chunk(fd, c, CHUNK_BEGIN, data, 0);
	for (i = 0; i < states; i++) {
		put_state(data + n++ * RECORD, i, d, lives);
		if (n == PIECE || i == states - 1) {
			put_chunk(fd, c, CHUNK_STATES, data, n * RECORD);
			n = 0;
		}
	}
	put_chunk(fd, c, CHUNK_END, data, 0);
}

static void
read_all(struct reader *r, uint8_t *to, size_t len)
{
	ssize_t n;

	for (; len > 0; len -= (size_t)n, to += n)
		if ((n = read(r->fd, to, len)) <= 0)
			err(1, "read");
}

static void
read_chunk(struct reader *r)
{
	read_all(r, r->chunk, CHUNK_HEADER);
	r->len = get_be32(r->chunk + 32);
	if (r->len > CHUNK_DATA)
		errx(1, "a chunk of %zu bytes", r->len);
	read_all(r, r->chunk + CHUNK_HEADER, r->len);
}

static double
cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* The bare loop's copy of a state: id, packets and bytes as they came. */
struct copy {
	uint8_t id[8];
	uint8_t counters[32];
};

static void
compare_chunk(const struct reader *r, struct copy *copies, uint32_t *at)
{
	const uint8_t *record = r->chunk + CHUNK_HEADER;
	const uint8_t *end = record + r->len;

	for (; record < end; record += RECORD, ++*at) {
		struct copy *c = &copies[*at];

		if (memcmp(c->id, record, 8) == 0 &&
		    memcmp(c->counters, record + 204, 32) == 0)
			continue;
		memcpy(c->id, record, 8);
		memcpy(c->counters, record + 204, 32);
	}
}

static double
compare(struct reader *r, uint32_t states, uint32_t dumps)
{
	struct copy *copies = calloc(states, sizeof(*copies));
	double begin = 0;
	uint32_t d, at;

	if (copies == NULL)
		err(1, NULL);
	for (d = 0; d < dumps; d++) {
		if (d == 1)
			begin = cpu();
		at = 0;
		do {
			read_chunk(r);
			compare_chunk(r, copies, &at);
		} while (r->chunk[5] != CHUNK_END);
	}
	free(copies);
	return cpu() - begin;
}

/* A turn of the loop is over when its budget is used up. */
static void
spend(unsigned int work, struct result *result)
{
	static unsigned int budget = TURN;
	double now;

	budget -= work < budget ? work : budget;
	if (budget > 0)
		return;
	budget = TURN;
	now = cpu();
	if (result->begun > 0 && now - result->begun > result->turn)
		result->turn = now - result->begun;
	result->begun = now;
}

static void
track_chunk(const struct reader *r, struct source *s, struct result *result)
{
	const struct capture_frame frame = { .data = r->chunk,
		.len = CHUNK_HEADER + r->len,
		.layer = LINK_STATES };

	if (source_table_open(s, &frame) != SOURCE_READ)
		errx(1, "%s", source_table_error(s->table));
	spend(1, result);
	while (source_table_busy(s->table)) {
		s->n = s->opened = 0;
		source_table_read(s, BATCH);
		spend(s->n + s->opened, result);
	}
}

static long
most_memory(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static void
begin_source(struct source *s, struct counters *counters)
{
	static struct record_policy policy;
	static uint64_t frames;
	const struct source_facts facts = { .can_wait = 1 };

	record_policy_default(&policy);
	source_init(s, counters, &frames, facts);
	s->policy = &policy;
	if ((s->memory = memory_open()) == -1)
		err(1, "memory");
}

/* Another engine takes over. */
static double
recover(const struct source *before, struct counters *counters)
{
	uint64_t tracked = counters->tracked;
	static struct source s;
	double begin = cpu();

	begin_source(&s, counters);
	if (source_resume(&s, before->memory) == -1 ||
	    counters->tracked != tracked)
		errx(1, "%lu states are recovered",
		    (unsigned long)counters->tracked);
	begin = cpu() - begin;
	source_table_free(s.table);
	return begin;
}

static void
track(struct reader *r, uint32_t dumps, int join, struct result *result)
{
	static struct source s;
	static struct counters counters;
	double begin = 0;
	uint32_t d;

	memset(&counters, 0, sizeof(counters));
	begin_source(&s, &counters);
	s.join = join;
	s.interim = join ? INTERIM : 0;
	for (d = 0; d < dumps; d++) {
		if (d == 1)
			begin = cpu();
		if (d == dumps / 10 + 1)
			result->early = most_memory();
		do {
			read_chunk(r);
			track_chunk(r, &s, result);
		} while (r->chunk[5] != CHUNK_END);
	}
	result->seconds = cpu() - begin;
	result->late = most_memory();
	if (join)
		result->recovery = recover(&s, &counters);
	result->tracked = counters.tracked;
	source_table_free(s.table);
	close(s.memory);
}

/* Another process that writes the dumps. */
static pid_t
begin_writer(struct reader *r, uint32_t states, uint32_t dumps, uint32_t lives)
{
	struct chunk c = { .layout = STATETABLE_OPENBSD };
	int fds[2];
	uint32_t d;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1 ||
	    (pid = fork()) == -1)
		err(1, NULL);
	if (pid == 0) {
		close(fds[0]);
		for (d = 0; d < dumps; d++)
			write_dump(fds[1], &c, states, d, lives);
		_exit(0);
	}
	close(fds[1]);
	r->fd = fds[0];
	return pid;
}

static void
end_writer(struct reader *r, pid_t pid)
{
	close(r->fd);
	waitpid(pid, NULL, 0);
}

int
main(int argc, char *argv[])
{
	static struct reader r;
	static struct result ours, joined;
	uint32_t states, dumps, lives;
	double bare;
	pid_t pid;

	if (argc != 3 && argc != 4)
		errx(1, "usage: table states dumps [lives]");
	states = (uint32_t)atoi(argv[1]);
	dumps = (uint32_t)atoi(argv[2]);
	lives = argc == 4 ? (uint32_t)atoi(argv[3]) : 0;
	pid = begin_writer(&r, states, dumps, lives);
	bare = compare(&r, states, dumps);
	end_writer(&r, pid);
	pid = begin_writer(&r, states, dumps, lives);
	track(&r, dumps, 0, &ours);
	end_writer(&r, pid);
	pid = begin_writer(&r, states, dumps, lives);
	track(&r, dumps, 1, &joined);
	end_writer(&r, pid);
	if (lives == 0 && joined.tracked != states)
		errx(1, "%lu states are tracked",
		    (unsigned long)joined.tracked);
	printf("%.3f %.3f %.1f %ld %ld %.3f %.3f\n", bare, ours.seconds,
	    joined.turn * 1000, joined.early, joined.late, joined.recovery,
	    joined.seconds);
	return 0;
}
