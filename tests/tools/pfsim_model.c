/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pfsim: the states of pf, their traffic and their ends.
 */

#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pfsim.h"

#define MOST (1 << 20) /* states at a time */
#define IDS (1 << 24)
#define FIRST_ID UINT64_C(0x6b0a0000)
#define STEP_BACK 5000 /* ids */

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
	ICMP_ERROR
};

#define RULE 1	  /* has timeouts of its own */
#define OF_RULE 4 /* one of so many clients */
#define OF_RDR 3  /* ... connects to a server inside */

void
sim_init(struct sim *sim)
{
	/* Shorter than pf's, so that much happens. */
	static const uint32_t timeouts[SIM_TIMEOUTS] = { 20, 15, 120, 60, 15,
		20, 15, 12, 20, 15, 12, 60, 30, 60, 30, 10 };

	memset(sim, 0, sizeof(*sim));
	memcpy(sim->timeout, timeouts, sizeof(timeouts));
	sim->purge = 10000;
	sim->rate = 20;
	sim->limit = MOST;
	sim->random = 1;
	sim->without = "";
	sim->layout = SIM_FREEBSD_V2;
	sim->version = SIM_VERSION;
	sim->state = calloc(MOST, sizeof(*sim->state));
	sim->free = calloc(MOST, sizeof(*sim->free));
	sim->living = calloc(IDS, 1);
	sim->fate = calloc(SIM_DUMPS, 1);
	if (sim->state == NULL || sim->free == NULL || sim->living == NULL ||
	    sim->fate == NULL)
		err(1, NULL);
}

uint32_t
sim_below(struct sim *sim, uint32_t n)
{
	sim->random ^= sim->random << 13;
	sim->random ^= sim->random >> 7;
	sim->random ^= sim->random << 17;
	return (uint32_t)((sim->random >> 16) % n);
}

int
sim_does(const struct sim *sim, char what)
{
	return strchr(sim->without, what) == NULL;
}

uint32_t
sim_states(const struct sim *sim)
{
	return sim->used - sim->nfree;
}

/* s, as pf shortens it while it has many states. */
static uint32_t
timeout_of(const struct sim *sim, const struct sim_state *s)
{
	uint64_t start = sim->timeout[SIM_ADAPTIVE_START];
	uint64_t end = sim->timeout[SIM_ADAPTIVE_END];
	uint64_t states = sim_states(sim);
	uint32_t timeout = s->rule == RULE ? sim->rule_timeout :
					     sim->timeout[s->timeout];

	if (end == 0 || states <= start)
		return timeout;
	return states < end ?
	    (uint32_t)(timeout * (end - states) / (end - start)) :
	    0;
}

uint32_t
sim_expires(const struct sim *sim, const struct sim_state *s)
{
	uint64_t idle = sim->now / 1000 - s->last / 1000;
	uint32_t timeout = timeout_of(sim, s);

	return idle < timeout ? timeout - (uint32_t)idle : 0;
}

/* No living state has it. */
static uint64_t
new_id(struct sim *sim)
{
	while (sim->living[sim->next_id])
		sim->next_id++;
	if (sim->next_id == IDS - 1)
		errx(1, "too many ids");
	sim->living[sim->next_id] = 1;
	return FIRST_ID + sim->next_id++;
}

static struct sim_state *
new_state(struct sim *sim, uint8_t direction, uint32_t client, uint16_t port,
    uint8_t proto)
{
	struct sim_state *s;
	uint32_t i;

	if (sim->nfree == 0 && sim->used == MOST)
		errx(1, "too many states");
	i = sim->nfree > 0 ? sim->free[--sim->nfree] : sim->used++;
	s = &sim->state[i];
	memset(s, 0, sizeof(*s));
	s->used = 1;
	sim->inserts++;
	s->id = new_id(sim);
	s->created = s->last = sim->now;
	s->direction = direction;
	s->number = client;
	s->port = port;
	s->proto = proto;
	s->rdr = client % OF_RDR == 0;
	if (sim->rule_timeout > 0 && client % OF_RULE == 0)
		s->rule = RULE;
	return s;
}

