/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pfsim -c: a command to a pfsim that is live.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <string.h>
#include <unistd.h>

#include "common/bytes.h"
#include "pfsim.h"

static void
read_all(int fd, void *to, size_t len)
{
	uint8_t *p = to;
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = read(fd, p, len)) <= 0)
			errx(1, "no answer");
}

int
sim_ask(const char *path, const char *command)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	uint8_t header[SIM_ANSWER];
	char text[4096];
	size_t len;
	int fd;

	if (strlen(path) >= sizeof(un.sun_path))
		errx(1, "%s: too long", path);
	strcpy(un.sun_path, path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&un, sizeof(un)) == -1)
		err(1, "%s", path);
	if (dprintf(fd, "%s\n", command) == -1)
		err(1, "%s", path);
	read_all(fd, header, sizeof(header));
	if ((len = get_be64(header + 8)) > sizeof(text))
		errx(1, "%s: no answer for people", command);
	read_all(fd, text, len);
	fwrite(text, 1, len, stdout);
	if (get_be32(header) != 0)
		errx(1, "%s: %s", command, strerror((int)get_be32(header)));
	close(fd);
	return 0;
}
