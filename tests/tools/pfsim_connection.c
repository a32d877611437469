/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pfsim: the connections that states are of, what crossed the firewall of
 * each, and a log of what dumps could show of that.  Its lines, in time:
 *
 *   state N CONNECTION in|out ID PROTO CLIENT PORT SERVER PORT GWY PORT CREATED
 *   clock MS           since the epoch, at 0, if time is real
 *   dump NUMBER NOW
 *   shown N            the first dump that shows state N
 *   not N              the dump leaves it out
 *   crossed CONNECTION PACKETS[2] BYTES[2] DROPPED-BYTES[2] FIRST LAST
 *                      by this dump, from client and server, and of these what
 *                      was dropped between the two states; the first packet
 *                      that the dump before did not have, and the last
 *   end N expired|removed|alive NOW PACKETS[2] BYTES[2] PACKETS[2] BYTES[2]
 *                      in all, and in the last dump that showed it
 *   failed DUMP        it was not whole
 *   void|perhaps DUMP  as in the truth file
 *
 * N is a number of its own, as ids are used again.  Times are ms.
 */

#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <err.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "pfsim.h"

uint32_t
sim_connection(struct sim *sim, int forwarded)
{
	uint32_t i = sim->nfree_connection > 0 ?
	    sim->free_connection[--sim->nfree_connection] :
	    sim->used_connections++;
	struct sim_connection *c = &sim->connection[i];

	memset(c, 0, sizeof(*c));
	c->number = ++sim->connections;
	c->forwarded = (uint8_t)forwarded;
	if (sim->lasting > 0 && sim_below(sim, 2) == 0)
		c->until = sim->now +
		    UINT64_C(1000) *
			(sim->lasting + sim_below(sim, sim->lasting));
	return i;
}

struct sim_state *
sim_twin(const struct sim *sim, const struct sim_state *s)
{
	uint32_t i = sim->connection[s->connection].state[s->direction == 1];

	return i > 0 ? &sim->state[i - 1] : NULL;
}

static void
log_host(const struct sim *sim, const struct sim_state *s, const uint8_t *addr,
    uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(s->inet6 ? AF_INET6 : AF_INET, addr, text, sizeof(text));
	fprintf(sim->log, " %s %u", text, port);
}

static void
log_state(const struct sim *sim, const struct sim_state *s)
{
	int in = s->direction == 1;
	struct sim_hosts h;

	sim_hosts(sim, s, &h);
	fprintf(sim->log, "state %u %u %s %" PRIu64 " %u", s->serial,
	    sim->connection[s->connection].number, in ? "in" : "out", s->id,
	    s->proto);
	log_host(sim, s, in ? h.ext : h.lan, in ? h.ext_port : h.lan_port);
	log_host(sim, s, in ? h.lan : h.ext, in ? h.lan_port : h.ext_port);
	log_host(sim, s, h.gwy, h.gwy_port);
	fprintf(sim->log, " %" PRIu64 "\n", s->created);
}

void
sim_connection_add(struct sim *sim, uint32_t connection, struct sim_state *s)
{
	struct sim_connection *c = &sim->connection[connection];

	s->connection = connection;
	s->serial = (uint32_t)sim->inserts;
	c->state[s->direction - 1] = (uint32_t)(s - sim->state) + 1;
	if (sim->log != NULL)
		log_state(sim, s);
}

static void
log_counters(FILE *log, const uint64_t packets[2], const uint64_t bytes[2])
{
	fprintf(log, " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
	    packets[0], packets[1], bytes[0], bytes[1]);
}

void
sim_connection_remove(struct sim *sim, const struct sim_state *s,
    const char *how)
{
	struct sim_connection *c = &sim->connection[s->connection];

	c->state[s->direction - 1] = 0;
	if (c->state[0] == 0 && c->state[1] == 0) {
		c->number = 0;
		sim->free_connection[sim->nfree_connection++] = s->connection;
	}
	if (sim->log == NULL)
		return;
	fprintf(sim->log, "end %u %s %" PRIu64, s->serial, how, sim->now);
	log_counters(sim->log, s->packets, s->bytes);
	log_counters(sim->log, s->shown.packets, s->shown.bytes);
	fprintf(sim->log, "\n");
}

void
sim_connection_packet(struct sim *sim, uint32_t connection, int way,
    uint32_t bytes, uint64_t when)
{
	struct sim_connection *c = &sim->connection[connection];

	c->packets[way]++;
	c->bytes[way] += bytes;
	if (!c->unlogged || when < c->first)
		c->first = when;
	if (when > c->last)
		c->last = when;
	c->unlogged = 1;
}

void
sim_log_clock(const struct sim *sim)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (sim->log != NULL)
		fprintf(sim->log, "clock %" PRIu64 "\n",
		    (uint64_t)ts.tv_sec * 1000 +
			(uint64_t)ts.tv_nsec / 1000000);
}

void
sim_log_dump(const struct sim *sim)
{
	if (sim->log != NULL)
		fprintf(sim->log, "dump %u %" PRIu64 "\n", sim->dump, sim->now);
}

void
sim_log_shown(struct sim *sim, struct sim_state *s)
{
	struct sim_connection *c = &sim->connection[s->connection];

	if (sim->log == NULL)
		return;
	if (!s->logged)
		fprintf(sim->log, "shown %u\n", s->serial);
	s->logged = 1;
	if (!c->unlogged)
		return;
	fprintf(sim->log, "crossed %u", c->number);
	log_counters(sim->log, c->packets, c->bytes);
	fprintf(sim->log, " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
	    c->dropped[0], c->dropped[1], c->first, c->last);
	c->unlogged = 0;
}

void
sim_log_left_out(const struct sim *sim, const struct sim_state *s)
{
	if (sim->log != NULL)
		fprintf(sim->log, "not %u\n", s->serial);
}

void
sim_log_failed(const struct sim *sim)
{
	if (sim->log != NULL)
		fprintf(sim->log, "failed %u\n", sim->dump);
}
