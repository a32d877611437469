/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pfsim as a server of dumps in real time.  A request is a line of text: a word
 * and, of some, a number; SIM_ANSWER in pfsim.h is the answer to each.
 *
 *   settings    whether pf is enabled (2: unknown), the limit of states, the
 *               timeouts: 4 bytes each
 *   counters    inserts and removals: 8 bytes each
 *   states      a dump
 *
 * and for tests:
 *
 *   status      what the model has, as text
 *   quiet       no packets any more
 *   rate N      so many new connections a second
 *   enabled N   pf is (1) or is not (0)
 *   unknown N   1: pf tells no settings
 *   layout N    dumps have this layout
 *   version N   ... of FreeBSD's V2, this version
 *   fail N      dumps fail with this errno; 0: none does
 *   hang N      1: dumps stop in the middle
 *   slow N      so many bytes of a dump each 50 ms; 0: no limit
 */

#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/bytes.h"
#include "pfsim.h"

#define CLIENTS 8
#define TICK 50 /* ms */

struct client {
	int fd; /* -1: none */
	char request[64];
	size_t asked; /* bytes of it */
	uint8_t *answer;
	size_t size; /* of its memory */
	size_t len;
	size_t sent;
	uint32_t dump; /* the last that it was sent, or is; 0: none */
};

static struct server {
	struct sim *sim;
	struct client client[CLIENTS];
	uint64_t start; /* ms, of the monotonic clock */
	unsigned int dumps;
	unsigned int enabled;
	unsigned int unknown;
	unsigned int fail;
	unsigned int hang;
	unsigned int slow;
} server;

static volatile sig_atomic_t stopped;

static void
on_term(int signo)
{
	stopped = signo;
}

static uint64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Its memory is kept: the next dump is as large. */
static uint8_t *
extend(struct client *c, size_t len)
{
	uint8_t *p;

	if (c->size - c->len < len) {
		c->size = (c->size + len) * 2;
		if ((c->answer = realloc(c->answer, c->size)) == NULL)
			err(1, NULL);
	}
	p = c->answer + c->len;
	c->len += len;
	return p;
}

static void
begin(struct client *c)
{
	c->len = c->sent = 0;
	extend(c, SIM_ANSWER);
}

static void
finish(struct client *c, uint32_t status)
{
	put_be32(c->answer, status);
	put_be32(c->answer + 4, server.sim->layout);
	put_be64(c->answer + 8, c->len - SIM_ANSWER);
}

static void
settings(struct client *c)
{
	struct sim *sim = server.sim;
	unsigned int i;

	if (server.unknown)
		return;
	put_be32(extend(c, 4), server.enabled);
	put_be32(extend(c, 4), sim->limit);
	for (i = 0; i < SIM_TIMEOUTS; i++)
		put_be32(extend(c, 4), sim->timeout[i]);
}

static void
counters(struct client *c)
{
	put_be64(extend(c, 8), server.sim->inserts);
	put_be64(extend(c, 8), server.sim->removals);
}

static void
states(struct client *c)
{
	struct sim *sim = server.sim;
	uint32_t i;

	sim_begin(sim);
	for (i = 0; i < sim->used; i++)
		if (sim_show(sim, &sim->state[i])) {
			uint8_t *p = extend(c, SIM_RECORD);

			c->len -= SIM_RECORD - sim_put(sim, &sim->state[i], p);
		}
	sim->fate[sim->dump] = SIM_VOID; /* until it has been sent */
	c->dump = sim->dump;
}

/* 0, or the errno that it fails with. */
static uint32_t
dump(struct client *c)
{
	c->dump = 0; /* whoever asks for the next one has read it */
	if (server.fail > 0)
		return server.fail;
	if (sim_does(server.sim, 'x') && sim_below(server.sim, 20) == 0)
		return ENOMEM;
	states(c);
	return 0;
}

static void
status(struct client *c)
{
	char text[128];
	int n = snprintf(text, sizeof(text),
	    "states %u\ninserts %" PRIu64 "\nremovals %" PRIu64 "\ndumps %u\n"
	    "quiet %d\nconnections %u\n",
	    sim_states(server.sim), server.sim->inserts, server.sim->removals,
	    server.dumps, server.sim->quiet, server.sim->connections);

	memcpy(extend(c, (size_t)n), text, (size_t)n);
}

/* 0, or EINVAL: there is no such command. */
static uint32_t
command(const char *word, unsigned int number)
{
	if (strcmp(word, "quiet") == 0)
		server.sim->quiet = 1;
	else if (strcmp(word, "rate") == 0)
		server.sim->rate = number;
	else if (strcmp(word, "enabled") == 0)
		server.enabled = number;
	else if (strcmp(word, "unknown") == 0)
		server.unknown = number;
	else if (strcmp(word, "layout") == 0)
		server.sim->layout = (enum sim_layout)number;
	else if (strcmp(word, "version") == 0)
		server.sim->version = number;
	else if (strcmp(word, "fail") == 0)
		server.fail = number;
	else if (strcmp(word, "hang") == 0)
		server.hang = number;
	else if (strcmp(word, "slow") == 0)
		server.slow = number;
	else
		return EINVAL;
	return 0;
}

