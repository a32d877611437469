/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "common/flowline.h"
#include "common/log.h"
#include "config.h"
#include "escape.h"

#define RECENT_MS (5 * 60 * 1000) /* how long an event matters */
#define PROBLEMS 16		  /* most that are listed */

enum verdict {
	CHECK_OK,
	CHECK_WARNING,
	CHECK_CRITICAL
};

struct problem {
	enum verdict verdict;
	char text[CTL_NAME + CTL_CONDITION];
};

struct check {
	enum verdict verdict; /* the worst */
	unsigned int n;
	struct problem problems[PROBLEMS];
};

static void add(struct check *, enum verdict, const char *, ...)
    LOG_FORMAT(3, 4);

static void
add(struct check *c, enum verdict verdict, const char *fmt, ...)
{
	struct problem *p = &c->problems[c->n];
	va_list ap;

	if (verdict > c->verdict)
		c->verdict = verdict;
	if (c->n == PROBLEMS)
		return;
	p->verdict = verdict;
	va_start(ap, fmt);
	vsnprintf(p->text, sizeof(p->text), fmt, ap);
	va_end(ap);
	escape_in_place(p->text, sizeof(p->text));
	c->n++;
}

/* Print the problems of a verdict, and return how many came before the next. */
static unsigned int
print_problems(const struct check *c, enum verdict verdict, int json,
    unsigned int before)
{
	unsigned int i;

	for (i = 0; i < c->n; i++) {
		const struct problem *p = &c->problems[i];

		if (p->verdict != verdict)
			continue;
		if (before++ > 0)
			fputs(json ? ", " : "; ", stdout);
		if (json)
			escape_json(stdout, p->text, sizeof(p->text));
		else
			fputs(p->text, stdout);
	}
	return before;
}

/* Print one line, the worst problems first.  Returns the exit status. */
static int
print_check(const struct check *c, int json)
{
	static const char *const text[] = { "OK: ", "WARNING: ", "CRITICAL: " };
	static const char *const key[] = { "ok", "warning", "critical" };
	unsigned int n;

	if (json)
		printf("{\"check\": \"%s\", \"problems\": [", key[c->verdict]);
	else
		fputs(text[c->verdict], stdout);
	n = print_problems(c, CHECK_CRITICAL, json, 0);
	n = print_problems(c, CHECK_WARNING, json, n);
	if (!json)
		print_problems(c, CHECK_OK, json, n);
	puts(json ? "]}" : "");
	return (int)c->verdict;
}

static void
on_error(void *arg, int priority, const char *line)
{
	const int *json = arg;
	struct check c = { .n = 0 };

	(void)priority;
	add(&c, CHECK_CRITICAL, "%s", line);
	print_check(&c, *json);
	exit(CHECK_CRITICAL);
}

void
check_errors(int json)
{
	static int how;

	how = json;
	log_to(on_error, &how);
}

static int
is_recent(const struct ctl_status *s, uint64_t time)
{
	return time != 0 && s->now < time + RECENT_MS;
}

static void
check_collectors(struct check *c, const struct rows *rows)
{
	struct ctl_collector k;
	size_t i;

	for (i = 0; i < rows->n; i++) {
		memcpy(&k, rows_at(rows, i), sizeof(k));
		if (k.state == CTL_DOWN)
			add(c, CHECK_CRITICAL, "collector %.*s is down: %.*s",
			    CTL_NAME, k.name, (int)sizeof(k.error),
			    k.error[0] != '\0' ? k.error : CTL_NO_SOCKET);
	}
}

static void
check_status(struct check *c, const struct ctl_status *s)
{
	char time[FLOWLINE_TIME];

	if (s->absent[0] != '\0')
		add(c, CHECK_CRITICAL, "%.*s", (int)sizeof(s->absent),
		    s->absent);
	if (s->condition[0] != '\0')
		add(c, s->mild ? CHECK_WARNING : CHECK_CRITICAL, "%.*s",
		    (int)sizeof(s->condition), s->condition);
	if (is_recent(s, s->drop_time))
		add(c, CHECK_CRITICAL,
		    "frames or records were dropped at %s, see " PFLOWCTL
		    " show counters",
		    flowline_time(s->drop_time, time));
	if (c->verdict == CHECK_OK && is_recent(s, s->error_time))
		add(c, CHECK_WARNING, "%.*s", (int)sizeof(s->error), s->error);
}

/* What pflowd does when all is well. */
static const char *
doing(const struct ctl_status *s)
{
	if (s->replay)
		return "replaying";
	return s->source == CTL_SOURCE_TABLE ? "reading pf's state table" :
					       "listening on ";
}

int
check_answer(const struct answer *a, int json)
{
	const struct rows *collectors = answer_rows(a, &row_collectors);
	struct check c = { .n = 0 };
	struct ctl_status s;

	memcpy(&s, rows_at(answer_rows(a, &row_status), 0), sizeof(s));
	check_collectors(&c, collectors);
	check_status(&c, &s);
	if (c.verdict == CHECK_OK)
		add(&c, CHECK_OK, "%s%.*s, %zu collector%s, none down",
		    doing(&s), (int)sizeof(s.interface), s.interface,
		    collectors->n, collectors->n == 1 ? "" : "s");
	return print_check(&c, json);
}
