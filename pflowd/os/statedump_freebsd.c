/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * FreeBSD: DIOCGETSTATESV2 of pf(4), which also has the interface of floating
 * states, else DIOCGETSTATES, else netlink, which takes seven times as long.
 * The kernel that runs decides, not the release that pflowd is built on.
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dumpbuffer.h"
#include "netlink.h"
#include "nvstatus.h"
#include "pfdevice.h"
#include "statedump.h"
#include "statedump_freebsd.h"

/* netlink/netlink.h, which FreeBSD has since 13.2. */
#define ADDRESS_FAMILY 38
#define ADDRESS_SIZE 12
#define GENERIC 16

#define STATE_VERSION UINT64_C(20230404) /* PF_STATE_VERSION */

#define LAYOUT_NETLINK 6

#define PATIENCE 2 /* s, of the parent with netlink */

struct way {
	unsigned int layout;
	size_t record; /* bytes */
	dumpbuffer_ask *ask;
};

struct statedump {
	int pf;
	const struct way *way;	/* NULL: netlink */
	struct netlink netlink; /* if way is NULL */
	struct dumpbuffer answer;
};

const char *
statedump_ways(void)
{
	return "DIOCGETSTATESV2, DIOCGETSTATES, netlink";
}

static int
ask_v2(void *arg, uint8_t *data, size_t *len)
{
	struct freebsd_states_v2 request;

	memset(&request, 0, sizeof(request));
	request.len = (int)*len;
	request.version = STATE_VERSION;
	request.states = data;
	if (ioctl(*(const int *)arg, FREEBSD_GETSTATESV2, &request) == -1)
		return errno;
	*len = (size_t)request.len;
	return 0;
}

static int
ask_v1(void *arg, uint8_t *data, size_t *len)
{
	struct freebsd_states request;

	memset(&request, 0, sizeof(request));
	request.len = (int)*len;
	request.states = data;
	if (ioctl(*(const int *)arg, FREEBSD_GETSTATES, &request) == -1)
		return errno;
	*len = (size_t)request.len;
	return 0;
}

static const struct way ways[] = {
	{ 5, 384, ask_v2 },
	{ 4, 242, ask_v1 },
};

/* Without memory a call only says how much it would fill.  NULL: netlink. */
static const struct way *
choose(int pf)
{
	size_t i, len;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		len = 0;
		if (ways[i].ask(&pf, NULL, &len) == 0)
			return &ways[i];
	}
	return NULL;
}

/*
 * A socket that is connected: in capability mode it can be sent to, but not
 * connected.  The kernel answers it as it would answer its opener.
 */
