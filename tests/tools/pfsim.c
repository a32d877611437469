/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A pf whose traffic is known, and a recording of its dumps: pfsim [-L layout]
 * [-d seconds] [-i interval] [-n states-a-second] [-s seed] [-w without]
 * -t truth-file.  WITHOUT leaves out what its letters say: k kills, f flushes,
 * r ports used again, i ids that begin anew, v packets that revive a state that
 * has expired, o rows left out of a dump, x dumps that fail.
 *
 * Time goes in steps of a second: first, what has expired is purged, then there
 * may be a dump, then packets.  A line of the truth file is a state: its id,
 * direction, client and port; how it ended (expired, removed, alive); whether
 * it was made after the first whole dump; packets and bytes of each direction;
 * the same in the last dump that showed it; how many dumps did.
 */

#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfsim.h"

#define MOST (1 << 20) /* states at a time */
#define IDS (1 << 24)
#define FIRST_ID UINT64_C(0x6b0a0000)
#define STEP_BACK 5000 /* ids */
#define PURGE_MS 10000

enum {
	TCP_FIRST,
	TCP_OPENING,
	TCP_ESTABLISHED,
	TCP_CLOSING,
	TCP_FINWAIT,
	TCP_CLOSED,
	UDP_FIRST,
	UDP_SINGLE,
	UDP_MULTIPLE,
	ICMP_FIRST,
	ICMP_ERROR,
	TIMEOUTS
};

/* Shorter than pf's, so that much happens. */
static const uint32_t timeouts[TIMEOUTS] = { 20, 15, 120, 60, 15, 20, 15, 12,
	20, 15, 12 };

static struct sim {
	struct sim_state *state;
	uint32_t *free; /* indexes */
	uint32_t nfree;
	uint32_t used;	 /* at any time */
	uint8_t *living; /* ids, from FIRST_ID */
	uint32_t next_id;
	uint64_t inserts;
	uint64_t first_dump; /* ms; 0: not yet */
	uint64_t now;
	uint32_t clients;
	uint64_t random;
	const char *without;
	FILE *truth;
} sim;

static uint32_t
below(uint32_t n)
{
	sim.random ^= sim.random << 13;
	sim.random ^= sim.random >> 7;
	sim.random ^= sim.random << 17;
	return (uint32_t)((sim.random >> 16) % n);
}

static int
does(char what)
{
	return strchr(sim.without, what) == NULL;
}

/* Whole seconds to the timeout; 0: it has expired. */
static uint32_t
remaining(const struct sim_state *s)
{
	uint64_t idle = sim.now / 1000 - s->last / 1000;

	return idle < timeouts[s->timeout] ?
	    timeouts[s->timeout] - (uint32_t)idle :
	    0;
}

/* No living state has it. */
static uint64_t
new_id(void)
{
	while (sim.living[sim.next_id])
		sim.next_id++;
	if (sim.next_id == IDS - 1)
		errx(1, "too many ids");
	sim.living[sim.next_id] = 1;
	return FIRST_ID + sim.next_id++;
}

static struct sim_state *
new_state(uint8_t direction, uint32_t client, uint16_t port, uint8_t proto)
{
	struct sim_state *s;
	uint32_t i;

	if (sim.nfree == 0 && sim.used == MOST)
		errx(1, "too many states");
	i = sim.nfree > 0 ? sim.free[--sim.nfree] : sim.used++;
	s = &sim.state[i];
	memset(s, 0, sizeof(*s));
	s->used = 1;
	sim.inserts++;
	s->id = new_id();
	s->created = s->last = sim.now;
	s->direction = direction;
	s->number = client;
	s->port = port;
	s->proto = proto;
	return s;
}

static void
tell(const struct sim_state *s, const char *how)
{
	fprintf(sim.truth,
	    "%" PRIu64 " %s 10.%u.%u.%u %u %s %u %" PRIu64 " %" PRIu64
	    " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
	    " %" PRIu64 " %u\n",
	    s->id, s->direction == 1 ? "in" : "out", s->number >> 16 & 255,
	    s->number >> 8 & 255, s->number & 255, s->port, how,
	    sim.first_dump > 0 && s->created >= sim.first_dump, s->packets[0],
	    s->packets[1], s->bytes[0], s->bytes[1], s->shown_packets[0],
	    s->shown_packets[1], s->shown_bytes[0], s->shown_bytes[1],
	    s->shown);
}

