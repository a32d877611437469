/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: seccomp(2), by libseccomp.  A filter sees the registers of a system
 * call and no memory, so what would pass an address or a descriptor in memory
 * (sendmsg, sendmmsg) is not on the engine's list at all.
 */

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "sandbox.h"

/* From udp(7), as libc headers may be older than the kernel. */
#define UDP_LEVEL 17
#define UDP_SEGMENT_OPTION 103

#define SOCKET_TYPE 0xf /* type bits of socket(2), without flags */

/* Flags of open(2) for anything other than reading. */
#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC)

#define REFUSE SCMP_ACT_ERRNO(EPERM)

/* A system call, or those of one list; kernel or libseccomp may lack some. */
struct rule {
	const char *call;
	uint32_t action;
	unsigned int tests;
	struct scmp_arg_cmp test[3];
};

#define ALLOW(call)                      \
	{                                \
		call, SCMP_ACT_ALLOW, 0, \
		{                        \
			{                \
				0        \
			}                \
		}                        \
	}
#define ALLOW_IF(call, ...)              \
	{                                \
		call, SCMP_ACT_ALLOW, 1, \
		{                        \
			__VA_ARGS__      \
		}                        \
	}
#define ALLOW_IF_BOTH(call, ...)         \
	{                                \
		call, SCMP_ACT_ALLOW, 2, \
		{                        \
			__VA_ARGS__      \
		}                        \
	}
#define ALLOW_IF_ALL(call, ...)          \
	{                                \
		call, SCMP_ACT_ALLOW, 3, \
		{                        \
			__VA_ARGS__      \
		}                        \
	}
#define REFUSE_IT(call)           \
	{                         \
		call, REFUSE, 0,  \
		{                 \
			{         \
				0 \
			}         \
		}                 \
	}
#define REFUSE_IF(call, ...)        \
	{                           \
		call, REFUSE, 1,    \
		{                   \
			__VA_ARGS__ \
		}                   \
	}
#define REFUSE_IF_BOTH(call, ...)   \
	{                           \
		call, REFUSE, 2,    \
		{                   \
			__VA_ARGS__ \
		}                   \
	}

#define KILL_IF(call, ...)                      \
	{                                       \
		call, SCMP_ACT_KILL_PROCESS, 1, \
		{                               \
			__VA_ARGS__             \
		}                               \
	}

#define EQUAL(arg, value)                  \
	{                                  \
		arg, SCMP_CMP_EQ, value, 0 \
	}
#define OTHER(arg, value)                  \
	{                                  \
		arg, SCMP_CMP_NE, value, 0 \
	}
#define BITS(arg, mask, value)                       \
	{                                            \
		arg, SCMP_CMP_MASKED_EQ, mask, value \
	}

/* Both processes: memory, time, and exit, including abort(3). */
static const struct rule both[] = {
	ALLOW("brk"),
	ALLOW("munmap"),
	ALLOW("mremap"),
	ALLOW("madvise"),
	ALLOW("clock_gettime"),
	ALLOW("clock_gettime64"),
	ALLOW("gettimeofday"),
	ALLOW("time"),
	ALLOW("futex"),
	ALLOW("futex_time64"),
	ALLOW("rt_sigaction"),
	ALLOW("rt_sigprocmask"),
	ALLOW("rt_sigreturn"),
	ALLOW("sigreturn"),
	ALLOW("restart_syscall"),
	ALLOW("getpid"),
	ALLOW("gettid"),
	ALLOW("getuid"),
	ALLOW("geteuid"),
	ALLOW("getgid"),
	ALLOW("getegid"),
	ALLOW("getrandom"),
	ALLOW("sched_yield"),
	ALLOW("sysinfo"), /* qsort(3) */
	ALLOW("exit"),
	ALLOW("exit_group"),
	ALLOW("read"),
	ALLOW("readv"),
	ALLOW("close"),
	ALLOW("lseek"),
	ALLOW("_llseek"),
	ALLOW("fstat"),
	ALLOW("fstat64"),
	ALLOW("poll"),
	ALLOW("ppoll"),
	ALLOW("ppoll_time64"),
	ALLOW("recvfrom"),
	ALLOW("recvmsg"),
	ALLOW("getsockopt"),
	ALLOW("getsockname"),
	ALLOW("getpeername"),
	ALLOW("shutdown"),
	ALLOW_IF("fcntl", EQUAL(1, F_GETFL)),
	ALLOW_IF("fcntl", EQUAL(1, F_GETFD)),
	ALLOW_IF("fcntl", EQUAL(1, F_SETFD)),
	ALLOW_IF("fcntl64", EQUAL(1, F_GETFL)),
	ALLOW_IF("fcntl64", EQUAL(1, F_GETFD)),
	ALLOW_IF("fcntl64", EQUAL(1, F_SETFD)),
};

/*
 * The engine reads and writes open descriptors.  No address, flag, owner or
 * duplicate may be set on a socket.  Any other call ends the process with a
 * core dump.
 */
