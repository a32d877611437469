/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * In place of pflowd/os/statedump_*.c: a dumper whose code is an attacker's.
 * BADDUMPER in the environment says what it does when it is asked for a dump.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bytes.h"
#include "pflowd/os/statedump.h"
#include "pflowd/process/privsep.h"
#include "pflowd/source/chunk.h"

#define RECORD 264 /* bytes of a state of OpenBSD */
#define PIECE (CHUNK_DATA / RECORD)
#define DESCRIPTORS 16

struct statedump {
	const char *what;
	uint8_t piece[PIECE * RECORD];
	uint32_t states; /* so far */
};

const char *
statedump_ways(void)
{
	return "bad";
}

int
statedump_open(int fd[STATEDUMP_FDS], int *later, char *why, size_t whylen)
{
	(void)why;
	(void)whylen;
	*later = 0;
	fd[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd[1] = -1;
	return 0;
}

struct statedump *
statedump_new(const int fd[STATEDUMP_FDS])
{
	struct statedump *s;

	(void)fd;
	if ((s = calloc(1, sizeof(*s))) != NULL)
		s->what = getenv("BADDUMPER");
	return s;
}

static int
is(const struct statedump *s, const char *what)
{
	return strcmp(s->what, what) == 0;
}

unsigned int
statedump_layout(const struct statedump *s)
{
	return is(s, "layout") ? 99 : 1;
}

void
statedump_settings(struct statedump *s, struct statedump_settings *settings)
{
	(void)s;
	memset(settings, 0, sizeof(*settings));
	settings->enabled = -1;
}

int
statedump_counters(struct statedump *s, uint64_t counters[2])
{
	(void)s;
	(void)counters;
	return -1;
}

/* Write to all sockets but the link, of which there is one: the engine's. */
static void
write_to_engine(const void *data, size_t len)
{
	struct sockaddr_storage name;
	socklen_t size;
	int fd;

	for (fd = PRIVSEP_FD + 1; fd < DESCRIPTORS; fd++) {
		size = sizeof(name);
		if (getsockname(fd, (struct sockaddr *)&name, &size) == 0 &&
		    write(fd, data, len) == -1)
			_exit(1);
	}
}

/* A chunk of a dump that did not begin. */
static void
write_amid(void)
{
	const struct chunk c = { .kind = CHUNK_STATES,
		.layout = 1,
		.dump = 1,
		.part = 7 };
	uint8_t header[CHUNK_HEADER];

	chunk_write(&c, header);
	write_to_engine(header, sizeof(header));
}

static void put_state(uint8_t *, uint32_t);

/* A dump of a state, whose CPU time makes a multiple of 2^32 s between dumps.
 */
static void
write_slow(void)
{
	struct chunk c = { .kind = CHUNK_BEGIN, .layout = 1, .dump = 1 };
	uint8_t dump[3 * CHUNK_HEADER + RECORD + 8], *p = dump;

	chunk_write(&c, p);
	p += CHUNK_HEADER;
	c.kind = CHUNK_STATES;
	c.part = 1;
	c.data.left = RECORD;
	chunk_write(&c, p);
	put_state(p + CHUNK_HEADER, 1);
	p += CHUNK_HEADER + RECORD;
	c.kind = CHUNK_END;
	c.part = 2;
	c.data.left = 8;
	chunk_write(&c, p);
	put_be64(p + CHUNK_HEADER, UINT64_C(50000) << 32);
	write_to_engine(dump, sizeof(dump));
}

static void
escape(void)
{
	if (open("/", O_RDONLY) != -1 || socket(AF_INET, SOCK_DGRAM, 0) != -1 ||
	    kill(getppid(), SIGTERM) == 0)
		write_to_engine("escaped", 7);
}

int
statedump_read(struct statedump *s)
{
	uint8_t junk[CHUNK_HEADER];

	memset(junk, 'A', sizeof(junk));
	s->states = 0;
	if (is(s, "garbage"))
		write_to_engine(junk, sizeof(junk));
	else if (is(s, "amid"))
		write_amid();
	else if (is(s, "slow"))
		write_slow();
	else if (is(s, "link") && write(PRIVSEP_FD, junk, sizeof(junk)) == -1)
		_exit(1);
	else if (is(s, "exit"))
		_exit(1);
	else if (is(s, "escape"))
		escape();
	return 0;
}

static void
put_state(uint8_t *r, uint32_t number)
{
	memset(r, 0, RECORD);
	put_be64(r, number);
	memcpy(r + 8, "all", 3);
	put_be32(r + 24, 0x0a000000 + number);
	r[62] = r[102] = r[250] = 2;
	put_be64(r + 204, UINT64_MAX);
	put_be64(r + 220, UINT64_MAX);
	r[251] = 17;
	r[252] = 1;
}

/* States without an end, each a new one. */
size_t
statedump_piece(struct statedump *s, const uint8_t **data)
{
	uint32_t i;

	*data = s->piece;
	if (is(s, "layout"))
		return s->states++ == 0 ? RECORD : 0;
	if (!is(s, "endless"))
		return 0;
	for (i = 0; i < PIECE; i++)
		put_state(s->piece + i * RECORD, s->states++);
	return sizeof(s->piece);
}
