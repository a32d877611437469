/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/log.h"
#include "config.h"
#include "pidlock.h"

/*
 * Attempts, when the file opened was removed meanwhile by a daemon that ended.
 */
#define TRIES 10

/*
 * True if only root can have the file open.  Hard links, which anybody can
 * create on some systems, give no access.
 */
static int
is_private(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_uid == geteuid() &&
	    (st->st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/*
 * Replace a pidfile that others may have open, even if it is locked: changing
 * its mode would not close it for them.
 */
static int
make_way(void)
{
	struct stat st;

	if (lstat(PFLOWD_PIDFILE, &st) == -1) {
		if (errno == ENOENT)
			return 0;
		log_warn("%s", PFLOWD_PIDFILE);
		return -1;
	}
	if (is_private(&st))
		return 0;
	if (!S_ISREG(st.st_mode)) {
		log_warnx("%s: not a regular file: remove it", PFLOWD_PIDFILE);
		return -1;
	}
	log_warnx(
	    "%s: replaced, because owner %lu and mode %03o let others lock it",
	    PFLOWD_PIDFILE, (unsigned long)st.st_uid,
	    (unsigned int)st.st_mode & 07777);
	if (unlink(PFLOWD_PIDFILE) == -1 && errno != ENOENT) {
		log_warn("%s", PFLOWD_PIDFILE);
		return -1;
	}
	return 0;
}

/* True if the path still names this file, and the file is private. */
static int
is_ours(int fd)
{
	struct stat st, named;

	return fstat(fd, &st) == 0 && lstat(PFLOWD_PIDFILE, &named) == 0 &&
	    st.st_dev == named.st_dev && st.st_ino == named.st_ino &&
	    is_private(&st);
}

int
pidlock_open(void)
{
	int fd, tries;

	for (tries = 0; tries < TRIES; tries++) {
		if (make_way() == -1)
			return -1;
		fd = open(PFLOWD_PIDFILE,
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		    S_IRUSR | S_IWUSR);
		if (fd == -1) {
			log_warn("%s", PFLOWD_PIDFILE);
			return -1;
		}
		if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
			log_warnx("%s is locked: pflowd is already running",
			    PFLOWD_PIDFILE);
			close(fd);
			return -1;
		}
		if (is_ours(fd))
			return fd;
		close(fd);
	}
	log_warnx("%s: another program keeps removing it", PFLOWD_PIDFILE);
	return -1;
}

void
pidlock_write(int fd)
{
	if (ftruncate(fd, 0) == -1 || dprintf(fd, "%ld\n", (long)getpid()) < 0)
		log_warn("%s", PFLOWD_PIDFILE);
}

void
pidlock_remove(int fd)
{
	if (fd != -1 && is_ours(fd))
		unlink(PFLOWD_PIDFILE);
}
