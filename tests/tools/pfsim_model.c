/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pfsim: the states of pf, their traffic and their ends.
 */

#include <err.h>
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
	sim->connection = calloc(MOST, sizeof(*sim->connection));
	sim->free_connection = calloc(MOST, sizeof(*sim->free_connection));
	sim->living = calloc(IDS, 1);
	sim->fate = calloc(SIM_DUMPS, 1);
	if (sim->state == NULL || sim->free == NULL || sim->living == NULL ||
	    sim->fate == NULL || sim->connection == NULL ||
	    sim->free_connection == NULL)
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

/* Like another one, which may be of the same connection. */
static void
new_state(struct sim *sim, uint32_t connection, uint8_t direction,
    const struct sim_state *like)
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
	s->number = like->number;
	s->port = like->port;
	s->proto = like->proto;
	s->inet6 = like->inet6;
	s->own = like->own;
	s->rdr = s->number % OF_RDR == 0;
	if (sim->rule_timeout > 0 && s->number % OF_RULE == 0)
		s->rule = RULE;
	sim_connection_add(sim, connection, s);
}

static void
remove_state(struct sim *sim, struct sim_state *s, const char *how)
{
	sim_tell(sim, s, how);
	sim_connection_remove(sim, s, how);
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

/*
 * Of a forwarded connection one of whose states was removed, the client sends
 * the next packet, which makes the state again.
 */
static int
make_again(struct sim *sim, const struct sim_state *s)
{
	if (sim->lasting == 0 || !sim_does(sim, 'g') ||
	    !sim->connection[s->connection].forwarded ||
	    sim_twin(sim, s) != NULL)
		return 0;
	new_state(sim, s->connection, s->direction == 1 ? 2 : 1, s);
	return 1;
}

/* The firewall drops a packet between the two states, if both have had one. */
static int
drop(struct sim *sim, const struct sim_state *to, int way, uint32_t bytes)
{
	if (sim->lasting == 0 || !sim_does(sim, 'b') || to->packets[0] == 0 ||
	    sim_below(sim, 50) > 0)
		return 0;
	sim->connection[to->connection].dropped[way] += bytes;
	return 1;
}

/* Counts for both of the states of a connection, first for the receiver. */
static void
packet(struct sim *sim, struct sim_state *s)
{
	int again = make_again(sim, s);
	int way = s->packets[0] > 0 && !again ? (int)sim_below(sim, 2) : 0;
	uint32_t bytes = 40 + sim_below(sim, 1461);
	uint64_t when = sim->now + 1 + sim_below(sim, 999);
	struct sim_state *twin = sim_twin(sim, s);
	int receiver = (s->direction == 1) == (way == 0);

	sim_connection_packet(sim, s->connection, way, bytes, when);
	if (twin == NULL || receiver || !drop(sim, s, way, bytes))
		count(sim, s, way, bytes, when);
	if (twin != NULL && (!receiver || !drop(sim, twin, way, bytes)))
		count(sim, twin, way, bytes, when);
}

/* Most have both states; else an in-state or, with -j, the firewall's out. */
static void
connection(struct sim *sim, const struct sim_state *like)
{
	int forwarded = sim_below(sim, sim->lasting > 0 ? 8 : 4) > 0;
	int own = !forwarded && sim->lasting > 0 && sim_does(sim, 'w') &&
	    sim_below(sim, 2) == 0;
	uint32_t i = sim_connection(sim, forwarded);
	struct sim_state s = *like;

	s.own = (uint8_t)own;
	if (!own)
		new_state(sim, i, 1, &s);
	if (forwarded || own)
		new_state(sim, i, 2, &s);
	packet(sim, &sim->state[sim->connection[i].state[own] - 1]);
}

static void
new_connection(struct sim *sim)
{
	static const uint8_t protos[] = { 6, 6, 17, 17, 17, 1 };
	struct sim_state s = { 0 };

	if (sim_states(sim) + 2 > sim->limit)
		return;
	s.number = ++sim->clients;
	s.proto = protos[sim_below(sim, sizeof(protos))];
	s.port = (uint16_t)(1024 + sim_below(sim, 60000));
	if (sim->lasting > 0 && sim_does(sim, '6') && sim_below(sim, 5) == 0) {
		s.inet6 = 1;
		s.proto = s.proto == 1 ? 58 : s.proto;
	}
	connection(sim, &s);
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
	struct sim_state *twin = sim_twin(sim, s), like = *s;

	if (twin != NULL)
		remove_state(sim, twin, "removed");
	remove_state(sim, s, "removed");
	connection(sim, &like);
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
	struct sim_state *twin = sim_twin(sim, s);

	s->closing = 1;
	if (twin != NULL)
		twin->closing = 1;
	packet(sim, s);
}

/* pfctl -k: of one state, as on FreeBSD, or of both, as on OpenBSD. */
static void
kill_connection(struct sim *sim, struct sim_state *s)
{
	struct sim_state *twin = sim_twin(sim, s);

	if (twin != NULL && sim_below(sim, 2) == 0)
		kill_state(sim, twin);
	kill_state(sim, s);
}

static int
closes(struct sim *sim, const struct sim_state *s)
{
	if (sim->now < sim->connection[s->connection].until)
		return 0;
	if (sim->brief)
		return sim_below(sim, 3) == 0;
	return s->proto == 6 && s->packets[1] > 0 && sim_below(sim, 8) == 0;
}

/* A second of a state that has not expired. */
static void
live(struct sim *sim, struct sim_state *s)
{
	if (s->closing) {
		if (sim_does(sim, 'r') && s->proto == 6 &&
		    sim_below(sim, 60) == 0 && !unseen(s))
			use_again(sim, s);
	} else if (closes(sim, s))
		close_connection(sim, s);
	else if (sim_below(sim, s->proto == 1 ? 8 : 3) == 0)
		packet(sim, s);
	else if (sim_does(sim, 'k') &&
	    sim_below(sim, sim->lasting > 0 ? 1500 : 300) == 0)
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
	sim_log_dump(sim);
}

/* Nobody knows of a dump that nobody has read. */
int
sim_show(struct sim *sim, struct sim_state *s)
{
	if (!s->used)
		return 0;
	if (sim_does(sim, 'o') && sim_below(sim, 2000) == 0) {
		sim_log_left_out(sim, s);
		return 0;
	}
	sim_log_shown(sim, s);
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
