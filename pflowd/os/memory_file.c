/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Other systems: an unlinked file in the directory of the pid file.  Only root
 * may write there, so nobody else can fill it or take the name.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "memory.h"

int
memory_open(void)
{
	char path[] = PFLOWD_RUNDIR "/pflowd.XXXXXXXXXX";
	int fd;

	if ((fd = mkstemp(path)) == -1)
		return -1;
	unlink(path);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}
