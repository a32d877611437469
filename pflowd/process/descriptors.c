/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/resource.h>

#include <limits.h>

#include "common/log.h"
#include "common/msg.h"
#include "conf/conf.h"
#include "descriptors.h"

/* Each socket: in use, in the next configuration, on its way to the engine. */
#define COPIES 3

/* Others than sockets of collectors that are open before these. */
#define OTHERS 16

/* Children, clients, and files that are open for a moment. */
#define SPARE 32

/* More than the parent can have, even with a full link. */
#define MOST (COPIES * (CONF_COLLECTORS + OTHERS) + SPARE + MSG_QUEUED_FDS)

void
descriptors_raise(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1 || rl.rlim_cur >= MOST)
		return;
	rl.rlim_cur = rl.rlim_max < MOST ? rl.rlim_max : MOST;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		log_warn("limit of open files");
}

unsigned int
descriptors_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1 || rl.rlim_cur > INT_MAX)
		return INT_MAX;
	return (unsigned int)rl.rlim_cur;
}

void
descriptors_warn(unsigned int collectors)
{
	unsigned int needed = COPIES * (collectors + OTHERS) + SPARE;
	unsigned int limit = descriptors_limit();

	if (limit < needed)
		log_warnx(
		    "limit of %u open files is too low for %u "
		    "collector%s: raise it to %u (ulimit -n, or openfiles "
		    "in login.conf)",
		    limit, collectors, collectors == 1 ? "" : "s", needed);
}

int
descriptors_short(int fd, unsigned int limit)
{
	return limit < MOST && COPIES * ((unsigned int)fd + 1) + SPARE > limit;
}
