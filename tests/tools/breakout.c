/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * breakout PROCESS ATTEMPT: enter the sandbox of the engine, the resolver
 * or the dumper, or none ("free"), and try one thing.  Exit status 0: done; 3:
 * refused.
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pflowd/os/accept.h"
#include "pflowd/os/sandbox.h"

#define REFUSED 3
#define SCRATCH "breakout.scratch" /* in the working directory */
#define BIG (16 * 1024 * 1024)

/* What is open before the sandbox is entered. */
static struct {
	struct sockaddr_in peer;
	int listener;
	int client;   /* of the listener, not yet accepted */
	int sender;   /* connected to the peer */
	int receiver; /* the peer */
	int fresh;    /* connected to nothing */
	int pair[2];
	pid_t other;
} had;

static int
done(int result)
{
	if (result != -1)
		return 0;
	printf("%s\n", strerror(errno));
	fflush(stdout);
	return -1;
}

static int
try_open(void)
{
	return done(open("/", O_RDONLY));
}

static int
try_create(void)
{
	return done(open(SCRATCH, O_RDWR | O_CREAT, 0600));
}

static int
try_unlink(void)
{
	return done(unlink(SCRATCH));
}

static int
try_socket(void)
{
	return done(socket(AF_INET, SOCK_DGRAM, 0));
}

static int
try_connect(void)
{
	return done(connect(had.fresh, (struct sockaddr *)&had.peer,
	    sizeof(had.peer)));
}

static int
try_bind(void)
{
	struct sockaddr_in any;

	memset(&any, 0, sizeof(any));
	any.sin_family = AF_INET;
	return done(bind(had.fresh, (struct sockaddr *)&any, sizeof(any)));
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return done(pid);
}

static int
try_exec(void)
{
	execl("/bin/echo", "echo", (char *)NULL);
	return done(-1);
}

static int
try_ptrace(void)
{
	return done((int)ptrace(PT_TRACE_ME, 0, NULL, 0));
}

static int
try_kill(void)
{
	return done(kill(had.other, SIGCONT));
}

static int
try_setuid(void)
{
	return done(setuid(getuid()));
}

static int
map(int protection)
{
	void *p = mmap(NULL, BIG, protection, MAP_PRIVATE | MAP_ANON, -1, 0);

	if (p == MAP_FAILED)
		return done(-1);
	if (protection & PROT_WRITE)
		memset(p, 1, BIG);
	return done(munmap(p, BIG));
}

static int
try_mmap_exec(void)
{
	return map(PROT_READ | PROT_EXEC);
}

static int
try_mprotect_exec(void)
{
	void *p = mmap(NULL, BIG, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON, -1, 0);

	return done(mprotect(p, BIG, PROT_READ | PROT_EXEC));
}

static int
try_memory(void)
{
	char *p = malloc(BIG);

	if (p == NULL)
		return done(-1);
	memset(p, 1, BIG);
	free(p);
	return map(PROT_READ | PROT_WRITE);
}

static int
try_send(void)
{
	char byte = 0;

	if (send(had.sender, &byte, 1, 0) != 1)
		return done(-1);
	return done((int)recv(had.receiver, &byte, 1, 0));
}

static int
try_accept(void)
{
	int fd = accept_client(had.listener);

	if (fd == -1 || write(fd, "", 1) != 1 || shutdown(fd, SHUT_RDWR) == -1)
		return done(-1);
	return done(close(fd));
}

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int))];
};

/* A descriptor goes through the pair before the sandbox, or comes out in it. */
static ssize_t
pass(int in, int fd)
{
	struct msghdr mh;
	struct iovec iov;
	union control control;
	struct cmsghdr *cm;
	char byte = 0;

	memset(&mh, 0, sizeof(mh));
	memset(&control, 0, sizeof(control));
	iov.iov_base = &byte;
	iov.iov_len = 1;
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	mh.msg_control = control.space;
	mh.msg_controllen = sizeof(control.space);
	if (!in)
		return recvmsg(had.pair[1], &mh, 0);
	cm = CMSG_FIRSTHDR(&mh);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
	return sendmsg(had.pair[0], &mh, 0);
}

static int
try_receive(void)
{
	return done((int)pass(0, -1));
}

/* Nobody that a socket is connected to. */
static int
try_address(void)
{
	char byte = 0;

	return done((int)sendto(had.sender, &byte, 1, 0,
	    (struct sockaddr *)&had.peer, sizeof(had.peer)));
}

static int
try_pass(void)
{
	return done((int)pass(1, had.fresh));
}

