/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger.h"

int
ledger_create(void)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "/pflowd.%ld", (long)getpid());
	shm_unlink(name);
	if ((fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600)) == -1)
		return -1;
	shm_unlink(name);
	if (ftruncate(fd, sizeof(struct ledger)) == -1) {
		close(fd);
		return -1;
	}
	return fd;
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

/* The states of a frame that was being read, the present one included. */
static void
recover_states(struct counters *c)
{
	c->states = c->exported + c->ignored + c->own + c->other_creator +
	    c->no_packets + c->inexpressible;
	c->crashed = c->announced - c->cut - c->states;
}

/* A frame that was counted, and not for anything. */
static void
recover_frames(struct counters *c)
{
	int i;

	c->frames = 0;
	for (i = 0; i < PFSYNC_VERDICTS; i++)
		c->frames += c->verdict[i];
}

static void
recover_collector(struct collector_counters *c)
{
	c->offered = c->given + c->ignored + c->inexpressible_inet6 +
	    c->inexpressible_wide;
	c->crashed = c->built - c->sent - c->dropped - counters_failed(c);
}

void
ledger_begin(struct ledger *l, uint64_t now)
{
	unsigned int i;

	if (l->started == 0)
		l->started = now;
	l->engines++;
	recover_frames(&l->counters);
	recover_states(&l->counters);
	for (i = 0; i < LEDGER_COLLECTORS; i++)
		recover_collector(&l->collectors[i].counters);
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

/* A key that no collector has. */
void
ledger_retire(struct ledger *l, const struct collector_counters *counters)
{
	ledger_rename(l, counters, "retired");
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

	for (c = l->collectors; c < l->collectors + LEDGER_COLLECTORS; c++)
		if (c->key[0] != '\0' && !wanted(arg, c->key))
			memset(c, 0, sizeof(*c));
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
