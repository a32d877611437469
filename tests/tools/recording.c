/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A recording of the dumps of a running kernel: recording [-i SECONDS]
 * [-t TIMEOUTS] ... KIND <dumps.  -i leaves out those that follow sooner.  A
 * dump is a line, "MONOTONIC WALL KIND:TAG LENGTH", with times
 * in seconds, and then the kernel's bytes.  KIND is states (OpenBSD's), states1
 * or states2 (FreeBSD's two arrays), or nl: one receive of netlink, of a dump
 * that goes on to NLMSG_DONE.  TIMEOUTS is [WALL:]NAME=SECONDS,..., in force
 * from that time on.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bytes.h"
#include "pflowd/flow/record.h"
#include "pflowd/source/chunk.h"
#include "pflowd/source/recording.h"
#include "pflowd/source/statetable.h"

#define CHANGES 16
#define KERNEL_TIMEOUTS 32

static const struct kind {
	const char *name;
	enum statetable_layout layout;
	size_t record; /* bytes; 0: messages */
} kinds[] = {
	{ "states", STATETABLE_OPENBSD, 264 },
	{ "states1", STATETABLE_FREEBSD, 242 },
	{ "states2", STATETABLE_FREEBSD_V2, 384 },
	{ "nl", STATETABLE_NETLINK, 0 },
};

/* Answers to other questions than for all states. */
static const char *const others[] = { "-id4-stored", "-id4-turned", "-id8",
	"-creator-stored", "-creator-turned", "-proto17", "-af28", "-if-tap0" };

static struct change {
	double from;
	uint32_t timeout[KERNEL_TIMEOUTS];
} changes[CHANGES];
static unsigned int nchanges;

struct writer {
	const struct kind *kind;
	struct chunk chunk;
	int open;     /* a dump of several receives */
	int skipping; /* one that is left out */
	double interval;
	double next;
};

static void
put(const void *data, size_t len)
{
	if (fwrite(data, 1, len, stdout) != len)
		err(1, "standard output");
}

static void
put_file_header(void)
{
	uint8_t h[RECORDING_HEADER];

	recording_header(h);
	put(h, sizeof(h));
}

static void
put_chunk(struct writer *w, unsigned int kind, const void *data, size_t len)
{
	uint8_t packet[RECORDING_PACKET], header[CHUNK_HEADER];

	w->chunk.kind = kind;
	w->chunk.data = (struct bytes){ data, len };
	chunk_write(&w->chunk, header);
	recording_packet(packet, w->chunk.wall, sizeof(header) + len);
	put(packet, sizeof(packet));
	put(header, sizeof(header));
	if (len > 0)
		put(data, len);
	w->chunk.part++;
}

static void
put_timeouts(struct writer *w)
{
	uint8_t data[KERNEL_TIMEOUTS * 4];
	const struct change *now = NULL;
	unsigned int i;

	for (i = 0; i < nchanges; i++)
		if (changes[i].from * 1000 <= (double)w->chunk.wall)
			now = &changes[i];
	if (now == NULL)
		return;
	for (i = 0; i < KERNEL_TIMEOUTS; i++)
		put_be32(data + i * 4, now->timeout[i]);
	put_chunk(w, CHUNK_TIMEOUTS, data, sizeof(data));
}

static void
begin(struct writer *w, double monotonic, double wall)
{
	w->chunk.layout = w->kind->layout;
	w->chunk.dump++;
	w->chunk.part = 0;
	w->chunk.wall = (uint64_t)(wall * 1000);
	w->chunk.monotonic = (uint64_t)(monotonic * 1000);
	w->next = monotonic + w->interval;
	put_chunk(w, CHUNK_BEGIN, NULL, 0);
	put_timeouts(w);
	w->open = 1;
}

static void
end(struct writer *w)
{
	put_chunk(w, CHUNK_END, NULL, 0);
	w->open = 0;
}

static void
put_array(struct writer *w, const uint8_t *data, size_t len)
{
	size_t most = CHUNK_DATA / w->kind->record * w->kind->record, n;

	for (; len > 0; data += n, len -= n) {
		n = len < most ? len : most;
		put_chunk(w, CHUNK_STATES, data, n);
	}
}

/* True if the kernel's last message of a dump is among these. */
static int
has_done(const uint8_t *data, size_t len)
{
	size_t at, n;

	for (at = 0; at + 16 <= len; at += (n + 3) / 4 * 4) {
		if ((n = get_le32(data + at)) < 16)
			errx(1, "netlink: a message of %zu bytes", n);
		if (get_le16(data + at + 4) == 3)
			return 1;
	}
	return 0;
}

static void
put_answer(struct writer *w, double monotonic, double wall, const uint8_t *data,
    size_t len)
{
	w->chunk.wall = (uint64_t)(wall * 1000);
	w->chunk.monotonic = (uint64_t)(monotonic * 1000);
	if (w->kind->record > 0)
		put_array(w, data, len);
	else
		put_chunk(w, CHUNK_STATES, data, len);
}

static void
put_dump(struct writer *w, double monotonic, double wall, const uint8_t *data,
    size_t len)
{
	int done = w->kind->record > 0 || has_done(data, len);

	if (!w->open && !w->skipping) {
		w->skipping = monotonic < w->next;
		if (!w->skipping)
			begin(w, monotonic, wall);
	}
	if (!w->skipping)
		put_answer(w, monotonic, wall, data, len);
	if (done && w->open)
		end(w);
	if (done)
		w->skipping = 0;
}

static int
wanted(const struct writer *w, const char *name)
{
	size_t len = strlen(w->kind->name), tail, i;

	if (strncmp(name, w->kind->name, len) != 0 || name[len] != ':')
		return 0;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		tail = strlen(others[i]);
		if (strlen(name) > tail &&
		    strcmp(name + strlen(name) - tail, others[i]) == 0)
			return 0;
	}
	return 1;
}

