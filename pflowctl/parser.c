/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdio.h>
#include <string.h>

#include "parser.h"

#define SUMMARY                                                  \
	.view = VIEW_SUMMARY,                                    \
	.rows = { &row_status, &row_counters, &row_collectors }, \
	.help = "version, source, states and collectors"

/* Sorted by their words, as error messages list them. */
static const struct command commands[] = {
	{ { "check" }, VERB_CHECK, .rows = { &row_status, &row_collectors },
	    .help = "one line for monitoring systems" },
	{ { "help" }, VERB_HELP, .help = "print this text" },
	{ { "log" }, VERB_LEVEL, .rows = { &row_status },
	    .help = "print the log level" },
	{ { "log", "brief" }, VERB_LOG, .verbose = 0, .help = "log less" },
	{ { "log", "verbose" }, VERB_LOG, .verbose = 1, .help = "log more" },
	{ { "monitor" }, VERB_MONITOR,
	    .help = "print flows as they are exported" },
	{ { "reload" }, .view = VIEW_NONE, .rows = { &row_errors },
	    .help = "reload pflowd.conf" },
	{ { "show" }, SUMMARY },
	{ { "show", "collectors" }, .view = VIEW_COLLECTORS,
	    .rows = { &row_collectors }, .argument = "name",
	    .help = "each collector in detail" },
	{ { "show", "config" }, .view = VIEW_CONFIG, .rows = { &row_config },
	    .help = "the running configuration" },
	{ { "show", "counters" }, .view = VIEW_COUNTERS,
	    .rows = { &row_counters, &row_collectors },
	    .help = "all counters" },
	{ { "show", "interfaces" }, .view = VIEW_INTERFACES,
	    .rows = { &row_interfaces }, .help = "interfaces of states" },
	{ { "show", "metrics" }, .view = VIEW_ALL,
	    .rows = { &row_status, &row_counters, &row_collectors,
		&row_interfaces, &row_rules, &row_sources },
	    .output = "metrics", .help = "everything, for Prometheus" },
	{ { "show", "rules" }, .view = VIEW_RULES, .rows = { &row_rules },
	    .help = "rules, and the states that each decided" },
	{ { "show", "sources" }, .view = VIEW_SOURCES, .rows = { &row_sources },
	    .help = "where states come from" },
	{ { "show", "states" }, .view = VIEW_STATES, .rows = { &row_states },
	    .argument = "order filter", .arguments = 1,
	    .help = "living connections" },
	{ { "show", "summary" }, SUMMARY },
	{ { "stop" }, VERB_STOP, .whole = 1, .help = "end pflowd" },
	{ { "test" }, .view = VIEW_TESTS, .rows = { &row_tests },
	    .argument = "host[:port]",
	    .help = "send a record to each collector, or to one" },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* True if the first n words are those of this command. */
static int
follows(const struct command *c, const char *const *words, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (c->words[i] == NULL || strcmp(c->words[i], words[i]) != 0)
			return 0;
	return 1;
}

/* True if a word of this command may be abbreviated to prefix. */
static int
abbreviates(const struct command *c, const char *prefix, const char *word)
{
	if (c->whole && prefix[0] != '\0')
		return strcmp(word, prefix) == 0;
	return strncmp(word, prefix, strlen(prefix)) == 0;
}

/*
 * The next distinct nth word of the commands from *i on that starts with
 * prefix. NULL: no more.
 */
static const char *
next_word(const char *const *words, int n, const char *prefix, size_t *i)
{
	const char *word;

	for (; *i < COMMANDS; (*i)++) {
		if (n == PARSER_WORDS || !follows(&commands[*i], words, n))
			continue;
		word = commands[*i].words[n];
		if (word == NULL || !abbreviates(&commands[*i], prefix, word))
			continue;
		while (*i < COMMANDS && commands[*i].words[n] != NULL &&
		    strcmp(commands[*i].words[n], word) == 0)
			(*i)++;
		return word;
	}
	return NULL;
}

/* Append a text to error; what does not fit is cut off. */
static void
add(char error[PARSER_ERROR], const char *text)
{
	size_t len = strlen(error);

	snprintf(error + len, PARSER_ERROR - len, "%s", text);
}

/* Append to error the possible nth words that start with prefix. */
static void
add_words(char error[PARSER_ERROR], const char *const *words, int n,
    const char *prefix)
{
	const char *word, *comma = "";
	size_t i = 0;

	while ((word = next_word(words, n, prefix, &i)) != NULL) {
		add(error, comma);
		add(error, word);
		comma = ", ";
	}
}

/* Append the first n words to error, in quotes. */
static void
add_before(char error[PARSER_ERROR], const char *const *words, int n)
{
	int i;

	add(error, "\"");
	for (i = 0; i < n; i++) {
		add(error, i > 0 ? " " : "");
		add(error, words[i]);
	}
	add(error, "\"");
}

/* Write to error that the nth word is unknown or ambiguous. */
static void
word_error(char error[PARSER_ERROR], const char *const *words, int n,
    const char *typed, int known)
{
	size_t i = 0;

	snprintf(error, PARSER_ERROR, "%s word \"%.40s\"",
	    known ? "ambiguous" : "unknown", typed);
	if (n > 0) {
		add(error, " after ");
		add_before(error, words, n);
	}
	if (next_word(words, n, "", &i) == NULL) {
		add(error, ": it takes no more words");
		return;
	}
	add(error, ": expected ");
	add_words(error, words, n, known ? typed : "");
}

/* Complete the nth word.  A word given in full is never ambiguous. */
static const char *
complete(const char *const *words, int n, const char *typed,
    char error[PARSER_ERROR])
{
	const char *word, *found = NULL;
	size_t i = 0;
	int count = 0;

	if (*typed != '\0') {
		while ((word = next_word(words, n, typed, &i)) != NULL) {
			if (strcmp(word, typed) == 0)
				return word;
			found = word;
			count++;
		}
	}
	if (count == 1)
		return found;
	word_error(error, words, n, typed, count > 1);
	return NULL;
}

/* Find the command of exactly these words.  NULL: there is none. */
static const struct command *
find_command(const char *const *words, int n)
{
	size_t i;

	for (i = 0; n > 0 && i < COMMANDS; i++)
		if (follows(&commands[i], words, n) &&
		    (n == PARSER_WORDS || commands[i].words[n] == NULL))
			return &commands[i];
	return NULL;
}

/* True if what follows n words are the arguments of a command. */
static int
has_arguments(const struct command *c, int argc, int n)
{
	return c != NULL && c->argument != NULL &&
	    (c->arguments || n == argc - 1);
}

const struct command *
parser_parse(int argc, char *argv[], int *n, char error[PARSER_ERROR])
{
	const char *words[PARSER_WORDS];
	const struct command *command = NULL;
	const char *word;

	error[0] = '\0';
	for (*n = 0; *n < argc; ++*n) {
		if (has_arguments(command, argc, *n)) {
			if (command->arguments || argv[*n][0] != '\0')
				return command;
			add(error, "empty name after ");
			add_before(error, words, *n);
			add(error, ": name a collector, or none for all");
			return NULL;
		}
		if ((word = complete(words, *n, argv[*n], error)) == NULL)
			return NULL;
		words[*n] = word; /* *n is below PARSER_WORDS here */
		command = find_command(words, *n + 1);
	}
	if (command != NULL)
		return command;
	if (*n > 0) {
		add_before(error, words, *n);
		add(error, " needs another word: ");
	} else {
		add(error, "missing command: expected ");
	}
	add_words(error, words, *n, "");
	return NULL;
}

void
parser_help(FILE *f)
{
	const struct command *c;
	char words[64];

	for (c = commands; c < commands + COMMANDS; c++) {
		snprintf(words, sizeof(words), "%s%s%s%s%s%s", c->words[0],
		    c->words[1] != NULL ? " " : "",
		    c->words[1] != NULL ? c->words[1] : "",
		    c->argument != NULL ? " [" : "",
		    c->argument != NULL ? c->argument : "",
		    c->argument != NULL ? "]" : "");
		fprintf(f, "  %-24s%s\n", words, c->help);
	}
}
