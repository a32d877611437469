/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pf(4).  The indices are PFTM_ in net/pfvar.h.
 */

#include <string.h>
#include <unistd.h>

#include "pfdevice.h"
#include "pftimeout.h"

int
pftimeout_ask(uint32_t *seconds, int n)
{
	struct statedump_settings settings;
	char why[256];
	int pf, later;

	if ((pf = pfdevice_open(&later, why, sizeof(why))) == -1)
		return -1;
	memset(&settings, 0, sizeof(settings));
	pfdevice_settings(pf, &settings);
	close(pf);
	if (settings.timeouts < (unsigned int)n)
		return -1;
	memcpy(seconds, settings.timeout, (size_t)n * sizeof(*seconds));
	return 0;
}
