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

/* Where a child finds its link. */
#define PRIVSEP_FD 3

enum privsep_role {
	PRIVSEP_ENGINE,
	PRIVSEP_RESOLVER
};

/* The user that all but the parent run as, and its empty directory. */
struct privsep_user {
	uid_t uid;
	gid_t gid;
};

/*
 * Remember how this program was called, before anything changes directory.
 * Must come first in main().
 */
void privsep_init(const char *argv0);

/*
 * Whether argv asks for a child's role: 1 and *role, or 0.  The words are
 * private to this module.
 */
int privsep_role(int argc, char *const argv[], enum privsep_role *role);

/*
 * Look up the user and check its directory.  Returns -1 after writing to why
 * what is missing and the command that makes it.
 */
int privsep_lookup(struct privsep_user *, char *why, size_t whylen);

/*
 * Give up root for good: into the empty directory if confined, then the user
 * and its group alone.  Ends the process if anything fails.
 */
void privsep_drop(const struct privsep_user *, int confined);

/*
 * Start a child; the parent's end of its link is the caller's, blocking.  It
 * has no terminal: stdin and stderr are /dev/null, and stdout is unless out,
 * which stays the caller's, is not -1.  -1 and errno.
 */
pid_t privsep_start(enum privsep_role, int *link, int out);

/*
 * Go into the background: the caller goes on as a new process without a
 * terminal, while the old one waits to hear privsep_ready(), and ends with 0,
 * or with 1 when the new one ends before.
 */
void privsep_background(void);

/* Tell whoever waits in privsep_background() that all is well. */
void privsep_ready(void);

/*
 * Leave stdin, stdout and stderr to /dev/null.  Opened beforehand, as it may
 * be out of reach by then.
 */
int privsep_open_null(void);
void privsep_detach(int null);

#endif
