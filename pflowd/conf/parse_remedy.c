/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Remedies for syntax errors.
 */

#include <string.h>

#include "parse_local.h"

struct remedy {
	const char *word;
	const char *text;
};

#define RULE_FORM                                                         \
	" [quick] [in|out] [all|on interface] [inet|inet6] [proto name] " \
	"[from host [port n]] [to host [port n]] [rule n]"

/* By the word that a statement or setting begins with. */
static const struct remedy forms[] = {
	{ "account", "account self" },
	{ "addresses", "addresses inside|outside|original" },
	{ "biflow", "biflow" },
	{ "collector", "collector host [port number] [{ settings }]" },
	{ "creator", "creator any|number" },
	{ "domain", "domain number" },
	{ "dscp", "dscp number" },
	{ "end", "end last-packet|deletion" },
	{ "engine", "engine id number" },
	{ "export", "export" RULE_FORM },
	{ "hold", "hold seconds" },
	{ "ifindex", "ifindex interface number" },
	{ "ignore", "ignore" RULE_FORM },
	{ "include", "include \"file\"" },
	{ "interface", "interface name [linktype pfsync]" },
	{ "interim", "interim seconds" },
	{ "interval", "interval auto|seconds" },
	{ "join", "join yes|no" },
	{ "lookup", "lookup seconds" },
	{ "mtu", "mtu bytes" },
	{ "protocol", "protocol name" },
	{ "quiet", "quiet minutes" },
	{ "rate", "rate datagrams" },
	{ "socket", "socket \"path\" [restricted] [group name]" },
	{ "source", "source pfsync|table" },
	{ "states", "states number" },
	{ "templates", "templates datagrams seconds" },
	{ "timeout", "timeout { name seconds ... }" },
};

#define COLLECTORS "write it in the block of a collector"
#define OF_PF "this is not pf.conf; a rule begins with export or ignore"
#define SET_OF_PF                                                        \
	"this is not pf.conf; a setting has no \"set\", as in: timeout " \
	"interval 10"

/* By a word that begins no statement. */
static const struct remedy misplaced[] = {
	{ "anchor", OF_PF },
	{ "antispoof", OF_PF },
	{ "binat", OF_PF },
	{ "biflow", COLLECTORS },
	{ "block", OF_PF },
	{ "domain", COLLECTORS },
	{ "dscp", COLLECTORS },
	{ "engine", COLLECTORS },
	{ "load", OF_PF },
	{ "match", OF_PF },
	{ "mtu", COLLECTORS },
	{ "nat", OF_PF },
	{ "no", OF_PF },
	{ "pass", OF_PF },
	{ "port",
	    "write it on the line of the collector, as in: collector host port 2055" },
	{ "protocol", COLLECTORS },
	{ "rate", COLLECTORS },
	{ "rdr", OF_PF },
	{ "scrub", OF_PF },
	{ "set", SET_OF_PF },
	{ "table", OF_PF },
	{ "templates", COLLECTORS },
	{ "{",
	    "write it on the line of its collector, as in: collector host {" },
};

static const char *
find(const struct remedy *remedies, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(remedies[i].word, word) == 0)
			return remedies[i].text;
	return NULL;
}

const char *
parse_form(const char *word)
{
	return find(forms, sizeof(forms) / sizeof(forms[0]), word);
}

const char *
parse_misplaced(const char *word)
{
	return find(misplaced, sizeof(misplaced) / sizeof(misplaced[0]), word);
}

const struct lex_place *
parse_place(const struct parse_given *given, const char *word)
{
	unsigned int i;

	for (i = 0; i < given->n; i++)
		if (strcmp(given->words[i].word, word) == 0)
			return &given->words[i].place;
	return NULL;
}

void
parse_once(struct lex *lex, struct parse_given *given, const char *word)
{
	const struct lex_place *first = parse_place(given, word);

	if (first != NULL) {
		lex_error(lex, "%s: given twice, first at %s:%u", word,
		    first->path, first->line);
		return;
	}
	if (given->n == PARSE_GIVEN)
		return;
	given->words[given->n].word = word;
	given->words[given->n++].place = lex_place(lex);
}
