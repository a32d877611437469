/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The source of states, and the settings that belong to one source alone.
 */

#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "conf.h"
#include "parse_local.h"

void
parse_source(struct lex *lex, struct conf *conf, const char *name)
{
	uint8_t addr[ADDRESS_BYTES];
	int table = strcmp(name, "table") == 0;

	if (table || strcmp(name, "pfsync") == 0) {
		conf->source = table ? CONF_TABLE : CONF_PFSYNC;
		conf->source_given = 1;
		return;
	}
	lex_error(lex, "source \"%s\": must be pfsync or table%s", name,
	    address_parse(name, addr) != 0 ?
		"; the address to send from belongs in the block of a "
		"collector" :
		"");
}

unsigned int
parse_interval(struct lex *lex, const char *text)
{
	const char *error;
	long long value;

	if (strcmp(text, "auto") == 0)
		return 0;
	value = strtonum(text, 1, 3600, &error);
	if (error == NULL)
		return (unsigned int)value;
	lex_error(lex,
	    "interval \"%s\": must be auto or a number from 1 to 3600", text);
	return 0;
}

void
parse_join(struct lex *lex, const char *text)
{
	if (strcmp(text, "yes") == 0)
		lex_error(lex, "join yes: not in this version: use no");
	else if (strcmp(text, "no") != 0)
		lex_error(lex, "join \"%s\": must be yes or no", text);
}

void
parse_source_check(struct lex *lex, struct conf *conf,
    const struct parse_given *given, unsigned int interim)
{
	const struct lex_place *interface = parse_place(given, "interface");
	const struct lex_place *place = parse_place(given, "interim");

	if (interface != NULL && conf->source_given &&
	    conf->source == CONF_TABLE) {
		lex_error_at(lex, interface,
		    "interface \"%s\": source table reads no interface: remove "
		    "one of them",
		    conf->interface);
		return;
	}
	if (interface != NULL) {
		conf->source = CONF_PFSYNC;
		conf->source_given = 1;
	}
	if (interim == 0 || place == NULL)
		return;
	if (conf->source_given && conf->source == CONF_PFSYNC)
		lex_error_at(lex, place, "interim %u: needs source table",
		    interim);
	else
		lex_error_at(lex, place,
		    "interim %u: not in this version: use 0", interim);
}
