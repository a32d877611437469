/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pf(4), DIOCGETTIMEOUT.  The indices are PFTM_ in net/pfvar.h.
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>
#include <net/pfvar.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "pftimeout.h"

static int
ask_one(int pf, int index, uint32_t *seconds)
{
	struct pfioc_tm tm;

	memset(&tm, 0, sizeof(tm));
	tm.timeout = index;
	if (ioctl(pf, DIOCGETTIMEOUT, &tm) == -1 || tm.seconds < 0)
		return -1;
	*seconds = (uint32_t)tm.seconds;
	return 0;
}

int
pftimeout_ask(uint32_t *seconds, int n)
{
	int pf, i, result = 0;

	if ((pf = open("/dev/pf", O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	for (i = 0; i < n && result == 0; i++)
		result = ask_one(pf, i, &seconds[i]);
	close(pf);
	return result;
}
