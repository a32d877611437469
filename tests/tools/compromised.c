/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * In place of pflowd/source/log_once.c: an engine whose code is an attacker's.
 * A state that no collector's protocol can say has in its id what to try, from
 * inside, with all that the engine has.  The log tells what came of it, unless
 * it was the end.
 *
 * With SURVIVOR in the environment, an engine forks before it is confined, as
 * it could later where there is no sandbox.
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/log.h"
#include "common/msg.h"
#include "pflowd/source/capture.h"
#include "pflowd/engine/meter.h"
#include "pflowd/process/ledger.h"
#include "pflowd/process/link.h"
#include "pflowd/source/log_once.h"
#include "pflowd/process/privsep.h"

#define FLOOD 100000 /* lines */
#define FILL 3000    /* lines */
#define RELOADS 2000
#define DESCRIPTORS 64
#define LOGS 64		 /* messages in a write of a survivor */
#define FLOOD_BEGUN 2000 /* writes */

/* Root on Linux may have much wait to be read: it is then never all read. */
#define WAITING (64 * 1024 * 1024)
#ifndef SO_SNDBUFFORCE
#define SO_SNDBUFFORCE SO_SNDBUF
#endif

/* What an engine and the process that survives it share. */
static struct survivor {
	volatile int wanted;
	volatile int floods; /* by now */
} * survivor;

static struct meter *own;

static int
try_read(void)
{
	return open("/etc/passwd", O_RDONLY);
}

static int
try_list(void)
{
	return open(".", O_RDONLY);
}

static int
try_write(void)
{
	return open("/here", O_RDWR | O_CREAT, 0600);
}

static int
try_remove(void)
{
	return unlink("/var/run/pflowd.pid");
}

static int
try_directory(void)
{
	return mkdir("/there", 0700);
}

static int
try_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0);
}

/* One that it has is to send elsewhere. */
static int
try_connect(void)
{
	struct sockaddr_in to;
	int fd;

	memset(&to, 0, sizeof(to));
	to.sin_family = AF_INET;
	to.sin_port = htons(53);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (fd = 3; fd < DESCRIPTORS; fd++)
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
			return 0;
	return -1;
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid;
}

static int
try_exec(void)
{
	execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
	return -1;
}

/* Its own text, were it in reach. */
static int
try_exec_self(void)
{
	return (int)execl("/proc/self/exe", "pflowd", "-V", (char *)NULL);
}

static int
try_ptrace(void)
{
	return (int)ptrace(PT_ATTACH, getppid(), NULL, 0);
}

static int
try_kill(void)
{
	return kill(getppid(), SIGKILL);
}

static int
try_root(void)
{
	return setuid(0);
}

static int
try_chroot(void)
{
	return chroot("/");
}

static int
try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANON, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

/* Not a message. */
static int
try_link(void)
{
	char rubbish[512];

	memset(rubbish, 0xa5, sizeof(rubbish));
	return write(PRIVSEP_FD, rubbish, sizeof(rubbish)) > 0 ? 0 : -1;
}

/* Past the engine's own bound: the parent has another. */
static int
try_flood(void)
{
	static struct msg_conn link;
	struct link_log log = { .priority = LOG_WARNING, .text = "flood" };
	int i;

	msg_init(&link, PRIVSEP_FD, LINK_PARENT_QUEUE, 0);
	for (i = 0; i < FLOOD; i++)
		if (msg_send(&link, MSG_ENGINE_LOG, 0, &log, sizeof(log), -1) ==
		    -1)
			return -1;
	return 0;
}

/* To somebody who is no collector. */
static int
try_third(void)
{
	struct sockaddr_in to;
	int fd;

	memset(&to, 0, sizeof(to));
	to.sin_family = AF_INET;
	to.sin_port = htons(53);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (fd = 3; fd < DESCRIPTORS; fd++)
		if (sendto(fd, "", 1, 0, (struct sockaddr *)&to, sizeof(to)) ==
		    1)
			return 0;
	return -1;
}

/* A frame of its own, on the interface that is captured. */
static int
try_frame(void)
{
	static const char frame[64];

	return (int)write(capture_kernel_fd(own->source.capture), frame,
	    sizeof(frame));
}

/* Its capture, to somebody who may do more with it. */
static int
try_hand_over(void)
{
	static struct msg_conn link;

	msg_init(&link, PRIVSEP_FD, LINK_PARENT_QUEUE, 0);
	return msg_send(&link, MSG_ENGINE_CAPTURE, 0, NULL, 0,
	    capture_kernel_fd(own->source.capture));
}

static int
try_owner(void)
{
	return fcntl(PRIVSEP_FD, F_SETOWN, getppid());
}

static int
try_flags(void)
{
	return fcntl(PRIVSEP_FD, F_SETFL, 0);
}

/* Into the shell that started a foreground daemon. */
static int
try_terminal(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (isatty(fd))
			return 0;
	return -1;
}

/* What it shares with the engines that follow; then it dies. */
static int
try_wreck(void)
{
	int fd;

	for (fd = 3; fd < DESCRIPTORS; fd++)
		shutdown(fd, SHUT_RDWR);
	abort();
}

