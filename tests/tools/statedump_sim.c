/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Asks a pfsim that is live, whose socket PFSIM names, as the systems ask their
 * kernels: in place of pflowd/os/statedump_*.c in pflowd_sim.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bytes.h"
#include "os/statedump.h"
#include "pfsim.h"

struct statedump {
	int fd;
	unsigned int layout;
	uint8_t *data;
	size_t size; /* of its memory */
	size_t len;
	size_t taken; /* by statedump_piece() */
};

const char *
statedump_ways(void)
{
	return "pfsim";
}

static int
connect_to(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return -1;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
	    connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	close(fd);
	return -1;
}

int
statedump_open(int fd[STATEDUMP_FDS], int *later, char *why, size_t whylen)
{
	const char *path = getenv("PFSIM");

	fd[1] = -1;
	*later = path != NULL;
	if (path != NULL && (fd[0] = connect_to(path)) != -1)
		return 0;
	fd[0] = -1;
	snprintf(why, whylen, "%s: %s (pfsim -l)",
	    path != NULL ? path : "PFSIM",
	    path != NULL ? strerror(errno) : "not set");
	return -1;
}

/* Returns 0, or an errno: of the connection, which is of no more use then. */
static int
read_all(int fd, uint8_t *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		if ((n = read(fd, p, len)) == 0)
			return ENXIO;
		if (n == -1 && errno != EINTR)
			return errno;
		if (n == -1)
			continue;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The header of the answer: its status; len: of what follows. */
static int
ask(struct statedump *s, const char *request, size_t *len)
{
	uint8_t header[SIM_ANSWER];
	size_t n = strlen(request);
	int error;

	*len = 0;
	if (write(s->fd, request, n) != (ssize_t)n)
		return errno;
	if ((error = read_all(s->fd, header, sizeof(header))) != 0)
		return error;
	s->layout = get_be32(header + 4);
	*len = (size_t)get_be64(header + 8);
	return (int)get_be32(header);
}

/* Returns how much of data was answered. */
static size_t
ask_numbers(struct statedump *s, const char *request, uint8_t *data,
    size_t size)
{
	size_t len;

	if (ask(s, request, &len) != 0 || len > size ||
	    read_all(s->fd, data, len) != 0)
		return 0;
	return len;
}

struct statedump *
statedump_new(const int fd[STATEDUMP_FDS])
{
	struct statedump_settings settings;
	struct statedump *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->fd = fd[0];
	statedump_settings(s, &settings); /* has the layout */
	return s;
}

unsigned int
statedump_layout(const struct statedump *s)
{
	return s->layout;
}

void
statedump_settings(struct statedump *s, struct statedump_settings *settings)
{
	uint8_t data[(2 + STATEDUMP_TIMEOUTS) * 4];
	size_t len = ask_numbers(s, "settings\n", data, sizeof(data));
	unsigned int i;

	memset(settings, 0, sizeof(*settings));
	settings->enabled = -1;
	if (len < 8)
		return;
	if (get_be32(data) < 2)
		settings->enabled = (int)get_be32(data);
	settings->limit = get_be32(data + 4);
	settings->timeouts = (unsigned int)(len / 4 - 2);
	for (i = 0; i < settings->timeouts; i++)
		settings->timeout[i] = get_be32(data + 8 + i * 4);
}

int
statedump_counters(struct statedump *s, uint64_t counters[2])
{
	uint8_t data[16];

	if (ask_numbers(s, "counters\n", data, sizeof(data)) != sizeof(data))
		return -1;
	counters[0] = get_be64(data);
	counters[1] = get_be64(data + 8);
	return 0;
}

static int
grow(struct statedump *s, size_t size)
{
	uint8_t *p;

	if (size <= s->size)
		return 0;
	if ((p = realloc(s->data, size)) == NULL)
		return ENOMEM;
	s->data = p;
	s->size = size;
	return 0;
}

int
statedump_read(struct statedump *s)
{
	size_t len;
	int error = ask(s, "states\n", &len);

	s->len = s->taken = 0;
	if (error == 0)
		error = grow(s, len);
	if (error == 0)
		error = read_all(s->fd, s->data, len);
	if (error == 0)
		s->len = len;
	return error;
}

/* Bytes of the state at p. */
static size_t
state_size(const struct statedump *s, const uint8_t *p)
{
	switch (s->layout) {
	case SIM_OPENBSD:
		return 264;
	case SIM_NETBSD:
	case SIM_DRAGONFLY:
		return 240;
	case SIM_FREEBSD:
		return 242;
	case SIM_FREEBSD_V2:
		return 384;
	case SIM_NETLINK:
		return get_le32(p);
	}
	return 256;
}

size_t
statedump_piece(struct statedump *s, const uint8_t **data)
{
	size_t len = 0, left = s->len - s->taken, n;

	*data = s->data + s->taken;
	while (len < left && (n = state_size(s, *data + len)) <= 65536 - len)
		len += n;
	s->taken += len;
	return len;
}
