/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "protocol.h"

const struct protocol *const protocols[] = {
	&netflow5,
	&netflow9,
	&ipfix,
	NULL,
};

const struct protocol *
protocol_find(const char *name)
{
	const struct protocol *const *e;

	for (e = protocols; *e != NULL; e++)
		if (strcmp((*e)->name, name) == 0)
			return *e;
	return NULL;
}