static const struct rule engine[] = {
	ALLOW("epoll_wait"),
	ALLOW("epoll_pwait"),
	ALLOW("epoll_pwait2"),
	ALLOW("epoll_ctl"),
	ALLOW("timerfd_settime"),
	ALLOW("timerfd_settime64"),
	ALLOW("write"),
	ALLOW("writev"),
	ALLOW("ftruncate"), /* memory_grow.c */
	ALLOW("ftruncate64"),
	ALLOW_IF("sendto", EQUAL(4, 0)),
	ALLOW("accept4"),
	ALLOW_IF("newfstatat", EQUAL(3, AT_EMPTY_PATH)),
	ALLOW_IF("mmap", BITS(2, PROT_EXEC, 0)),
	ALLOW_IF("mmap2", BITS(2, PROT_EXEC, 0)),
	ALLOW_IF("mprotect", BITS(2, PROT_EXEC, 0)),

	/* send_segments.c; libpcap releases its ring before closing */
	ALLOW_IF_BOTH("setsockopt", EQUAL(1, UDP_LEVEL),
	    EQUAL(2, UDP_SEGMENT_OPTION)),
	REFUSE_IF("setsockopt", OTHER(1, UDP_LEVEL)),
	REFUSE_IF_BOTH("setsockopt", EQUAL(1, UDP_LEVEL),
	    OTHER(2, UDP_SEGMENT_OPTION)),

	/*
	 * Calls that libraries try but do not need: stdio checks for a
	 * terminal, syslog(3) reconnects to a restarted daemon, libpcap looks
	 * up an interface and its files in /sys, libc names its memory.
	 */
	REFUSE_IT("ioctl"),
	REFUSE_IT("open"),
	REFUSE_IT("openat"),
	REFUSE_IT("access"),
	REFUSE_IT("faccessat"),
	REFUSE_IT("stat"),
	REFUSE_IT("lstat"),
	REFUSE_IF("newfstatat", OTHER(3, AT_EMPTY_PATH)),
	REFUSE_IT("statx"),
	REFUSE_IT("readlink"),
	REFUSE_IT("readlinkat"),
	REFUSE_IT("socket"),
	REFUSE_IT("connect"),
	REFUSE_IT("bind"),
	REFUSE_IT("prctl"),
};

/* A dumper of the tests: Linux has no pf. */
static const struct rule dumper[] = {
	ALLOW("write"),
	ALLOW("writev"),
	ALLOW_IF("sendto", EQUAL(4, 0)),
	ALLOW("nanosleep"),
	ALLOW("clock_nanosleep"),
	ALLOW_IF("mmap", BITS(2, PROT_EXEC, 0)),
	ALLOW_IF("mmap2", BITS(2, PROT_EXEC, 0)),
	ALLOW_IF("mprotect", BITS(2, PROT_EXEC, 0)),
};

/*
 * Calls that getaddrinfo(3) needs with the usual modules of nsswitch.conf(5):
 * it reads files, loads libraries, exchanges datagrams and queries local
 * daemons.  All other calls are refused: TCP, naming a socket, timers that
 * could postpone the alarm, other processes or threads.  Without bind(2), glibc
 * cannot ask the kernel for its addresses, and continues without them.
 */
static const struct rule resolver[] = {
	ALLOW("pread64"),
	ALLOW("write"),
	ALLOW("writev"),
	ALLOW_IF("open", BITS(1, WRITING, 0)),
	ALLOW_IF("openat", BITS(2, WRITING, 0)),
	ALLOW("stat"),
	ALLOW("stat64"),
	ALLOW("lstat"),
	ALLOW("lstat64"),
	ALLOW("newfstatat"),
	ALLOW("fstatat64"),
	ALLOW("statx"),
	ALLOW("statfs"),
	ALLOW("access"),
	ALLOW("faccessat"),
	ALLOW("faccessat2"),
	ALLOW("readlink"),
	ALLOW("readlinkat"),
	ALLOW("getdents64"),
	ALLOW("getcwd"),
	ALLOW("uname"),
	ALLOW_IF_ALL("socket", EQUAL(0, AF_INET),
	    BITS(1, SOCKET_TYPE, SOCK_DGRAM), EQUAL(2, 0)),
	ALLOW_IF_ALL("socket", EQUAL(0, AF_INET6),
	    BITS(1, SOCKET_TYPE, SOCK_DGRAM), EQUAL(2, 0)),
	ALLOW_IF("socket", EQUAL(0, AF_UNIX)),
	ALLOW("connect"),
	ALLOW("sendto"),
	ALLOW("sendmsg"),
	ALLOW("sendmmsg"),
	ALLOW("recvmmsg"),
	ALLOW("setsockopt"),
	ALLOW("select"),
	ALLOW("pselect6"),
	ALLOW("epoll_create1"),
	ALLOW("epoll_ctl"),
	ALLOW("epoll_wait"),
	ALLOW("epoll_pwait"),
	ALLOW("eventfd2"),
	ALLOW("pipe2"),
	ALLOW_IF("fcntl", EQUAL(1, F_SETFL)),
	ALLOW_IF("fcntl", EQUAL(1, F_DUPFD_CLOEXEC)),
	ALLOW_IF("fcntl64", EQUAL(1, F_SETFL)),
	ALLOW_IF("fcntl64", EQUAL(1, F_DUPFD_CLOEXEC)),
	ALLOW_IF("ioctl", EQUAL(1, FIONREAD)),
	ALLOW_IF("mmap", BITS(2, PROT_EXEC, 0)),
	ALLOW_IF("mmap", BITS(2, PROT_WRITE, 0)),
	ALLOW_IF("mmap2", BITS(2, PROT_EXEC, 0)),
	ALLOW_IF("mmap2", BITS(2, PROT_WRITE, 0)),
	ALLOW_IF("mprotect", BITS(2, PROT_EXEC, 0)),
	ALLOW_IF("mprotect", BITS(2, PROT_WRITE, 0)),
	ALLOW("nanosleep"),
	ALLOW("clock_nanosleep"),
	ALLOW("sigaltstack"),
	ALLOW("set_robust_list"),
	ALLOW("rseq"),
	ALLOW("getrlimit"),
	ALLOW_IF("prlimit64", EQUAL(2, 0)),
	ALLOW("sched_getaffinity"),
	ALLOW("membarrier"),
};