static void
answer(struct client *c, const char *request)
{
	uint32_t error = 0;
	unsigned int number = 0;
	char word[16] = "";

	if (sscanf(request, "%15s %u", word, &number) < 1)
		word[0] = '\0';
	begin(c);
	if (strcmp(word, "settings") == 0)
		settings(c);
	else if (strcmp(word, "counters") == 0)
		counters(c);
	else if (strcmp(word, "states") == 0)
		error = dump(c);
	else if (strcmp(word, "status") == 0)
		status(c);
	else
		error = command(word, number);
	finish(c, error);
}

static void
drop(struct client *c)
{
	if (c->dump > 0 && server.sim->fate[c->dump] == SIM_READ)
		server.sim->fate[c->dump] = SIM_PERHAPS;
	close(c->fd);
	c->fd = -1;
	c->dump = 0;
	c->asked = c->len = c->sent = 0;
}

static int
again(ssize_t n)
{
	return n == -1 && (errno == EAGAIN || errno == EINTR);
}

/* The next request comes after the answer to this one. */
static void
receive(struct client *c)
{
	ssize_t n = read(c->fd, c->request + c->asked,
	    sizeof(c->request) - 1 - c->asked);
	char *end;

	if (again(n))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->asked += (size_t)n;
	c->request[c->asked] = '\0';
	if ((end = strchr(c->request, '\n')) != NULL) {
		*end = '\0';
		answer(c, c->request);
		c->asked = 0;
	} else if (c->asked == sizeof(c->request) - 1)
		drop(c);
}

static int
is_dump(const struct client *c)
{
	return c->dump > 0 && server.sim->fate[c->dump] == SIM_VOID;
}

/* How much of the answer may be sent by now. */
static size_t
allowed(const struct client *c)
{
	size_t left = c->len - c->sent;

	if (!is_dump(c))
		return left;
	if (server.hang)
		return c->sent < c->len / 2 ? c->len / 2 - c->sent : 0;
	return server.slow > 0 && server.slow < left ? server.slow : left;
}

/* A layout that there is; of another, nobody can read a dump. */
static int
readable(const struct sim *sim)
{
	return sim->layout <= SIM_NETLINK && sim->version == SIM_VERSION;
}

static void
transmit(struct client *c)
{
	ssize_t n = send(c->fd, c->answer + c->sent, allowed(c), MSG_NOSIGNAL);

	if (again(n))
		return;
	if (n == -1) {
		drop(c);
		return;
	}
	c->sent += (size_t)n;
	if (c->sent == c->len && is_dump(c) && readable(server.sim)) {
		struct sim *sim = server.sim;

		sim->fate[c->dump] = SIM_READ;
		server.dumps++;
		if (sim->first_dump == 0)
			sim->first_dump = sim->now + 1; /* after its second */
	}
}

static int
open_socket(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(un.sun_path))
		errx(1, "%s: too long", path);
	strcpy(un.sun_path, path);
	unlink(path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&un, sizeof(un)) == -1 ||
	    listen(fd, CLIENTS) == -1 || fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		err(1, "%s", path);
	return fd;
}

static struct client *
free_client(void)
{
	unsigned int i;

	for (i = 0; i < CLIENTS; i++)
		if (server.client[i].fd == -1)
			return &server.client[i];
	errx(1, "a client too many");
}

static void
welcome(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd == -1)
		return;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		err(1, NULL);
	free_client()->fd = fd;
}

/* The seconds that have begun. */
static void
pass_time(struct sim *sim, unsigned int seconds)
{
	while (clock_ms() - server.start >= sim->now + 1000) {
		sim->now += 1000;
		sim_purge(sim);
		if (seconds > 0 && sim->now > seconds * UINT64_C(1000))
			sim->quiet = 1;
		sim_step(sim);
	}
}

/* Which events are waited for; a dump that is held back waits for none. */
static short
events(const struct client *c)
{
	if (c->sent == c->len)
		return POLLIN;
	return server.hang || (server.slow && is_dump(c)) ? 0 : POLLOUT;
}

static void
serve(int listener)
{
	struct pollfd p[CLIENTS + 1];
	unsigned int i;

	p[CLIENTS] = (struct pollfd){ listener, POLLIN, 0 };
	for (i = 0; i < CLIENTS; i++)
		p[i] = (struct pollfd){ server.client[i].fd,
			events(&server.client[i]), 0 };
	if (poll(p, CLIENTS + 1, TICK) == -1)
		return;
	for (i = 0; i < CLIENTS; i++) {
		struct client *c = &server.client[i];

		if (p[i].revents & (POLLHUP | POLLERR))
			drop(c);
		else if (p[i].revents & POLLIN)
			receive(c);
		if (c->fd != -1 && c->sent < c->len)
			transmit(c);
	}
	if (p[CLIENTS].revents)
		welcome(listener);
}

void
sim_live(struct sim *sim, const char *path, unsigned int seconds)
{
	int listener = open_socket(path);
	unsigned int i;

	signal(SIGTERM, on_term);
	server.sim = sim;
	server.enabled = 1;
	server.start = clock_ms();
	sim_log_clock(sim);
	for (i = 0; i < CLIENTS; i++)
		server.client[i].fd = -1;
	sim->brief = 1;
	while (!stopped) {
		pass_time(sim, seconds);
		serve(listener);
	}
	for (i = 0; i < CLIENTS; i++)
		if (server.client[i].fd != -1)
			drop(&server.client[i]);
	close(listener);
	unlink(path);
}
