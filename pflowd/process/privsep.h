/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The only fork, exec, chroot and change of user.  Children are pflowd itself,
 * executed anew, so that each has an address layout of its own.
 */

#ifndef PRIVSEP_H
#define PRIVSEP_H

#include <sys/types.h>

/* Descriptor of a child's link. */
#define PRIVSEP_FD 3

enum privsep_role {
	PRIVSEP_ENGINE,
	PRIVSEP_RESOLVER,
	PRIVSEP_DUMPER
};

/* The user of all processes except the parent, and its empty directory. */
struct privsep_user {
	uid_t uid;
	gid_t gid;
};

/*
 * Remember the path of this program before the working directory changes.  Must
 * be the first call in main().
 */
void privsep_init(const char *argv0);

/*
 * Returns 1 and *role if argv requests a child's role, else 0.  The words are
 * private to this module.
 */
int privsep_role(int argc, char *const argv[], enum privsep_role *role);

/*
 * Look up the user and check its directory.  Returns -1, with the problem and
 * the command that fixes it in why.
 */
int privsep_lookup(struct privsep_user *, char *why, size_t whylen);

/*
 * Drop root permanently: if confined, chroot into the empty directory, then
 * switch to the user and its group only.  Ends the process on any failure.
 */
void privsep_drop(const struct privsep_user *, int confined);

/*
 * Start a child.  The caller owns the parent's end of the link, which is
 * blocking.  The child has no terminal: stdin and stderr are /dev/null, and so
 * is stdout unless out, which the caller keeps, is not -1.  -1 and errno.
 */
pid_t privsep_start(enum privsep_role, int *link, int out);

/*
 * Continue in the background, as a new process without a terminal.  The old
 * process waits for privsep_ready() and exits with 0, or with 1 if the new
 * process ends first.  It passes on SIGTERM and SIGINT, which the caller holds
 * back, so that none is lost.
 */
void privsep_background(void);

/* Report success to the process waiting in privsep_background(). */
void privsep_ready(void);

/*
 * Redirect stdin, stdout and stderr to /dev/null, which is opened beforehand,
 * as it may be unreachable later.
 */
int privsep_open_null(void);
void privsep_detach(int null);

#endif
