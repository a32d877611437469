/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Macros of a configuration.
 */

#include <ctype.h>
#include <string.h>

#include "lex_local.h"

#define MACROS_MAX 4096
#define USES_MAX 65536 /* of macros */

struct macro {
	SLIST_ENTRY(macro) entry;
	const char *name;
	const char *value;
	int fixed;
};

/* NULL: not defined. */
static struct macro *
find_macro(const struct lex *l, const char *name)
{
	struct macro *m;

	SLIST_FOREACH(m, &l->macros, entry)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

int
lex_is_name(int c)
{
	return c != LEX_NOTHING && (isalnum((unsigned char)c) || c == '_');
}

int
lex_define(struct lex *l, const char *name, const char *value, int fixed)
{
	struct macro *m;
	const char *p;

	for (p = name; lex_is_name(*p); p++)
		continue;
	if (p == name || *p != '\0' || isdigit((unsigned char)name[0]))
		return -1;
	if ((m = find_macro(l, name)) == NULL) {
		if (l->nmacros++ == MACROS_MAX) {
			lex_error(l, "macro \"%s\": more than %d macros", name,
			    MACROS_MAX);
			return 0;
		}
		if ((m = lex_alloc(l, sizeof(*m))) == NULL)
			return -1;
		m->name = lex_copy(l, name, strlen(name));
		SLIST_INSERT_HEAD(&l->macros, m, entry);
	} else if (m->fixed && !fixed) {
		return 0;
	}
	m->value = lex_copy(l, value, strlen(value));
	m->fixed = fixed;
	return 0;
}

int
lex_read_macro(struct lex *l)
{
	char name[LEX_WORD_MAX + 1] = "$";
	const struct macro *m;
	struct lex_source *s;
	size_t n = 1;

	while (lex_is_name(lex_peek(l)) && n < LEX_WORD_MAX)
		name[n++] = (char)lex_get(l);
	if ((m = find_macro(l, name + 1)) == NULL) {
		lex_error(l, "macro \"%s\" is not defined", name);
		return -1;
	}
	if (++l->uses > USES_MAX) {
		lex_error(l, "macro \"%s\": macros used more than %d times",
		    name, USES_MAX);
		l->ended = 1;
		return -1;
	}
	if ((s = lex_push(l, name)) == NULL)
		return -1;
	s->text = m->value;
	s->len = strlen(m->value);
	return 0;
}
