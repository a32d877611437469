/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Numbers and texts of a configuration.
 */

#include <stdlib.h>
#include <string.h>

#include "parse_local.h"

uint32_t
parse_number(struct lex *lex, const char *text, uint32_t least, uint32_t most,
    const char *what)
{
	const char *error;
	long long value;

	value = strtonum(text, least, most, &error);
	if (error == NULL)
		return (uint32_t)value;
	lex_error(lex, "%s \"%s\": must be a number from %u to %u", what, text,
	    least, most);
	return least;
}

void
parse_text(struct lex *lex, char *to, size_t size, const char *text,
    const char *what)
{
	if (*text == '\0')
		lex_error(lex, "%s \"\": empty", what);
	else if (strlcpy(to, text, size) >= size)
		lex_error(lex, "%s \"%s\": longer than %zu bytes", what, text,
		    size - 1);
}

void
parse_ifname(struct lex *lex, char to[FLOW_IFNAME], const char *name,
    const char *what)
{
	if (strpbrk(name, " \t\"\\") != NULL)
		lex_error(lex, "%s \"%s\": not an interface name", what, name);
	else
		parse_text(lex, to, FLOW_IFNAME, name, what);
}