static int
open_netlink(void)
{
	struct sockaddr kernel;
	int fd;

	memset(&kernel, 0, sizeof(kernel));
	kernel.sa_len = ADDRESS_SIZE;
	kernel.sa_family = ADDRESS_FAMILY;
	fd = socket(ADDRESS_FAMILY, SOCK_RAW | SOCK_CLOEXEC, GENERIC);
	if (fd == -1 || connect(fd, &kernel, ADDRESS_SIZE) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Of 0 s: for ever.  Returns 0 or an errno. */
static int
wait_at_most(int fd, time_t seconds)
{
	const struct timeval tv = { .tv_sec = seconds };

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == -1)
		return errno;
	return 0;
}

/* -1 and errno: there is no netlink, or no pf in it.  The parent asks. */
static int
find_netlink(int *fd)
{
	struct netlink n;
	int error;

	if ((*fd = open_netlink()) == -1)
		return -1;
	if ((error = wait_at_most(*fd, PATIENCE)) == 0 &&
	    (error = netlink_open(&n, *fd)) == 0 &&
	    (error = wait_at_most(*fd, 0)) == 0)
		return 0;
	close(*fd);
	*fd = -1;
	errno = error;
	return -1;
}

int
statedump_open(int fd[STATEDUMP_FDS], int *later, char *why, size_t whylen)
{
	fd[1] = -1;
	if ((fd[0] = pfdevice_open(later, why, whylen)) == -1)
		return -1;
	if (choose(fd[0]) != NULL || find_netlink(&fd[1]) == 0)
		return 0;
	snprintf(why, whylen,
	    "this kernel has neither DIOCGETSTATES nor pf in netlink (%s): "
	    "kldload netlink, or use a kernel with COMPAT_FREEBSD14",
	    strerror(errno));
	*later = 1;
	close(fd[0]);
	fd[0] = -1;
	return -1;
}

struct statedump *
statedump_new(const int fd[STATEDUMP_FDS])
{
	struct statedump *d;
	int error = 0;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		return NULL;
	d->pf = fd[0];
	if ((d->way = choose(d->pf)) == NULL)
		error = netlink_open(&d->netlink, fd[1]);
	if (error == 0)
		return d;
	free(d);
	errno = error;
	return NULL;
}

unsigned int
statedump_layout(const struct statedump *d)
{
	return d->way == NULL ? LAYOUT_NETLINK : d->way->layout;
}

/* Returns 0, or -1: an older kernel, or a newer one. */
static int
status_nv(int pf, int *enabled, uint64_t counters[2])
{
	uint8_t data[8192]; /* 3 KiB are used */
	struct freebsd_nv nv = { data, 0, sizeof(data) };

	if (ioctl(pf, FREEBSD_GETSTATUSNV, &nv) == -1 || nv.len > sizeof(data))
		return -1;
	return nvstatus_read(data, nv.len, enabled, counters) == 0 ? 0 : -1;
}

static int
status_old(int pf, int *enabled, uint64_t counters[2])
{
	struct freebsd_status status;

	if (ioctl(pf, FREEBSD_GETSTATUS, &status) == -1)
		return -1;
	*enabled = status.running != 0;
	counters[0] = status.fcounters[1];
	counters[1] = status.fcounters[2];
	return 0;
}

static int
status(struct statedump *d, int *enabled, uint64_t counters[2])
{
	if (status_nv(d->pf, enabled, counters) == 0 ||
	    status_old(d->pf, enabled, counters) == 0)
		return 0;
	if (d->way == NULL &&
	    netlink_status(&d->netlink, enabled, counters) == 0)
		return 0;
	return -1;
}

/* For kernels in which netlink took the place of the calls. */
static void
netlink_settings(struct netlink *n, struct statedump_settings *s)
{
	while (s->timeouts < STATEDUMP_TIMEOUTS &&
	    netlink_timeout(n, s->timeouts, &s->timeout[s->timeouts]) == 0)
		s->timeouts++;
	if (netlink_limit(n, 0, &s->limit) != 0)
		s->limit = 0;
}

void
statedump_settings(struct statedump *d, struct statedump_settings *s)
{
	uint64_t counters[2];

	memset(s, 0, sizeof(*s));
	pfdevice_settings(d->pf, s);
	if (s->timeouts == 0 && d->way == NULL)
		netlink_settings(&d->netlink, s);
	if (status(d, &s->enabled, counters) == -1)
		s->enabled = -1;
}

int
statedump_counters(struct statedump *d, uint64_t counters[2])
{
	int enabled;

	return status(d, &enabled, counters);
}

/* Netlink has ENOTSUP for a family that is gone, and the device ENXIO. */
int
statedump_read(struct statedump *d)
{
	int error;

	if (d->way == NULL) {
		error = netlink_states(&d->netlink, &d->answer);
		return error == ENOTSUP ? ENXIO : error;
	}
	return dumpbuffer_fill(&d->answer, d->way->record, d->way->ask, &d->pf);
}

size_t
statedump_piece(struct statedump *d, const uint8_t **data)
{
	if (d->way == NULL)
		return netlink_messages(&d->answer, data);
	return dumpbuffer_records(&d->answer, d->way->record, data);
}