/* Signals would go where it says. */
static int
try_owner(void)
{
	return done(fcntl(had.receiver, F_SETOWN, had.other));
}

/* They are those of everybody who has the socket. */
static int
try_flags(void)
{
	return done(fcntl(had.receiver, F_SETFL, 0));
}

/* Signals again; and a terminal would take what is typed into it. */
static int
try_ioctl(void)
{
	int on = 1;

	return done(ioctl(had.receiver, FIOASYNC, &on));
}

static int
try_tcp(void)
{
	return done(socket(AF_INET, SOCK_STREAM, 0));
}

static int
try_raw(void)
{
	return done(socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
}

/* Of a process whose life it bounds. */
static int
try_alarm(void)
{
	errno = 0;
	alarm(0);
	return done(errno == 0 ? 0 : -1);
}

static int
try_wait(void)
{
	struct pollfd pfd = { had.receiver, POLLIN, 0 };
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1 ||
	    clock_gettime(CLOCK_REALTIME, &ts) == -1)
		return done(-1);
	return done(poll(&pfd, 1, 10));
}

static int
try_duplicate(void)
{
	return done(dup2(had.fresh, had.sender));
}

static int
try_abort(void)
{
	abort();
}

static int
try_resolve(void)
{
	struct addrinfo *list;
	int error = getaddrinfo("localhost", "2055", NULL, &list);

	if (error != 0) {
		printf("%s\n", gai_strerror(error));
		return -1;
	}
	freeaddrinfo(list);
	return 0;
}

static const struct attempt {
	const char *name;
	int (*attempt)(void);
} attempts[] = {
	{ "open", try_open },
	{ "create", try_create },
	{ "unlink", try_unlink },
	{ "socket", try_socket },
	{ "connect", try_connect },
	{ "bind", try_bind },
	{ "fork", try_fork },
	{ "exec", try_exec },
	{ "ptrace", try_ptrace },
	{ "kill", try_kill },
	{ "setuid", try_setuid },
	{ "mmap-exec", try_mmap_exec },
	{ "mprotect-exec", try_mprotect_exec },
	{ "memory", try_memory },
	{ "send", try_send },
	{ "accept", try_accept },
	{ "receive", try_receive },
	{ "address", try_address },
	{ "pass", try_pass },
	{ "owner", try_owner },
	{ "flags", try_flags },
	{ "ioctl", try_ioctl },
	{ "tcp", try_tcp },
	{ "raw", try_raw },
	{ "alarm", try_alarm },
	{ "wait", try_wait },
	{ "duplicate", try_duplicate },
	{ "abort", try_abort },
	{ "resolve", try_resolve },
};

static int
local(int type, struct sockaddr_in *address)
{
	socklen_t len = sizeof(*address);
	int fd = socket(AF_INET, type, 0);

	memset(address, 0, sizeof(*address));
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)address, len) == -1 ||
	    getsockname(fd, (struct sockaddr *)address, &len) == -1)
		return -1;
	return fd;
}

static int
open_all(void)
{
	struct sockaddr_in address;

	had.other = getppid();
	had.fresh = socket(AF_INET, SOCK_DGRAM, 0);
	had.sender = socket(AF_INET, SOCK_DGRAM, 0);
	had.client = socket(AF_INET, SOCK_STREAM, 0);
	had.listener = local(SOCK_STREAM, &address);
	had.receiver = local(SOCK_DGRAM, &had.peer);
	if (listen(had.listener, 1) == -1 ||
	    connect(had.client, (struct sockaddr *)&address, sizeof(address)) ||
	    connect(had.sender, (struct sockaddr *)&had.peer, sizeof(had.peer)))
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, had.pair) == -1)
		return -1;
	return pass(1, had.fresh) == 1 ? 0 : -1;
}

static int
enter(const char *process)
{
	const int none[STATEDUMP_FDS] = { -1, -1 };

	if (strcmp(process, "engine") == 0)
		return sandbox_engine(-1);
	if (strcmp(process, "resolver") == 0)
		return sandbox_resolver();
	if (strcmp(process, "dumper") == 0)
		return sandbox_dumper(none);
	return strcmp(process, "free") == 0 ? 0 : -1;
}

int
main(int argc, char *argv[])
{
	size_t i;

	if (argc == 1) {
		printf("%s\n", sandbox_name());
		return 0;
	}
	if (argc != 3)
		return 1;
	if (open_all() == -1 || enter(argv[1]) == -1) {
		perror("breakout");
		return 1;
	}
	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		if (strcmp(argv[2], attempts[i].name) == 0)
			return attempts[i].attempt() == -1 ? REFUSED : 0;
	return 1;
}
