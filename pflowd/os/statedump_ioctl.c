/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * OpenBSD, NetBSD and DragonFly: DIOCGETSTATES of pf(4), which copies all
 * states as an array of struct pfsync_state.
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include PFLOWD_PFVAR
#include "dumpbuffer.h"
#include "pfdevice.h"
#include "statedump.h"

#define RECORD sizeof(struct pfsync_state)

struct statedump {
	int pf;
	struct dumpbuffer answer;
};

const char *
statedump_ways(void)
{
	return "DIOCGETSTATES";
}

int
statedump_open(int fd[STATEDUMP_FDS], int *later, char *why, size_t whylen)
{
	fd[0] = pfdevice_open(later, why, whylen);
	fd[1] = -1;
	return fd[0] == -1 ? -1 : 0;
}

struct statedump *
statedump_new(const int fd[STATEDUMP_FDS])
{
	struct statedump *d;

	if ((d = calloc(1, sizeof(*d))) != NULL)
		d->pf = fd[0];
	return d;
}

unsigned int
statedump_layout(const struct statedump *d)
{
	(void)d;
	return PFLOWD_PF_LAYOUT;
}

void
statedump_settings(struct statedump *d, struct statedump_settings *s)
{
	struct pf_status status;

	memset(s, 0, sizeof(*s));
	pfdevice_settings(d->pf, s);
	s->enabled = -1;
	if (ioctl(d->pf, DIOCGETSTATUS, &status) == 0)
		s->enabled = status.running != 0;
}

int
statedump_counters(struct statedump *d, uint64_t counters[2])
{
	struct pf_status status;

	if (ioctl(d->pf, DIOCGETSTATUS, &status) == -1)
		return -1;
	counters[0] = status.fcounters[FCNT_STATE_INSERT];
	counters[1] = status.fcounters[FCNT_STATE_REMOVALS];
	return 0;
}

/* The length is an int or a size_t; memory of more than an int is not had. */
static int
ask(void *arg, uint8_t *data, size_t *len)
{
	struct statedump *d = arg;
	struct pfioc_states states;

	memset(&states, 0, sizeof(states));
	states.ps_len = (int)*len;
	states.ps_buf = (void *)data;
	if (ioctl(d->pf, DIOCGETSTATES, &states) == -1)
		return errno;
	*len = (size_t)states.ps_len;
	return 0;
}

int
statedump_read(struct statedump *d)
{
	return dumpbuffer_fill(&d->answer, RECORD, ask, d);
}

size_t
statedump_piece(struct statedump *d, const uint8_t **data)
{
	return dumpbuffer_records(&d->answer, RECORD, data);
}
