/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "socketdir.h"

#define LINKS 8 /* maximum symbolic links followed */

/* Buffer for the reason, and number of links followed so far. */
struct check {
	char *why;
	size_t whylen;
	unsigned int links;
};

static int check_dirs(struct check *, const char *path);

static int
fail(struct check *c, int error)
{
	snprintf(c->why, c->whylen, "%s", strerror(error));
	return -1;
}

/* Check the link's target like the directory of a path inside it. */
static int
check_link(struct check *c, const char *name)
{
	char target[PATH_MAX], path[2 * PATH_MAX];
	const char *slash = strrchr(name, '/');
	ssize_t n;

	if (c->links++ == LINKS)
		return fail(c, ELOOP);
	if ((n = readlink(name, target, sizeof(target) - 1)) == -1)
		return fail(c, errno);
	target[n] = '\0';
	if (target[0] == '/')
		snprintf(path, sizeof(path), "%s/", target);
	else
		snprintf(path, sizeof(path), "%.*s/%s/", (int)(slash - name),
		    name, target);
	return check_dirs(c, path);
}

/* Check one directory of the path, or a link to one. */
static int
check_name(struct check *c, const char *name)
{
	struct stat st;

	if (lstat(name, &st) == -1)
		return fail(c, errno);
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		snprintf(c->why, c->whylen,
		    "%s is owned by another user, who could replace the "
		    "socket: chown root %s or use another path",
		    name, name);
		return -1;
	}
	if (S_ISLNK(st.st_mode))
		return check_link(c, name);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0 || st.st_mode & S_ISVTX)
		return 0;
	snprintf(c->why, c->whylen,
	    "%s is writable by others (mode %03o), who could replace the "
	    "socket: chmod go-w %s or use another path",
	    name, (unsigned int)st.st_mode & 07777, name);
	return -1;
}

/*
 * Check from the root down: below a safe directory, only root or this user
 * could have changed anything.
 */
static int
check_dirs(struct check *c, const char *path)
{
	char name[2 * PATH_MAX];
	const char *slash;

	if (check_name(c, "/") == -1)
		return -1;
	for (slash = path; (slash = strchr(slash + 1, '/')) != NULL;) {
		if (snprintf(name, sizeof(name), "%.*s", (int)(slash - path),
			path) >= (int)sizeof(name))
			return fail(c, ENAMETOOLONG);
		if (check_name(c, name) == -1)
			return -1;
	}
	return 0;
}

int
socketdir_check(const char *path, char *why, size_t whylen)
{
	struct check c = { why, whylen, 0 };

	return check_dirs(&c, path);
}
