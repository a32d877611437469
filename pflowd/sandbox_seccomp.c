/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: seccomp(2).
 */

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <unistd.h>

#include "sandbox.h"
#include "sandbox_seccomp.h"

enum test {
	ALWAYS,
	EQUAL,	 /* the argument is the value */
	WITH,	 /* it has one of these bits */
	WITHOUT, /* it has none of them */
	OWN_PID	 /* it is this process */
};

struct rule {
	int call;
	enum test test;
	unsigned int arg;
	uint32_t value;
	uint32_t action;
};

/* What nobody has a reason to try ends the process, core and all. */
#define KILL_IT SECCOMP_RET_KILL_PROCESS
#define REFUSE_IT (SECCOMP_RET_ERRNO | EPERM)

#define ALLOW(name)                                          \
	{                                                    \
		__NR_##name, ALWAYS, 0, 0, SECCOMP_RET_ALLOW \
	}
#define ALLOW_IF(name, arg, test, value)                         \
	{                                                        \
		__NR_##name, test, arg, value, SECCOMP_RET_ALLOW \
	}
#define REFUSE(name)                                 \
	{                                            \
		__NR_##name, ALWAYS, 0, 0, REFUSE_IT \
	}
#define REFUSE_IF(name, arg, test, value)                \
	{                                                \
		__NR_##name, test, arg, value, REFUSE_IT \
	}
#define KILL(name)                                 \
	{                                          \
		__NR_##name, ALWAYS, 0, 0, KILL_IT \
	}
#define KILL_IF(name, arg, test, value)                \
	{                                              \
		__NR_##name, test, arg, value, KILL_IT \
	}

/* What opening a file for other things than reading has among its flags. */
#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC)

/* The first rule that fits decides: the busiest calls come first. */
static const struct rule engine[] = {
	ALLOW(sendmmsg),
	ALLOW(epoll_wait),
	ALLOW(epoll_pwait),
	ALLOW(epoll_pwait2),
	ALLOW(poll),
	ALLOW(ppoll),
	ALLOW(read),
	ALLOW(write),
	ALLOW(timerfd_settime),
	ALLOW(epoll_ctl),
	ALLOW(clock_gettime),
	ALLOW(gettimeofday),
	ALLOW(time),

	/* Sockets that are open, and clients. */
	ALLOW(sendto),
	ALLOW(sendmsg),
	ALLOW(recvfrom),
	ALLOW(recvmsg),
	ALLOW(accept),
	ALLOW(accept4),
	ALLOW(shutdown),
	ALLOW(getsockopt),
	ALLOW(getsockname),
	ALLOW(getpeername),

	/* Descriptors. */
	ALLOW(readv),
	ALLOW(writev),
	ALLOW(close),
	ALLOW(dup),
	ALLOW(dup2),
	ALLOW(dup3),
	ALLOW(fcntl),
	ALLOW(lseek),
	ALLOW(fstat),
	ALLOW_IF(newfstatat, 3, EQUAL, AT_EMPTY_PATH),

	/* Memory, none of it to be run. */
	ALLOW(brk),
	ALLOW_IF(mmap, 2, WITHOUT, PROT_EXEC),
	ALLOW_IF(mprotect, 2, WITHOUT, PROT_EXEC),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(madvise),

	/* This process: its end by abort(3), too. */
	ALLOW(futex),
	ALLOW(rt_sigaction),
	ALLOW(rt_sigprocmask),
	ALLOW(rt_sigreturn),
	ALLOW(restart_syscall),
	ALLOW(getpid),
	ALLOW(gettid),
	ALLOW(getuid),
	ALLOW(geteuid),
	ALLOW(getgid),
	ALLOW(getegid),
	ALLOW(getrandom),
	ALLOW(sched_yield),
	ALLOW(sysinfo), /* qsort(3) */
	ALLOW(exit),
	ALLOW(exit_group),
	ALLOW_IF(tgkill, 0, OWN_PID, 0),

	/* stdio on a terminal; libpcap when an interface has gone. */
	ALLOW_IF(ioctl, 1, EQUAL, TCGETS),
	ALLOW_IF(ioctl, 1, EQUAL, TIOCGWINSZ),
	ALLOW_IF(ioctl, 1, EQUAL, FIONREAD),
	ALLOW_IF(ioctl, 1, EQUAL, FIONBIO),
	REFUSE(ioctl),

	/*
	 * What libraries try and can do without: syslog(3) to find a daemon
	 * that was restarted, libpcap to read /sys and to give its ring back
	 * before it closes, libc to name its memory.
	 */
	REFUSE(open),
	REFUSE(openat),
	REFUSE(access),
	REFUSE(faccessat),
	REFUSE(stat),
	REFUSE(lstat),
	REFUSE(newfstatat),
	REFUSE(statx),
	REFUSE(readlink),
	REFUSE(readlinkat),
	REFUSE(socket),
	REFUSE(connect),
	REFUSE(bind),
	REFUSE(setsockopt),
	REFUSE(prctl),
};

