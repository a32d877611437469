/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The truth file of pfsim: a line for each state (pfsim.c).
 */

#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <inttypes.h>

#include "pfsim.h"

static void
tell_shown(const struct sim *sim, const struct sim_shown *s)
{
	fprintf(sim->truth, " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
	    s->packets[0], s->packets[1], s->bytes[0], s->bytes[1]);
}

void
sim_tell(const struct sim *sim, const struct sim_state *s, const char *how)
{
	struct sim_hosts h;
	char client[INET6_ADDRSTRLEN];

	sim_hosts(sim, s, &h);
	inet_ntop(s->inet6 ? AF_INET6 : AF_INET,
	    s->direction == 1 ? h.ext : h.lan, client, sizeof(client));
	fprintf(sim->truth,
	    "%" PRIu64 " %s %s %u %s %u %" PRIu64 " %" PRIu64 " %" PRIu64
	    " %" PRIu64,
	    s->id, s->direction == 1 ? "in" : "out", client, s->port, how,
	    sim->first_dump > 0 && s->created >= sim->first_dump, s->packets[0],
	    s->packets[1], s->bytes[0], s->bytes[1]);
	tell_shown(sim, &s->shown);
	fprintf(sim->truth, " %u %u", s->dumps, s->shown.dump);
	tell_shown(sim, &s->before);
	fprintf(sim->truth, " %u\n", sim->connection[s->connection].number);
}

static void
tell_fates(const struct sim *sim, FILE *to)
{
	uint32_t i;

	for (i = 1; i <= sim->dump; i++)
		if (sim->fate[i] != SIM_READ)
			fprintf(to, "%s %u\n",
			    sim->fate[i] == SIM_VOID ? "void" : "perhaps", i);
}

int
sim_end(struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->used; i++)
		if (sim->state[i].used) {
			sim_tell(sim, &sim->state[i], "alive");
			sim_connection_remove(sim, &sim->state[i], "alive");
		}
	tell_fates(sim, sim->truth);
	if (sim->log == NULL)
		return fclose(sim->truth) == 0 ? 0 : 1;
	tell_fates(sim, sim->log);
	return fclose(sim->truth) == 0 && fclose(sim->log) == 0 ? 0 : 1;
}
