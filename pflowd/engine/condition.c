/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "common/counters.h"
#include "common/log.h"
#include "condition.h"
#include "meter.h"

/* A dump is slow from this part of the time between dumps on, in percent ... */
#define SLOW 20
#define FAST 15 /* ... until it is below that one */

#define VOID_DUMPS 2	   /* in a row that are a problem */
#define REPLACED_DUMPERS 3 /* the same */

enum condition {
	CONDITION_DISABLED,
	CONDITION_FAILED,
	CONDITION_VOID,
	CONDITION_REPLACED,
	CONDITION_NO_ROOM,
	CONDITION_SLOW,
	CONDITION_LOAD,
	CONDITIONS
};

#define FIRST_MILD CONDITION_NO_ROOM

/* The log line for the end of each condition. */
static const char *const over[CONDITIONS] = {
	[CONDITION_DISABLED] = "pf is enabled again",
	[CONDITION_FAILED] = "dumps of pf's state table succeed again",
	[CONDITION_VOID] = "dumps of pf's state table are whole again",
	[CONDITION_REPLACED] = "the dumper answers again",
	[CONDITION_NO_ROOM] = "all states of pf are tracked again",
	[CONDITION_SLOW] = "dumps of pf's state table are fast again",
	[CONDITION_LOAD] = "the time between dumps is short enough again",
};

static unsigned int
bit(enum condition c)
{
	return 1U << c;
}

/* Of the time between dumps, in percent. */
static uint64_t
dump_share(const struct meter *m)
{
	return m->interval == 0 ? 0 : m->source.dump.ms * 100 / m->interval;
}

static int
is_slow(const struct conditions *c, const struct meter *m)
{
	return dump_share(m) >= (c->now & bit(CONDITION_SLOW) ? FAST : SLOW);
}

/* True if the load makes the time between dumps longer than timeouts allow. */
static int
is_loaded(const struct meter *m)
{
	return m->conf->interval == 0 &&
	    m->interval > source_table_interval(&m->source) * UINT64_C(1000);
}

static unsigned int
replaced(struct conditions *c, const struct meter *m)
{
	if (m->counters->dumps != c->dumps)
		c->replaced = m->dumpers_replaced;
	c->dumps = m->counters->dumps;
	return m->dumpers_replaced - c->replaced;
}

static unsigned int
find(struct conditions *c, const struct meter *m)
{
	const struct source *s = &m->source;
	unsigned int now = 0;

	if (replaced(c, m) >= REPLACED_DUMPERS)
		now |= bit(CONDITION_REPLACED);
	if (s->void_dumps >= VOID_DUMPS)
		now |= bit(s->error != 0 ? CONDITION_FAILED : CONDITION_VOID);
	if (s->dump.layout == 0)
		return now;
	if (s->dump.enabled == 0)
		now |= bit(CONDITION_DISABLED);
	if (m->counters->without_room > 0)
		now |= bit(CONDITION_NO_ROOM);
	if (is_slow(c, m))
		now |= bit(CONDITION_SLOW);
	if (is_loaded(m))
		now |= bit(CONDITION_LOAD);
	return now;
}

static void
load_text(const struct meter *m, char *text, size_t size)
{
	snprintf(text, size,
	    "a dump needs %" PRIu64 " ms of a processor, so there is one each "
	    "%" PRIu64 " s instead of %" PRIu32
	    " s, and short states may not be seen: lower the number of states, "
	    "or set \"interval\" in pflowd.conf",
	    m->source.dump.cpu_us / 1000, m->interval / 1000,
	    source_table_interval(&m->source));
}

static void
condition_text(enum condition which, const struct conditions *c,
    const struct meter *m, char *text, size_t size)
{
	const struct source *s = &m->source;

	switch (which) {
	case CONDITION_DISABLED:
		strlcpy(text, "pf is disabled: pfctl -e", size);
		break;
	case CONDITION_FAILED:
		snprintf(text, size,
		    "the last %u dumps of pf's state table failed (%s): see "
		    "DIAGNOSTICS in pflowd(8)",
		    s->void_dumps, strerror((int)s->error));
		break;
	case CONDITION_VOID:
		snprintf(text, size,
		    "the last %u dumps of pf's state table were not whole: see "
		    "DIAGNOSTICS in pflowd(8)",
		    s->void_dumps);
		break;
	case CONDITION_REPLACED:
		snprintf(text, size,
		    "dumper replaced %u times, as it does not answer: see "
		    "DIAGNOSTICS in pflowd(8)",
		    m->dumpers_replaced - c->replaced);
		break;
	case CONDITION_NO_ROOM:
		snprintf(text, size,
		    "%" PRIu64
		    " states without room: raise \"states\" in pflowd.conf",
		    m->counters->without_room);
		break;
	case CONDITION_SLOW:
		snprintf(text, size,
		    "a dump takes %" PRIu64
		    " %% of the time between dumps: raise \"interval\" in "
		    "pflowd.conf",
		    dump_share(m));
		break;
	case CONDITION_LOAD:
		load_text(m, text, size);
		break;
	case CONDITIONS:
		break;
	}
}

static void
append(struct meter *m, const char *text)
{
	size_t len = strlen(m->condition);

	snprintf(m->condition + len, sizeof(m->condition) - len, "%s%s",
	    len > 0 ? "; " : "", text);
}

void
conditions_look(struct conditions *c, struct meter *m)
{
	unsigned int now = find(c, m), before = c->now, i;
	char text[CTL_CONDITION];

	m->mild = m->condition[0] == '\0';
	for (i = 0; i < CONDITIONS; i++) {
		if (!(now & bit(i))) {
			if (before & bit(i))
				log_info("%s", over[i]);
			continue;
		}
		condition_text(i, c, m, text, sizeof(text));
		if (!(before & bit(i)))
			log_line(LOG_WARNING, text);
		append(m, text);
		m->mild &= i >= FIRST_MILD;
	}
	c->now = now;
}
