/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include PFLOWD_PFVAR
#include "pfdevice.h"

#define DEVICE "/dev/pf"

/* Where pf is a module that is not loaded, its device is missing or dead. */
int
pfdevice_open(int *later, char *why, size_t whylen)
{
	int pf;

	if ((pf = open(DEVICE, O_RDONLY | O_CLOEXEC)) != -1)
		return pf;
	*later = errno != EACCES && errno != EPERM;
	if (!*later)
		snprintf(why, whylen, "%s: %s: start pflowd as root", DEVICE,
		    strerror(errno));
	else if (errno == ENOENT || errno == ENXIO || errno == ENODEV)
		snprintf(why, whylen, "pf is not loaded: %s", PFLOWD_LOADPF);
	else
		snprintf(why, whylen, "%s: %s", DEVICE, strerror(errno));
	return -1;
}

/* The kernel refuses the first index that it does not have. */
void
pfdevice_settings(int pf, struct statedump_settings *s)
{
	struct pfioc_limit states;
	struct pfioc_tm tm;

	memset(&tm, 0, sizeof(tm));
	memset(&states, 0, sizeof(states));
	for (s->timeouts = 0; s->timeouts < STATEDUMP_TIMEOUTS; s->timeouts++) {
		tm.timeout = (int)s->timeouts;
		if (ioctl(pf, DIOCGETTIMEOUT, &tm) == -1 || tm.seconds < 0)
			break;
		s->timeout[s->timeouts] = (uint32_t)tm.seconds;
	}
	states.index = PF_LIMIT_STATES;
	s->limit = ioctl(pf, DIOCGETLIMIT, &states) == -1 ? 0 : states.limit;
}
