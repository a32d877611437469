/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "protocol_id.h"

#define FACTS(ID, name, domain, biflow) { #name, domain, biflow },
const struct protocol_facts protocol_facts[PROTOCOLS] = {
	PROTOCOL_LIST(FACTS)
};

#define COMMA_NAME(ID, name, domain, biflow) ", " #name
static const char comma_names[] = PROTOCOL_LIST(COMMA_NAME);

const char *
protocol_names(void)
{
	return comma_names + strlen(", ");
}

enum protocol_id
protocol_id(const char *name)
{
	unsigned int id;

	for (id = 0; id < PROTOCOLS; id++)
		if (strcmp(protocol_facts[id].name, name) == 0)
			break;
	return (enum protocol_id)id;
}
