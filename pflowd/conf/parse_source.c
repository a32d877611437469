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

int
parse_join(struct lex *lex, const char *text)
{
	if (strcmp(text, "yes") == 0)
		return 1;
	if (strcmp(text, "no") != 0)
		lex_error(lex, "join \"%s\": must be yes or no", text);
	return 0;
}

/* An interface is of source pfsync. */
static void
check_interface(struct lex *lex, struct conf *conf,
    const struct lex_place *place)
{
	if (conf->source_given && conf->source == CONF_TABLE) {
		lex_error_at(lex, place,
		    "interface \"%s\": source table reads no interface: remove "
		    "one of them",
		    conf->interface);
		return;
	}
	conf->source = CONF_PFSYNC;
	conf->source_given = 1;
}

void
parse_source_check(struct lex *lex, struct conf *conf,
    const struct parse_given *given)
{
	const struct lex_place *interface = parse_place(given, "interface");
	const struct lex_place *interim = parse_place(given, "interim");

	if (interface != NULL)
		check_interface(lex, conf, interface);
	if (interim != NULL && conf->interim > 0 && conf->source_given &&
	    conf->source == CONF_PFSYNC)
		lex_error_at(lex, interim, "interim %u: needs source table",
		    conf->interim);
}