/* The kernel's index: FreeBSD has the timeouts of SCTP elsewhere. */
static unsigned int
kernel_index(const char *name)
{
	unsigned int i;

	for (i = 0; i < FLOW_TIMEOUTS; i++) {
		const char *known = record_timeout_name((enum flow_timeout)i);

		if (known != NULL && strcmp(known, name) == 0)
			return i < FLOW_SCTP_FIRST ? i :
						     i - FLOW_SCTP_FIRST + 20;
	}
	errx(1, "%s: no timeout of pf", name);
}

static void
add_timeouts(char *text)
{
	struct change *c = &changes[nchanges++];
	char *colon = strchr(text, ':'), *item, *equals;
	unsigned int i;

	if (nchanges == CHANGES)
		errx(1, "too many changes of timeouts");
	for (i = 0; i < KERNEL_TIMEOUTS; i++)
		c->timeout[i] = UINT32_MAX;
	if (colon != NULL) {
		c->from = atof(text);
		text = colon + 1;
	}
	for (item = strtok(text, ","); item != NULL; item = strtok(NULL, ",")) {
		if ((equals = strchr(item, '=')) == NULL)
			errx(1, "%s: no NAME=SECONDS", item);
		*equals = '\0';
		c->timeout[kernel_index(item)] = (uint32_t)atoi(equals + 1);
	}
}

static const struct kind *
kind_of(const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	errx(1, "usage: recording [-i seconds] [-t timeouts] kind <dumps");
}

/* One dump of standard input, and the line end that may follow it.  0: end. */
static int
copy(struct writer *w)
{
	double monotonic, wall;
	char name[128];
	size_t len;
	uint8_t *data;

	if (scanf("%lf %lf %127s %zu", &monotonic, &wall, name, &len) != 4)
		return 0;
	if (getchar() != '\n' || (data = malloc(len + 1)) == NULL ||
	    fread(data, 1, len, stdin) != len)
		errx(1, "standard input: the dump of %s is cut", name);
	if (wanted(w, name))
		put_dump(w, monotonic, wall, data, len);
	free(data);
	return 1;
}

int
main(int argc, char *argv[])
{
	struct writer w = { 0 };
	int ch;

	while ((ch = getopt(argc, argv, "i:t:")) != -1)
		if (ch == 'i')
			w.interval = atof(optarg);
		else if (ch == 't')
			add_timeouts(optarg);
	w.kind = kind_of(argv[optind]);
	put_file_header();
	while (copy(&w))
		continue;
	return 0;
}
