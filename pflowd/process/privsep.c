/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "config.h"
#include "privsep.h"
#include "os/setids.h"

#define ROLE_FLAG "-X"

#define LOG_FD (PRIVSEP_FD + 1) /* until the child is another program */

static const char *const role_names[] = {
	[PRIVSEP_ENGINE] = "engine",
	[PRIVSEP_RESOLVER] = "resolver",
	[PRIVSEP_DUMPER] = "dumper",
};
#define ROLES (sizeof(role_names) / sizeof(role_names[0]))

static char program[PATH_MAX];
static int ready_fd = -1; /* pipe to the waiting process, or -1 */
static pid_t daemon_pid;  /* in the waiting process */

void
privsep_init(const char *argv0)
{
	char cwd[PATH_MAX];

	if (argv0[0] == '/' || strchr(argv0, '/') == NULL) {
		if (strlcpy(program, argv0, sizeof(program)) >= sizeof(program))
			fatalx("%s: path too long", argv0);
		return;
	}
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		fatal("working directory");
	if (snprintf(program, sizeof(program), "%s/%s", cwd, argv0) >=
	    (int)sizeof(program))
		fatalx("%s: path too long", argv0);
}

int
privsep_role(int argc, char *const argv[], enum privsep_role *role)
{
	size_t i;

	if (argc != 3 || strcmp(argv[1], ROLE_FLAG) != 0)
		return 0;
	for (i = 0; i < ROLES; i++) {
		if (strcmp(argv[2], role_names[i]) == 0) {
			*role = (enum privsep_role)i;
			return 1;
		}
	}
	return 0;
}