/* Nothing it does puts off its end, and it does not hear that it should. */
static int
try_dogged(void)
{
	static struct msg_conn link;
	struct link_capture c = { LINK_MISSING };

	msg_init(&link, PRIVSEP_FD, LINK_PARENT_QUEUE, 0);
	while (msg_send(&link, MSG_ENGINE_ABSENT, 0, &c, sizeof(c), -1) == 0)
		poll(NULL, 0, 500);
	for (;;)
		poll(NULL, 0, -1);
	return -1;
}

static int
try_reloads(void)
{
	static struct msg_conn link;
	unsigned int i;

	msg_init(&link, PRIVSEP_FD, LINK_PARENT_QUEUE, 0);
	for (i = 0; i < RELOADS; i++)
		if (msg_send(&link, MSG_ENGINE_RELOAD, i, NULL, 0, -1) == -1)
			return -1;
	return 0;
}

/* What the next engine would go on with. */
static int
try_poison(void)
{
	memset(own->ledger, 0xff, sizeof(*own->ledger));
	abort();
}

/* Until nobody can read it; many messages in a write, so that it stays full. */
static void
flood_link(void)
{
	static struct msg_conn to;
	static char data[LOGS * (MSG_HEADER + sizeof(struct link_log))];
	struct link_log log = { .priority = LOG_WARNING, .text = "survivor" };
	int i, pair[2], size = WAITING;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return;
	msg_init(&to, pair[0], sizeof(data), 0);
	for (i = 0; i < LOGS; i++)
		msg_send(&to, MSG_ENGINE_LOG, 0, &log, sizeof(log), -1);
	if (read(pair[1], data, sizeof(data)) != sizeof(data))
		return;
	setsockopt(PRIVSEP_FD, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	fcntl(PRIVSEP_FD, F_SETFL, 0); /* each write is whole */
	for (i = 0; write(PRIVSEP_FD, data, sizeof(data)) > 0; i++)
		survivor->floods = i > FLOOD_BEGUN;
}

/* It does nothing until it is told to, and nothing without its engine. */
__attribute__((constructor)) static void
make_survivor(int argc, char *argv[])
{
	pid_t engine = getpid();
	void *p;

	if (getenv("SURVIVOR") == NULL || argc != 3 ||
	    strcmp(argv[2], "engine") != 0)
		return;
	p = mmap(NULL, sizeof(*survivor), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANON, -1, 0);
	if (p == MAP_FAILED)
		return;
	survivor = p;
	if (fork() != 0)
		return;
	while (!survivor->wanted && getppid() == engine)
		poll(NULL, 0, 1);
	if (survivor->wanted)
		flood_link();
	_exit(0);
}

/* Another process goes on with its link when it is dead. */
static int
try_survivor(void)
{
	survivor->wanted = 1;
	while (!survivor->floods)
		poll(NULL, 0, 1);
	abort();
}

/* No crime, but more for the log than its link holds. */
static int
try_fill(void)
{
	int i;

	for (i = 0; i < FILL; i++)
		log_warnx("fill");
	return 0;
}

static const struct {
	const char *name;
	int (*attempt)(void);
} attempts[] = {
	{ "read", try_read },
	{ "list", try_list },
	{ "write", try_write },
	{ "remove", try_remove },
	{ "directory", try_directory },
	{ "socket", try_socket },
	{ "connect", try_connect },
	{ "fork", try_fork },
	{ "exec", try_exec },
	{ "exec-self", try_exec_self },
	{ "ptrace", try_ptrace },
	{ "kill", try_kill },
	{ "root", try_root },
	{ "chroot", try_chroot },
	{ "code", try_code },
	{ "link", try_link },
	{ "third", try_third },
	{ "frame", try_frame },
	{ "hand-over", try_hand_over },
	{ "owner", try_owner },
	{ "flags", try_flags },
	{ "terminal", try_terminal },
	{ "flood", try_flood },
	{ "wreck", try_wreck },
	{ "poison", try_poison },
	{ "reloads", try_reloads },
	{ "dogged", try_dogged },
	{ "fill", try_fill },
	{ "survivor", try_survivor },
};
#define ATTEMPTS (sizeof(attempts) / sizeof(attempts[0]))

void
log_once_inexpressible(struct log_once *log, const struct flow *f)
{
	int result;

	own = (struct meter *)(void *)((char *)log -
	    offsetof(struct meter, source.log));
	if (f->id >= ATTEMPTS)
		return;
	result = attempts[f->id].attempt();
	if (result == -1)
		log_warnx("attempt %s: refused: %s", attempts[f->id].name,
		    strerror(errno));
	else
		log_warnx("attempt %s: done", attempts[f->id].name);
}

void
log_once_snapped(struct log_once *log, size_t len, size_t whole)
{
	(void)log;
	(void)len;
	(void)whole;
}

void
log_once_link(struct log_once *log)
{
	(void)log;
}

void
log_once_frame(struct log_once *log, const struct pfsync_frame *frame,
    enum pfsync_verdict verdict, uint64_t now)
{
	(void)log;
	(void)frame;
	(void)verdict;
	(void)now;
}
