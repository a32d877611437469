/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger.h"
#include "os/memory.h"
#include "source/pfsync.h"

/* Key of rows whose collector was removed; no collector has this key. */
#define RETIRED "retired"

int
ledger_create(void)
{
	int fd, error;

	if ((fd = memory_open()) == -1)
		return -1;
	if (memory_grow(fd, 0, sizeof(struct ledger)) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

struct ledger *
ledger_map(int fd)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) == -1)
		return NULL;
	if (st.st_size < (off_t)sizeof(struct ledger)) {
		errno = EINVAL;
		return NULL;
	}
	p = mmap(NULL, sizeof(struct ledger), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

struct ledger *
ledger_new(void)
{
	return calloc(1, sizeof(struct ledger));
}

/*
 * Larger than any counter in a program's life, and small enough that sums of
 * several counters do not wrap.  Octets of states may be more, and wrap.
 */
#define COUNT_MAX (UINT64_C(1) << 56)

/* True if each counter in memory is at most COUNT_MAX. */
static int
counts_are_sound(const void *counters, size_t size)
{
	const unsigned char *p = counters;
	uint64_t count;

	for (; size >= sizeof(count); p += sizeof(count)) {
		memcpy(&count, p, sizeof(count));
		if (count > COUNT_MAX)
			return 0;
		size -= sizeof(count);
	}
	return 1;
}

static uint64_t
states_decided(const struct counters *c)
{
	return c->exported + c->ignored + c->own + c->other_creator +
	    c->no_packets + c->inexpressible;
}

static int
ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

/*
 * True if the key is unique, and sent, dropped, failed and crashed do not
 * exceed built.
 */
static int
collector_is_sound(const struct ledger *l, const struct ledger_collector *row)
{
	const struct collector_counters *c = &row->counters;
	const struct ledger_collector *other;

	if (!ends(row->key, sizeof(row->key)) ||
	    row->health.since > COUNT_MAX ||
	    row->health.error_time > COUNT_MAX || row->lost > COUNT_MAX ||
	    !counts_are_sound(c,
		offsetof(struct collector_counters, octets_built)) ||
	    c->sent + c->dropped + c->crashed + counters_failed(c) > c->built)
		return 0;
	if (row->key[0] == '\0' || strcmp(row->key, RETIRED) == 0)
		return 1;
	for (other = l->collectors; other < row; other++)
		if (strcmp(other->key, row->key) == 0)
			return 0;
	return 1;
}

static int
interface_is_sound(const struct ledger_interface *i)
{
	const uint64_t counts[] = { i->states, i->records };

	return ends(i->name, sizeof(i->name)) &&
	    counts_are_sound(counts, sizeof(counts));
}

static int
is_sound(const struct ledger *l)
{
	const struct counters *c = &l->counters;
	const uint64_t others[] = { l->started, l->engines, l->replaced,
		l->died, l->reloaded, l->error_time, l->drop_time,
		l->capture_frames, l->capture_received, l->capture_dropped };
	unsigned int i;

	if (!counts_are_sound(others, sizeof(others)) ||
	    !ends(l->error, sizeof(l->error)) ||
	    l->pfsync_version > PFSYNC_LATEST ||
	    !counts_are_sound(l->rule_hits, sizeof(l->rule_hits)) ||
	    !counts_are_sound(c, offsetof(struct counters, octets_reported)) ||
	    c->cut + c->twins + states_decided(c) > c->announced)
		return 0;
	for (i = 0; i < LEDGER_INTERFACES; i++)
		if (!interface_is_sound(&l->interfaces[i]))
			return 0;
	for (i = 0; i < LEDGER_COLLECTORS; i++)
		if (!collector_is_sound(l, &l->collectors[i]))
			return 0;
	return 1;
}

int
ledger_check(struct ledger *l)
{
	if (is_sound(l))
		return 0;
	memset(l, 0, sizeof(*l));
	return -1;
}

/* Count the unfinished states of the frame being read as crashed. */
static void
recover_states(struct counters *c)
{
	c->states = states_decided(c);
	c->crashed = c->announced - c->cut - c->twins - c->states;
}

/*
 * Octets that were shown and not reported are those of tracked states.  Without
 * any, the engine died between counting the ones and the others.
 */
static void
recover_octets(struct counters *c)
{
	counters_crash_octets(c);
	if (c->tracked == 0)
		c->octets_shown = counters_octets_known(c);
}

/* Leave out a frame that was counted without a verdict. */
static void
recover_frames(struct counters *c)
{
	int i;

	c->frames = 0;
	for (i = 0; i < PFSYNC_VERDICTS; i++)
		c->frames += c->verdict[i];
}

static void
recover_collector(struct ledger_collector *row)
{
	struct collector_counters *c = &row->counters;
	uint64_t crashed = c->built - c->sent - c->dropped - counters_failed(c);

	c->offered = c->given + c->ignored + c->inexpressible_inet6 +
	    c->inexpressible_wide;
	row->lost += crashed - c->crashed;
	c->crashed = crashed;
	c->octets_crashed = c->octets_built - c->octets_sent -
	    c->octets_dropped - c->octets_failed;
}

void
ledger_begin(struct ledger *l, uint64_t now)
{
	unsigned int i;

	if (l->started == 0)
		l->started = now;
	if (l->engines++ > 0) {
		if (l->ended) {
			l->replaced++;
			l->pfsync_version = 0; /* of another interface now */
		} else {
			l->died++;
		}
	}
	l->ended = 0;
	recover_frames(&l->counters);
	recover_states(&l->counters);
	recover_octets(&l->counters);
	for (i = 0; i < LEDGER_COLLECTORS; i++)
		recover_collector(&l->collectors[i]);
}

void
ledger_end(struct ledger *l)
{
	l->ended = 1;
}

struct ledger_collector *
ledger_collector(struct ledger *l, const char *key)
{
	struct ledger_collector *c, *unused = NULL;

	for (c = l->collectors; c < l->collectors + LEDGER_COLLECTORS; c++) {
		if (strcmp(c->key, key) == 0)
			return c;
		if (c->key[0] == '\0' && unused == NULL)
			unused = c;
	}
	assert(unused != NULL);
	memset(unused, 0, sizeof(*unused));
	strlcpy(unused->key, key, sizeof(unused->key));
	return unused;
}

static struct ledger_collector *
row(struct ledger *l, const struct collector_counters *counters)
{
	struct ledger_collector *c = l->collectors;

	while (&c->counters != counters)
		c++;
	return c;
}

void
ledger_rename(struct ledger *l, const struct collector_counters *counters,
    const char *key)
{
	strlcpy(row(l, counters)->key, key, LEDGER_KEY);
}

void
ledger_retire(struct ledger *l, const struct collector_counters *counters)
{
	ledger_rename(l, counters, RETIRED);
}

void
ledger_release(struct ledger *l, const struct collector_counters *counters)
{
	struct ledger_collector *c = row(l, counters);

	memset(c, 0, sizeof(*c));
}

void
ledger_sweep(struct ledger *l, int (*wanted)(const void *, const char *),
    const void *arg)
{
	struct ledger_collector *c;

	for (c = l->collectors; c < l->collectors + LEDGER_COLLECTORS; c++) {
		if (c->key[0] != '\0' && !wanted(arg, c->key)) {
			l->counters.gone += c->lost;
			memset(c, 0, sizeof(*c));
		}
		c->lost = 0;
	}
}

struct ledger_interface *
ledger_interface(struct ledger *l, const char *name)
{
	struct ledger_interface *t = l->interfaces;
	unsigned int i;

	for (i = 0; i < LEDGER_INTERFACES - 1 && t[i].name[0] != '\0'; i++)
		if (memcmp(t[i].name, name, FLOW_IFNAME) == 0)
			break;
	if (i == LEDGER_INTERFACES - 1)
		strlcpy(t[i].name, "others", sizeof(t[i].name));
	else
		memcpy(t[i].name, name, FLOW_IFNAME);
	return &t[i];
}

void
ledger_error(struct ledger *l, const char *text, uint64_t now)
{
	strlcpy(l->error, text, sizeof(l->error));
	l->error_time = now;
}

void
ledger_settle(struct ledger *l, const char *begin)
{
	size_t len = strlen(begin);

	if (len >= sizeof(l->error))
		len = sizeof(l->error) - 1;
	if (strncmp(l->error, begin, len) != 0)
		return;
	l->error[0] = '\0';
	l->error_time = 0;
}
