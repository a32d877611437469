/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * usage: holdlocks file ...
 *
 * Takes every lock that can be had on each file by who can only read it, says
 * which files these are, and keeps them until it is ended.
 */

#include <sys/types.h>
#include <sys/file.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void
hold(const char *path)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int fd, held;

	if ((fd = open(path, O_RDONLY)) == -1)
		return;
	held = flock(fd, LOCK_EX | LOCK_NB) == 0 ||
	    flock(fd, LOCK_SH | LOCK_NB) == 0;
	held |= fcntl(fd, F_SETLK, &lock) == 0;
	if (held)
		printf("%s\n", path);
}

int
main(int argc, char *argv[])
{
	int i;

	for (i = 1; i < argc; i++)
		hold(argv[i]);
	printf("held\n");
	fflush(stdout);
	for (;;)
		pause();
}