/* -1 and errno if it cannot be read. */
static int
is_empty(const char *path)
{
	struct dirent *e;
	DIR *dir;
	int others = 0;

	if ((dir = opendir(path)) == NULL)
		return -1;
	while ((e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			others++;
	closedir(dir);
	return others == 0;
}

int
privsep_lookup(struct privsep_user *user, char *why, size_t whylen)
{
	struct passwd *pw;
	struct stat st;
	int empty;

	errno = 0;
	if ((pw = getpwnam(PFLOWD_USER)) == NULL && errno != 0 &&
	    errno != ENOENT && errno != ESRCH) {
		snprintf(why, whylen, "user %s: %s", PFLOWD_USER,
		    strerror(errno));
		return -1;
	}
	if (pw == NULL) {
		snprintf(why, whylen, "user %s does not exist: %s", PFLOWD_USER,
		    PFLOWD_USERADD);
		return -1;
	}
	if (pw->pw_uid == 0) {
		snprintf(why, whylen,
		    "user %s has user id 0: change it to an unused one",
		    PFLOWD_USER);
		return -1;
	}
	user->uid = pw->pw_uid;
	user->gid = pw->pw_gid;
	if (stat(PFLOWD_CHROOT, &st) == -1 || !S_ISDIR(st.st_mode)) {
		snprintf(why, whylen,
		    "directory %s does not exist: mkdir -p -m 755 %s",
		    PFLOWD_CHROOT, PFLOWD_CHROOT);
		return -1;
	}
	if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		snprintf(why, whylen,
		    "directory %s is writable by others: chown root %s && "
		    "chmod 755 %s",
		    PFLOWD_CHROOT, PFLOWD_CHROOT, PFLOWD_CHROOT);
		return -1;
	}
	if ((empty = is_empty(PFLOWD_CHROOT)) == -1) {
		snprintf(why, whylen, "directory %s: %s", PFLOWD_CHROOT,
		    strerror(errno));
		return -1;
	}
	if (!empty) {
		snprintf(why, whylen,
		    "directory %s is not empty: remove its contents",
		    PFLOWD_CHROOT);
		return -1;
	}
	return 0;
}

void
privsep_drop(const struct privsep_user *user, int confined)
{
	if (confined && chroot(PFLOWD_CHROOT) == -1)
		fatal("chroot %s", PFLOWD_CHROOT);
	if (chdir("/") == -1)
		fatal("chdir /");
	if (setgroups(1, &user->gid) == -1)
		fatal("setgroups");
	if (set_gids(user->gid) == -1)
		fatal("cannot set the group of user %s", PFLOWD_USER);
	if (set_uids(user->uid) == -1)
		fatal("cannot become user %s", PFLOWD_USER);
	if (setuid(0) == 0)
		fatalx("user %s can become root again", PFLOWD_USER);
}

/*
 * A child, even if compromised, must not write to a terminal: give it its own
 * session and none of the parent's standard descriptors.  out, if not -1, is
 * its standard output already.
 */
static int
leave_terminal(int out)
{
	int null;

	setsid();
	if ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		return -1;
	if (dup2(null, STDIN_FILENO) == -1 ||
	    (out == -1 && dup2(null, STDOUT_FILENO) == -1) ||
	    dup2(null, STDERR_FILENO) == -1)
		return -1;
	return 0;
}

/*
 * Move what the child keeps to low numbers, in an order in which nothing that
 * is needed is overwritten, and close the rest.  This takes no new descriptor:
 * the parent may have had the last one.
 */
static int
keep_descriptors(int fd, int out)
{
	if ((out != -1 && dup2(out, STDOUT_FILENO) == -1) ||
	    dup2(fd, PRIVSEP_FD) == -1 || dup2(STDERR_FILENO, LOG_FD) == -1 ||
	    fcntl(PRIVSEP_FD, F_SETFD, 0) == -1 ||
	    fcntl(LOG_FD, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	closefrom(LOG_FD + 1);
	return 0;
}

/*
 * In the child: move its end of the link to PRIVSEP_FD and execute pflowd.
 * A failure is still logged, to the parent's standard error.
 */
static void
exec_role(enum privsep_role role, int fd, int out)
{
	char flag[] = ROLE_FLAG;
	char word[16];
	char *argv[] = { program, flag, word, NULL };

	if (keep_descriptors(fd, out) == -1 || leave_terminal(out) == -1)
		_exit(1);
	strlcpy(word, role_names[role], sizeof(word));
	execvp(program, argv);
	dup2(LOG_FD, STDERR_FILENO);
	log_warn("%s", program);
	_exit(1);
}

pid_t
privsep_start(enum privsep_role role, int *link, int out)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return -1;
	switch (pid = fork()) {
	case -1:
		close(pair[0]);
		close(pair[1]);
		return -1;
	case 0:
		exec_role(role, pair[1], out);
	}
	close(pair[1]);
	fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	*link = pair[0];
	return pid;
}

/*
 * In the old process: one byte means ready, end of file means failure.  Signals
 * that were held back come now.
 */
static void
wait_until_ready(int fd)
{
	sigset_t none;
	ssize_t n;
	char byte;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	do {
		n = read(fd, &byte, 1);
	} while (n == -1 && errno == EINTR);
	_exit(n == 1 ? 0 : 1);
}

/* What ends the waiting process ends the daemon that it waits for. */
static void
pass_on(int signo)
{
	kill(daemon_pid, signo);
}

void
privsep_background(void)
{
	int fds[2];

	if (pipe(fds) == -1)
		fatal("pipe");
	switch (daemon_pid = fork()) {
	case -1:
		fatal("fork");
	case 0:
		break;
	default:
		close(fds[1]);
		signal(SIGTERM, pass_on);
		signal(SIGINT, pass_on);
		wait_until_ready(fds[0]);
	}
	close(fds[0]);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	ready_fd = fds[1];
	if (setsid() == -1)
		fatal("setsid");
}

void
privsep_ready(void)
{
	if (ready_fd == -1)
		return;
	if (write(ready_fd, "", 1) != 1)
		log_debug("cannot notify the process that started the daemon");
	close(ready_fd);
	ready_fd = -1;
}

int
privsep_open_null(void)
{
	int fd;

	if ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		fatal("/dev/null");
	return fd;
}

void
privsep_detach(int null)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) == -1)
			fatal("dup2");
	if (null > STDERR_FILENO)
		close(null);
}