#define COUNT(rules) (sizeof(rules) / sizeof((rules)[0]))

/* -1 and errno. */
static int
add_rule(scmp_filter_ctx filter, const struct rule *r)
{
	int call = seccomp_syscall_resolve_name(r->call);
	int result;

	if (call == __NR_SCMP_ERROR)
		return 0;
	result = seccomp_rule_add_array(filter, r->action, call, r->tests,
	    r->test);
	if (result == 0 || result == -EDOM) /* not on this processor */
		return 0;
	errno = -result;
	return -1;
}

static int
add_rules(scmp_filter_ctx filter, const struct rule *rules, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (add_rule(filter, &rules[i]) == -1)
			return -1;
	return 0;
}

/* abort(3) ends the process with a signal to itself. */
static int
add_abort(scmp_filter_ctx filter)
{
	const struct rule own = ALLOW_IF("tgkill",
	    EQUAL(0, (scmp_datum_t)getpid()));

	return add_rule(filter, &own);
}

/*
 * A kernel without seccomp, and an emulator of one, return ENOSYS: then the
 * empty directory and the user still protect.  Every other failure is an error.
 */
static int
enter(scmp_filter_ctx filter)
{
	int result;

	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	result = seccomp_load(filter);
	seccomp_release(filter);
	if (result == 0 || result == -ENOSYS)
		return 0;
	errno = -result;
	return -1;
}

/* A filter of these rules; NULL and errno. */
static scmp_filter_ctx
new_filter(uint32_t otherwise, const struct rule *rules, size_t n)
{
	scmp_filter_ctx filter;

	if ((filter = seccomp_init(otherwise)) == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	if (add_rules(filter, rules, n) == 0)
		return filter;
	seccomp_release(filter);
	return NULL;
}

static int
confine(uint32_t otherwise, const struct rule *rules, size_t n)
{
	scmp_filter_ctx filter;

	filter = new_filter(otherwise, both, COUNT(both));
	if (filter == NULL)
		return -1;
	if (add_rules(filter, rules, n) == 0 && add_abort(filter) == 0)
		return enter(filter);
	seccomp_release(filter);
	return -1;
}

/*
 * A packet socket sends whatever is written to it as a frame, so forbid
 * writing.  The filter compares 32 bits of the descriptor, as the kernel does,
 * and the descriptor cannot be duplicated.  Of two filters, the stricter
 * applies.
 */
static int
capture_reads_only(int fd)
{
	const struct rule rules[] = {
		KILL_IF("write", BITS(0, UINT32_MAX, (scmp_datum_t)fd)),
		KILL_IF("writev", BITS(0, UINT32_MAX, (scmp_datum_t)fd)),
		KILL_IF("sendto", BITS(0, UINT32_MAX, (scmp_datum_t)fd)),
	};
	scmp_filter_ctx filter;

	filter = new_filter(SCMP_ACT_ALLOW, rules, COUNT(rules));
	return filter == NULL ? -1 : enter(filter);
}

int
sandbox_end_with_parent(void)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

const char *
sandbox_name(void)
{
	return "seccomp";
}

int
sandbox_engine(int capture)
{
	if (capture != -1 && capture_reads_only(capture) == -1)
		return -1;
	return confine(SCMP_ACT_KILL_PROCESS, engine, COUNT(engine));
}

/*
 * No filter: the parent does nearly everything, and its children would inherit
 * it.
 */
int
sandbox_parent(void)
{
	return 0;
}

int
sandbox_resolver(void)
{
	return confine(REFUSE, resolver, COUNT(resolver));
}

int
sandbox_dumper(const int pf[STATEDUMP_FDS])
{
	(void)pf;
	return confine(SCMP_ACT_KILL_PROCESS, dumper, COUNT(dumper));
}

/* Nothing to do: the engine's filter allows no other calls on a socket. */
int
sandbox_socket(int fd)
{
	(void)fd;
	return 0;
}
