/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Bytes of a configuration that begin no word: most are from another program's
 * syntax, or from a word processor.
 */

#include <ctype.h>
#include <string.h>

#include "lex_local.h"

#define QUOTE "use the plain quote \" around a string"
#define DASH "use the plain minus sign -"
#define SPACE "use plain spaces"

/* Characters beyond ASCII are UTF-8. */
static const struct strange {
	const char *bytes;
	const char *name;
	const char *remedy;
} stranges[] = {
	{ "\xef\xbb\xbf", "byte order mark", "save the file without it" },
	{ "\xff\xfe", "byte order mark of UTF-16", "save the file as UTF-8" },
	{ "\xfe\xff", "byte order mark of UTF-16", "save the file as UTF-8" },
	{ "\xc2\xa0", "no-break space", SPACE },
	{ "\xe2\x80\xaf", "no-break space", SPACE },
	{ "\xe2\x80\x8b", "invisible space", "remove it" },
	{ "\xe2\x80\x98", "typographic quote", QUOTE },
	{ "\xe2\x80\x99", "typographic quote", QUOTE },
	{ "\xe2\x80\x9c", "typographic quote", QUOTE },
	{ "\xe2\x80\x9d", "typographic quote", QUOTE },
	{ "\xe2\x80\x9e", "typographic quote", QUOTE },
	{ "\xc2\xab", "typographic quote", QUOTE },
	{ "\xc2\xbb", "typographic quote", QUOTE },
	{ "\xe2\x80\x93", "dash", DASH },
	{ "\xe2\x80\x94", "dash", DASH },
	{ "\xe2\x88\x92", "dash", DASH },
	{ "'", "single quote", QUOTE },
	{ ";", "character ';'", "a statement ends with its line" },
	{ "(", "character '('", "write an interface or address without it" },
	{ ")", "character ')'", "write an interface or address without it" },
	{ "[", "character '['",
	    "write an IPv6 address without it, as in: "
	    "collector 2001:db8::1 port 2055" },
	{ "]", "character ']'", "write an IPv6 address without it" },
	{ "\\", "character '\\'", "only the end of a line may follow it" },
};

/* Length of the bytes, if they are next; else 0. */
static size_t
matches(const struct lex_source *s, const char *bytes)
{
	size_t len = strlen(bytes);

	return s->len - s->at >= len &&
		memcmp(s->text + s->at, bytes, len) == 0 ?
	    len :
	    0;
}

static void
consume(struct lex *l, size_t n)
{
	while (n-- > 0)
		lex_get(l);
}

void
lex_strange(struct lex *l)
{
	const struct lex_source *s = &l->stack[l->depth - 1];
	size_t i, len;
	int c;

	for (i = 0; i < sizeof(stranges) / sizeof(stranges[0]); i++)
		if ((len = matches(s, stranges[i].bytes)) > 0) {
			consume(l, len);
			lex_error(l, "unexpected %s: %s", stranges[i].name,
			    stranges[i].remedy);
			return;
		}
	c = lex_get(l);
	if (isprint(c))
		lex_error(l, "unexpected character '%c'", c);
	else
		lex_error(l, "unexpected byte 0x%02x", (unsigned int)c);
}
