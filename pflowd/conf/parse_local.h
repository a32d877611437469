/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Parts of the parser that are not grammar: parse_value.c (numbers and texts),
 * parse_source.c (the source of states), parse_rule.c (lists, and the rules
 * made from them) and parse_remedy.c (what is right instead of an error).  They
 * report errors to the lexer.
 */

#ifndef PARSE_LOCAL_H
#define PARSE_LOCAL_H

#include <stddef.h>
#include <stdint.h>

#include "flow/flow.h"
#include "flow/rule.h"
#include "lex.h"

struct conf;

/* One element of a list, or a single value. */
struct item {
	struct item *next;
	struct item *last; /* of the first item: end of the list */
	const char *name;  /* of an interface or a protocol */
	int negate;	   /* of an interface */
	uint32_t number;   /* of a protocol or a pf rule */
	struct rule_host host;
	struct rule_port port;
};

/* Lists that a rule may have. */
enum {
	PARSE_IFNAMES,
	PARSE_PROTOS,
	PARSE_FROMS,
	PARSE_FROM_PORTS,
	PARSE_TOS,
	PARSE_TO_PORTS,
	PARSE_NUMBERS,
	PARSE_LISTS
};

/*
 * These take the word of the setting for an error, as `what`.
 *
 * Parse a number from least to most.  Returns least after an error.
 */
uint32_t parse_number(struct lex *, const char *text, uint32_t least,
    uint32_t most, const char *what);

/* Copy a text, which must not be empty, and must fit. */
void parse_text(struct lex *, char *to, size_t size, const char *text,
    const char *what);

/* Copy the name of an interface, or part of one, if it is valid. */
void parse_ifname(struct lex *, char to[FLOW_IFNAME], const char *name,
    const char *what);

/*
 * Make an item.  After an error, or if out of memory, the item has no use, but
 * is never NULL.
 */
struct item *item_ifname(struct lex *, const char *name, int negate);
struct item *item_proto(struct lex *, const char *name);
struct item *item_host(struct lex *, const char *text);
struct item *item_any(struct lex *, int host);
struct item *item_port(struct lex *, int op, const char *low, const char *high);
struct item *item_number(struct lex *, const char *text);

/* Append a list to another; returns the whole. */
struct item *item_append(struct item *list, struct item *more);

/*
 * Add a rule for each combination of the members of its lists.  list NULL:
 * check the rule only.  *rules: number of rules of the configuration so far.
 */
void parse_rules(struct lex *, struct rule_list *list, const struct rule *,
    struct item *const lists[PARSE_LISTS], unsigned int *rules);

/* The form of a statement or setting by its first word; NULL: unknown. */
const char *parse_form(const char *word);

/* Where a word belongs that begins no statement; NULL: unknown. */
const char *parse_misplaced(const char *word);

/* Settings that were given; zero it first.  The words must be constant. */
#define PARSE_GIVEN 32
struct parse_given {
	unsigned int n;
	struct {
		const char *word;
		struct lex_place place;
	} words[PARSE_GIVEN];
};

/* Report a setting with one value that is given again. */
void parse_once(struct lex *, struct parse_given *, const char *word);

/* The place of a setting that was given; NULL: it was not. */
const struct lex_place *parse_place(const struct parse_given *,
    const char *word);

/* Set the source by its name. */
void parse_source(struct lex *, struct conf *, const char *name);

/* Returns seconds, 0: auto; also after an error. */
unsigned int parse_interval(struct lex *, const char *text);

/* Returns 1 for yes, 0 for no; also after an error. */
int parse_join(struct lex *, const char *text);

/*
 * Call after the last statement: an interface is of source pfsync.  Report the
 * settings that the source cannot have.
 */
void parse_source_check(struct lex *, struct conf *,
    const struct parse_given *);

#endif