/*
 * What getaddrinfo(3) needs is up to the modules of nsswitch.conf(5): any
 * library, file and socket.  So this names what must not be: other programs
 * and processes, other privileges, and anything written to a file system.
 */
static const struct rule resolver[] = {
	KILL(execve),
	KILL(execveat),
	KILL(fork),
	KILL(vfork),
	KILL_IF(clone, 0, WITHOUT, CLONE_THREAD),
	{ __NR_clone3, ALWAYS, 0, 0, SECCOMP_RET_ERRNO | ENOSYS },
	KILL(unshare),
	KILL(setns),
	KILL(kill),
	KILL(tkill),
	ALLOW_IF(tgkill, 0, OWN_PID, 0),
	KILL(tgkill),
	KILL(rt_sigqueueinfo),
	KILL(rt_tgsigqueueinfo),
	KILL(pidfd_open),
	KILL(pidfd_getfd),
	KILL(pidfd_send_signal),
	KILL(ptrace),
	KILL(process_vm_readv),
	KILL(process_vm_writev),
	KILL(kcmp),

	KILL(setuid),
	KILL(setgid),
	KILL(setreuid),
	KILL(setregid),
	KILL(setresuid),
	KILL(setresgid),
	KILL(setgroups),
	KILL(setfsuid),
	KILL(setfsgid),
	KILL(capset),
	KILL(chroot),
	KILL(pivot_root),
	KILL(mount),
	KILL(umount2),
	KILL(open_tree),
	KILL(move_mount),
	KILL(fsopen),
	KILL(fsconfig),
	KILL(fsmount),
	KILL(mount_setattr),

	KILL(bpf),
	KILL(perf_event_open),
	KILL(userfaultfd),
	KILL(io_uring_setup),
	KILL(io_uring_enter),
	KILL(io_uring_register),
	KILL(add_key),
	KILL(request_key),
	KILL(keyctl),
	KILL(init_module),
	KILL(finit_module),
	KILL(delete_module),
	KILL(kexec_load),
	KILL(kexec_file_load),
	KILL(reboot),
	KILL(swapon),
	KILL(swapoff),
	KILL(settimeofday),
	KILL(clock_settime),
	KILL(adjtimex),
	KILL(clock_adjtime),
	KILL(sethostname),
	KILL(setdomainname),
	KILL(personality),
	KILL(listen),
	KILL(accept),
	KILL(accept4),

	REFUSE_IF(open, 1, WITH, WRITING),
	REFUSE_IF(openat, 2, WITH, WRITING),
	{ __NR_openat2, ALWAYS, 0, 0, SECCOMP_RET_ERRNO | ENOSYS },
	REFUSE(creat),
	REFUSE(truncate),
	REFUSE(unlink),
	REFUSE(unlinkat),
	REFUSE(rename),
	REFUSE(renameat),
	REFUSE(renameat2),
	REFUSE(link),
	REFUSE(linkat),
	REFUSE(symlink),
	REFUSE(symlinkat),
	REFUSE(mkdir),
	REFUSE(mkdirat),
	REFUSE(rmdir),
	REFUSE(mknod),
	REFUSE(mknodat),
	REFUSE(chmod),
	REFUSE(fchmod),
	REFUSE(fchmodat),
	REFUSE(fchmodat2),
	REFUSE(chown),
	REFUSE(lchown),
	REFUSE(fchown),
	REFUSE(fchownat),
	REFUSE(utimensat),
	REFUSE(setxattr),
	REFUSE(lsetxattr),
	REFUSE(fsetxattr),
};