static void
remove_state(struct sim_state *s, const char *how)
{
	tell(s, how);
	if (s->twin > 0)
		sim.state[s->twin - 1].twin = 0;
	s->used = 0;
	sim.living[s->id - FIRST_ID] = 0;
	sim.free[sim.nfree++] = (uint32_t)(s - sim.state);
}

static void
set_timeout(struct sim_state *s)
{
	int both = s->packets[0] > 0 && s->packets[1] > 0;

	switch (s->proto) {
	case 6:
		s->level[0] = s->closing ? 9 : both ? 4 : 2;
		s->level[1] = s->closing ? 9 : both ? 4 : 0;
		s->timeout = s->closing ? TCP_CLOSED :
		    both		? TCP_ESTABLISHED :
					  TCP_FIRST;
		break;
	case 17:
		s->level[0] = s->level[1] = both ? 2 : 1;
		s->timeout = both     ? UDP_MULTIPLE :
		    s->packets[0] > 1 ? UDP_SINGLE :
					UDP_FIRST;
		break;
	default:
		s->timeout = both ? ICMP_ERROR : ICMP_FIRST;
	}
}

/* A packet of a connection counts for both of its states. */
static void
count(struct sim_state *s, int way, uint32_t bytes, uint64_t when)
{
	s->packets[way]++;
	s->bytes[way] += bytes;
	s->last = when;
	set_timeout(s);
	s->removed_at = (when / 1000 + timeouts[s->timeout]) * 1000 +
	    below(PURGE_MS);
}

static void
packet(struct sim_state *s)
{
	int way = s->packets[0] > 0 ? (int)below(2) : 0;
	uint32_t bytes = 40 + below(1461);
	uint64_t when = sim.now + 1 + below(999);

	count(s, way, bytes, when);
	if (s->twin > 0)
		count(&sim.state[s->twin - 1], way, bytes, when);
}

static void
connection(uint32_t client, uint16_t port, uint8_t proto)
{
	struct sim_state *in = new_state(1, client, port, proto), *out = NULL;

	if (below(4) > 0) {
		out = new_state(2, client, port, proto);
		in->twin = (uint32_t)(out - sim.state) + 1;
		out->twin = (uint32_t)(in - sim.state) + 1;
	}
	packet(in);
}

static void
new_connection(void)
{
	static const uint8_t protos[] = { 6, 6, 17, 17, 17, 1 };

	connection(++sim.clients, (uint16_t)(1024 + below(60000)),
	    protos[below(sizeof(protos))]);
}

/*
 * A packet since the last dump, and an early end before the next one, of a
 * state that may have expired by then: nobody could tell.
 */
static int
unseen(const struct sim_state *s)
{
	return s->shown > 0 && s->last > s->shown_at && s->shown_expires <= 15;
}

/* A client uses the port of a closed connection again. */
static void
use_again(struct sim_state *s)
{
	uint32_t client = s->number;
	uint16_t port = s->port;

	if (s->twin > 0)
		remove_state(&sim.state[s->twin - 1], "removed");
	remove_state(s, "removed");
	connection(client, port, 6);
}

static void
kill_state(struct sim_state *s)
{
	if (!unseen(s))
		remove_state(s, "removed");
}

/* A second of a state that has not expired. */
static void
live(struct sim_state *s)
{
	if (s->closing) {
		if (does('r') && below(60) == 0 && !unseen(s))
			use_again(s);
		return;
	}
	if (s->proto == 6 && s->packets[1] > 0 && below(8) == 0) {
		s->closing = 1;
		if (s->twin > 0)
			sim.state[s->twin - 1].closing = 1;
		packet(s);
	} else if (below(s->proto == 1 ? 8 : 3) == 0)
		packet(s);
	else if (does('k') && below(300) == 0)
		kill_state(s);
}

