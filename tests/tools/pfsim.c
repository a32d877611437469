/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A pf whose traffic is known, and a recording of its dumps, or their server:
 *
 *   pfsim [-L layout] [-d seconds] [-i interval] [-n connections-a-second]
 *       [-s seed] [-w without] [-a states] [-r timeout] -t truth-file
 *   pfsim -l socket [-S states] [-T timeout] ... -t truth-file
 *   pfsim -l socket -c command
 *
 * WITHOUT leaves out what its letters say: k kills, f flushes, r ports used
 * again, i ids that begin anew, v packets that revive a state that has expired,
 * o rows left out of a dump, x dumps that fail, d states made during a dump.
 * While there are more than -a STATES, timeouts are shorter, down to none with
 * twice as many.  With -r, a quarter of the clients is of a rule whose timeouts
 * are all TIMEOUT.
 *
 * With -j, most connections are forwarded, one of 16 is of the firewall itself,
 * one of 5 is of IPv6, and half of them last for SECONDS to twice as many.
 * WITHOUT may have, as well: b packets that are dropped between the two states,
 * g states that are made again after one of the two was removed, w the
 * firewall's own connections, 6 those of IPv6.  -C is a log of all connections,
 * see pfsim_connection.c.
 *
 * With -l, pflowd_sim asks for the dumps (PFSIM names the socket): time is
 * real, there are STATES at most, their timeouts are TIMEOUT to twice as many
 * seconds, connections have few packets, and after -d seconds no more packets
 * come.  On TERM it ends.  pfsim_live.c has the commands.
 *
 * Time goes in steps of a second: first, what has expired is purged, then there
 * may be a dump, then packets.  A line of the truth file is a state: its id,
 * direction, client and port; how it ended (expired, removed, alive); whether
 * it was made after the first whole dump; packets and bytes of each direction;
 * the same in the last dump that showed it; how many dumps did; that dump's
 * number, and the same of the dump before it; its connection.  Then, a line for
 * each dump that
 * nobody has read ("void") and one for the last that each dumper has had
 * ("perhaps": its reader may have ended before).
 */

#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "pfsim.h"

static const char usage[] = "usage: pfsim [-L layout] [-d seconds] "
			    "[-i interval] [-n rate] [-s seed] [-w without] "
			    "[-a states] [-r timeout] [-j seconds] [-C log] "
			    "[-l socket [-S states] [-T timeout]] -t file\n"
			    "       pfsim -l socket -c command";

/* Failed dumps are cut, as well; states are made while others are dumped. */
static void
dump(struct sim *sim, struct sim_writer *w, int whole)
{
	uint32_t i, stop = whole ? sim->used : sim_below(sim, sim->used + 1);

	sim_begin(sim);
	sim_write_begin(w);
	sim_write_inserts(w);
	for (i = 0; i < stop; i++) {
		if (i == stop / 2 && sim_does(sim, 'd'))
			sim_connections(sim, sim->rate / 4);
		if (sim_show(sim, &sim->state[i]))
			sim_write_state(w, &sim->state[i]);
	}
	sim_write_inserts(w);
	sim_write_end(w, whole ? 0 : 12);
	if (!whole)
		sim_log_failed(sim);
	if (whole && sim->first_dump == 0)
		sim->first_dump = sim->now;
}

static void
record(struct sim *sim, unsigned int seconds, unsigned int interval)
{
	static struct sim_writer w;
	unsigned int t;

	w.sim = sim;
	sim_write_header();
	for (t = 1; t <= seconds; t++) {
		sim->now = t * UINT64_C(1000);
		sim_purge(sim);
		if (t % interval == 0)
			dump(sim, &w,
			    !sim_does(sim, 'x') || sim_below(sim, 20) > 0);
		sim_step(sim);
	}
	sim->now += 1000;
	dump(sim, &w, 1);
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

/* From s to twice as many, and purged within half of it. */
static void
set_timeouts(struct sim *sim, uint32_t s)
{
	unsigned int i;

	for (i = 0; i < SIM_OF_STATES; i++)
		sim->timeout[i] = s + i * s / (SIM_OF_STATES - 1);
	sim->purge = s * 500;
}

/* 0: no setting of the model. */
static int
set(struct sim *sim, int ch, const char *value)
{
	switch (ch) {
	case 'C':
		sim->log = fopen(value, "w");
		break;
	case 'L':
		sim->layout = (enum sim_layout)option(value);
		break;
	case 'S':
		sim->limit = option(value);
		break;
	case 'T':
		set_timeouts(sim, option(value));
		break;
	case 'a':
		sim->timeout[SIM_ADAPTIVE_START] = option(value);
		sim->timeout[SIM_ADAPTIVE_END] = 2 * option(value);
		break;
	case 'j':
		sim->lasting = option(value);
		break;
	case 'n':
		sim->rate = option(value);
		break;
	case 'r':
		sim->rule_timeout = option(value);
		break;
	case 's':
		sim->random = option(value) * UINT64_C(2654435761) + 1;
		break;
	case 't':
		sim->truth = fopen(value, "w");
		break;
	case 'w':
		sim->without = value;
		break;
	default:
		return 0;
	}
	return 1;
}

int
main(int argc, char *argv[])
{
	static struct sim sim;
	unsigned int seconds = 0, interval = 5;
	const char *path = NULL, *command = NULL;
	int ch;

	sim_init(&sim);
	while ((ch = getopt(argc, argv, "C:L:S:T:a:c:d:i:j:l:n:r:s:t:w:")) !=
	    -1)
		switch (ch) {
		case 'c':
			command = optarg;
			break;
		case 'd':
			seconds = option(optarg);
			break;
		case 'i':
			interval = option(optarg);
			break;
		case 'l':
			path = optarg;
			break;
		default:
			if (!set(&sim, ch, optarg))
				errx(1, "%s", usage);
		}
	if (path != NULL && command != NULL)
		return sim_ask(path, command);
	if (sim.truth == NULL || interval == 0)
		errx(1, "%s", usage);
	if (path != NULL)
		sim_live(&sim, path, seconds);
	else
		record(&sim, seconds > 0 ? seconds : 300, interval);
	return sim_end(&sim);
}