#define COUNT(rules) (sizeof(rules) / sizeof((rules)[0]))

#define SECOND_SET 0x40000000U

#define FRAME 7 /* instructions around the rules */
#define LONGEST_RULE 5
#define LIMIT 1024

_Static_assert(COUNT(engine) * LONGEST_RULE + FRAME <= LIMIT, "engine");
_Static_assert(COUNT(resolver) * LONGEST_RULE + FRAME <= LIMIT, "resolver");

struct program {
	struct sock_filter code[LIMIT];
	unsigned short length;
};

static void
load(struct program *p, size_t offset)
{
	const struct sock_filter load = BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    (uint32_t)offset);

	p->code[p->length++] = load;
}

/* Go on, or skip instructions, by the outcome. */
static void
branch(struct program *p, unsigned short how, uint32_t value,
    uint8_t skip_if_true, uint8_t skip_if_false)
{
	const struct sock_filter jump = BPF_JUMP(BPF_JMP | how | BPF_K, value,
	    skip_if_true, skip_if_false);

	p->code[p->length++] = jump;
}

static void
decide(struct program *p, uint32_t action)
{
	const struct sock_filter decision = BPF_STMT(BPF_RET | BPF_K, action);

	p->code[p->length++] = decision;
}

/* The number of the call is loaded, before and after. */
static void
add_rule(struct program *p, const struct rule *r)
{
	if (r->call == SANDBOX_ABSENT)
		return;
	branch(p, BPF_JEQ, (uint32_t)r->call, 0, r->test == ALWAYS ? 1 : 4);
	if (r->test == ALWAYS) {
		decide(p, r->action);
		return;
	}
	load(p, SANDBOX_ARG(r->arg));
	if (r->test == WITHOUT)
		branch(p, BPF_JSET, r->value, 1, 0);
	else if (r->test == WITH)
		branch(p, BPF_JSET, r->value, 0, 1);
	else if (r->test == OWN_PID)
		branch(p, BPF_JEQ, (uint32_t)getpid(), 0, 1);
	else
		branch(p, BPF_JEQ, r->value, 0, 1);
	decide(p, r->action);
	load(p, offsetof(struct seccomp_data, nr));
}

/*
 * A number means nothing without its architecture: every other one ends the
 * process, and so does x32's second set of numbers on x86-64.
 */
static void
assemble(struct program *p, const struct rule *rules, size_t n, uint32_t other)
{
	size_t i;

	p->length = 0;
	load(p, offsetof(struct seccomp_data, arch));
	branch(p, BPF_JEQ, SANDBOX_ARCH, 1, 0);
	decide(p, KILL_IT);
	load(p, offsetof(struct seccomp_data, nr));
	branch(p, BPF_JGE, SECOND_SET, 0, 1);
	decide(p, KILL_IT);
	for (i = 0; i < n; i++)
		add_rule(p, &rules[i]);
	decide(p, other);
}

/*
 * A kernel built without seccomp, and an emulator of one, say ENOSYS: there
 * the empty directory and the user are left.  Every other failure is one.
 */
static int
enter(struct program *p)
{
	struct sock_fprog filter = { p->length, p->code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == -1 &&
	    errno != ENOSYS)
		return -1;
	return 0;
}

const char *
sandbox_name(void)
{
	return "seccomp";
}

int
sandbox_engine(void)
{
	static struct program p;

	assemble(&p, engine, COUNT(engine), KILL_IT);
	return enter(&p);
}

/* It does nearly all there is to do, and a filter would be its children's. */
int
sandbox_parent(void)
{
	return 0;
}

/* What is not named passes: a new kernel's calls, too. */
int
sandbox_resolver(void)
{
	static struct program p;

	assemble(&p, resolver, COUNT(resolver), SECCOMP_RET_ALLOW);
	return enter(&p);
}