static void
tell_shown(const struct sim *sim, const struct sim_shown *s)
{
	fprintf(sim->truth, " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
	    s->packets[0], s->packets[1], s->bytes[0], s->bytes[1]);
}

static void
tell(const struct sim *sim, const struct sim_state *s, const char *how)
{
	fprintf(sim->truth,
	    "%" PRIu64 " %s 10.%u.%u.%u %u %s %u %" PRIu64 " %" PRIu64
	    " %" PRIu64 " %" PRIu64,
	    s->id, s->direction == 1 ? "in" : "out", s->number >> 16 & 255,
	    s->number >> 8 & 255, s->number & 255, s->port, how,
	    sim->first_dump > 0 && s->created >= sim->first_dump, s->packets[0],
	    s->packets[1], s->bytes[0], s->bytes[1]);
	tell_shown(sim, &s->shown);
	fprintf(sim->truth, " %u %u", s->dumps, s->shown.dump);
	tell_shown(sim, &s->before);
	fprintf(sim->truth, "\n");
}

static void
remove_state(struct sim *sim, struct sim_state *s, const char *how)
{
	tell(sim, s, how);
	if (s->twin > 0)
		sim->state[s->twin - 1].twin = 0;
	s->used = 0;
	sim->removals++;
	sim->living[s->id - FIRST_ID] = 0;
	sim->free[sim->nfree++] = (uint32_t)(s - sim->state);
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
count(struct sim *sim, struct sim_state *s, int way, uint32_t bytes,
    uint64_t when)
{
	s->packets[way]++;
	s->bytes[way] += bytes;
	s->last = when;
	set_timeout(s);
	s->lag = sim_below(sim, sim->purge);
}

static void
packet(struct sim *sim, struct sim_state *s)
{
	int way = s->packets[0] > 0 ? (int)sim_below(sim, 2) : 0;
	uint32_t bytes = 40 + sim_below(sim, 1461);
	uint64_t when = sim->now + 1 + sim_below(sim, 999);

	count(sim, s, way, bytes, when);
	if (s->twin > 0)
		count(sim, &sim->state[s->twin - 1], way, bytes, when);
}

static void
connection(struct sim *sim, uint32_t client, uint16_t port, uint8_t proto)
{
	struct sim_state *in = new_state(sim, 1, client, port, proto), *out;

	if (sim_below(sim, 4) > 0) {
		out = new_state(sim, 2, client, port, proto);
		in->twin = (uint32_t)(out - sim->state) + 1;
		out->twin = (uint32_t)(in - sim->state) + 1;
	}
	packet(sim, in);
}

static void
new_connection(struct sim *sim)
{
	static const uint8_t protos[] = { 6, 6, 17, 17, 17, 1 };

	if (sim_states(sim) + 2 > sim->limit)
		return;
	connection(sim, ++sim->clients,
	    (uint16_t)(1024 + sim_below(sim, 60000)),
	    protos[sim_below(sim, sizeof(protos))]);
}

/*
 * A packet since the last dump, and an early end before the next one, of a
 * state that may have expired by then: nobody could tell.
 */
static int
unseen(const struct sim_state *s)
{
	return s->dumps > 0 && s->last > s->shown_at && s->shown_expires <= 15;
}

/* A client uses the port of a closed connection again. */
static void
use_again(struct sim *sim, struct sim_state *s)
{
	uint32_t client = s->number;
	uint16_t port = s->port;

	if (s->twin > 0)
		remove_state(sim, &sim->state[s->twin - 1], "removed");
	remove_state(sim, s, "removed");
	connection(sim, client, port, 6);
}

static void
kill_state(struct sim *sim, struct sim_state *s)
{
	if (!unseen(s))
		remove_state(sim, s, "removed");
}

static void
close_connection(struct sim *sim, struct sim_state *s)
{
	s->closing = 1;
	if (s->twin > 0)
		sim->state[s->twin - 1].closing = 1;
	packet(sim, s);
}

/* pfctl -k: of one state, as on FreeBSD, or of both, as on OpenBSD. */
static void
kill_connection(struct sim *sim, struct sim_state *s)
{
	if (s->twin > 0 && sim_below(sim, 2) == 0)
		kill_state(sim, &sim->state[s->twin - 1]);
	kill_state(sim, s);
}

/* A second of a state that has not expired. */
static void
live(struct sim *sim, struct sim_state *s)
{
	if (s->closing) {
		if (sim_does(sim, 'r') && s->proto == 6 &&
		    sim_below(sim, 60) == 0 && !unseen(s))
			use_again(sim, s);
	} else if (sim->brief ?
		sim_below(sim, 3) == 0 :
		s->proto == 6 && s->packets[1] > 0 && sim_below(sim, 8) == 0)
		close_connection(sim, s);
	else if (sim_below(sim, s->proto == 1 ? 8 : 3) == 0)
		packet(sim, s);
	else if (sim_does(sim, 'k') && sim_below(sim, 300) == 0)
		kill_connection(sim, s);
}

/* A state that has expired may get a packet before it goes. */
static void
traffic(struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->used; i++) {
		struct sim_state *s = &sim->state[i];

		if (!s->used || s->created == sim->now)
			continue;
		if (sim_expires(sim, s) > 0)
			live(sim, s);
		else if (sim_does(sim, 'v') && !s->closing &&
		    sim_below(sim, 40) == 0)
			packet(sim, s);
	}
}