/* A second of all; a state that has expired may get a packet before it goes. */
static void
step(void)
{
	uint32_t i;

	for (i = 0; i < sim.used; i++) {
		struct sim_state *s = &sim.state[i];

		if (!s->used || s->created == sim.now)
			continue;
		if (remaining(s) > 0)
			live(s);
		else if (does('v') && !s->closing && below(40) == 0)
			packet(s);
	}
}

static void
purge(void)
{
	uint32_t i;

	for (i = 0; i < sim.used; i++)
		if (sim.state[i].used && sim.state[i].removed_at <= sim.now)
			remove_state(&sim.state[i], "expired");
}

static void
flush(void)
{
	uint32_t i;

	for (i = 0; i < sim.used; i++)
		if (sim.state[i].used)
			kill_state(&sim.state[i]);
}

static void
show(struct sim_writer *w, struct sim_state *s)
{
	sim_write_state(w, s, remaining(s));
	memcpy(s->shown_packets, s->packets, sizeof(s->packets));
	memcpy(s->shown_bytes, s->bytes, sizeof(s->bytes));
	s->shown_at = sim.now;
	s->shown_expires = remaining(s);
	s->shown++;
}

/* Failed dumps are cut, as well. */
static void
dump(struct sim_writer *w, int whole)
{
	uint32_t i, stop = whole ? sim.used : below(sim.used + 1);

	sim_write_begin(w, sim.now, timeouts, TIMEOUTS);
	sim_write_inserts(w, sim.inserts);
	for (i = 0; i < sim.used; i++) {
		struct sim_state *s = &sim.state[i];
		int omitted = i >= stop || (does('o') && below(2000) == 0);

		if (s->used && !omitted)
			show(w, s);
	}
	sim_write_inserts(w, sim.inserts);
	sim_write_end(w, sim.now, whole ? 0 : 12);
	if (whole && sim.first_dump == 0)
		sim.first_dump = sim.now;
}

static void
run(struct sim_writer *w, unsigned int seconds, unsigned int interval,
    unsigned int rate)
{
	unsigned int t, n;

	for (t = 1; t <= seconds; t++) {
		sim.now = t * UINT64_C(1000);
		purge();
		if (t % interval == 0)
			dump(w, !does('x') || below(20) > 0);
		step();
		for (n = 0; n < rate; n++)
			new_connection();
		if (does('f') && below(200) == 0)
			flush();
		if (does('i') && below(50) == 0 && sim.next_id > STEP_BACK)
			sim.next_id -= STEP_BACK;
	}
	sim.now += 1000;
	dump(w, 1);
}

static unsigned int
option(const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || v > INT32_MAX)
		errx(1, "%s: not a number", text);
	return (unsigned int)v;
}

int
main(int argc, char *argv[])
{
	static struct sim_writer w = { .layout = SIM_FREEBSD_V2 };
	unsigned int seconds = 300, interval = 5, rate = 20;
	uint32_t i;
	int ch;

	sim.random = 1;
	sim.without = "";
	while ((ch = getopt(argc, argv, "L:d:i:n:s:t:w:")) != -1)
		switch (ch) {
		case 'L':
			w.layout = (enum sim_layout)option(optarg);
			break;
		case 'd':
			seconds = option(optarg);
			break;
		case 'i':
			interval = option(optarg);
			break;
		case 'n':
			rate = option(optarg);
			break;
		case 's':
			sim.random = option(optarg) * UINT64_C(2654435761) + 1;
			break;
		case 't':
			sim.truth = fopen(optarg, "w");
			break;
		case 'w':
			sim.without = optarg;
			break;
		default:
			return 1;
		}
	if (sim.truth == NULL || interval == 0)
		errx(1,
		    "usage: pfsim [-L layout] [-d seconds] [-i interval] "
		    "[-n states-a-second] [-s seed] [-w without] -t file");
	sim.state = calloc(MOST, sizeof(*sim.state));
	sim.free = calloc(MOST, sizeof(*sim.free));
	sim.living = calloc(IDS, 1);
	if (sim.state == NULL || sim.free == NULL || sim.living == NULL)
		err(1, NULL);
	sim_write_header();
	run(&w, seconds, interval, rate);
	for (i = 0; i < sim.used; i++)
		if (sim.state[i].used)
			tell(&sim.state[i], "alive");
	return fclose(sim.truth) == 0 ? 0 : 1;
}
