/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "exporter.h"

const struct exporter *const exporters[] = {
	&netflow5,
	&netflow9,
	&ipfix,
	NULL,
};

const struct exporter *
exporter_find(const char *name)
{
	const struct exporter *const *e;

	for (e = exporters; *e != NULL; e++)
		if (strcmp((*e)->name, name) == 0)
			return *e;
	return NULL;
}