static void
flush(struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->used; i++)
		if (sim->state[i].used)
			kill_state(sim, &sim->state[i]);
}

void
sim_connections(struct sim *sim, uint32_t n)
{
	for (; n > 0; n--)
		new_connection(sim);
}

void
sim_step(struct sim *sim)
{
	if (sim->quiet)
		return;
	traffic(sim);
	sim_connections(sim, sim->rate);
	if (sim_does(sim, 'f') && sim_below(sim, 200) == 0)
		flush(sim);
	if (sim_does(sim, 'i') && sim_below(sim, 50) == 0 &&
	    sim->next_id > STEP_BACK)
		sim->next_id -= STEP_BACK;
}

void
sim_purge(struct sim *sim)
{
	struct sim_state *s;

	for (s = sim->state; s < sim->state + sim->used; s++)
		if (s->used &&
		    (s->last / 1000 + timeout_of(sim, s)) * 1000 + s->lag <=
			sim->now)
			remove_state(sim, s, "expired");
}

void
sim_begin(struct sim *sim)
{
	if (++sim->dump == SIM_DUMPS)
		errx(1, "too many dumps");
}

/* Nobody knows of a dump that nobody has read. */
int
sim_show(struct sim *sim, struct sim_state *s)
{
	if (!s->used || (sim_does(sim, 'o') && sim_below(sim, 2000) == 0))
		return 0;
	if (sim->fate[s->shown.dump] != SIM_VOID) {
		s->before = s->shown;
		s->dumps++;
	}
	memcpy(s->shown.packets, s->packets, sizeof(s->packets));
	memcpy(s->shown.bytes, s->bytes, sizeof(s->bytes));
	s->shown.dump = sim->dump;
	s->shown_at = sim->now;
	s->shown_expires = sim_expires(sim, s);
	return 1;
}

int
sim_end(struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->used; i++)
		if (sim->state[i].used)
			tell(sim, &sim->state[i], "alive");
	for (i = 1; i <= sim->dump; i++)
		if (sim->fate[i] != SIM_READ)
			fprintf(sim->truth, "%s %u\n",
			    sim->fate[i] == SIM_VOID ? "void" : "perhaps", i);
	return fclose(sim->truth) == 0 ? 0 : 1;
}
