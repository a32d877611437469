/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Preloaded into pflowd on Linux with the GNU C library: a clock that is set,
 * memory that is refused and a capture that has lost its interface, as the file
 * that FAULTS names says.  It is mapped when a process starts, so that a
 * confined engine sees what changes, too.
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The parent and whatever else has no role is the first process. */
#define PROCESSES 2
#define ENGINE 1

struct process {
	int64_t fail; /* the allocation of this number from now; 0: none */
	int64_t allocations; /* so far */
	int64_t blocks;	     /* allocated, and not freed */
	int64_t failed;	     /* allocations */
};

struct faults {
	int64_t clock_ms; /* ahead of the system's */
	struct process process[PROCESSES];
	int64_t detached;  /* captures have lost their interface, unseen */
	int64_t uptime_ms; /* ahead of the clock that is never set */
};

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

static struct faults *faults;
static struct process *self;
static int inside; /* a function that is refused whole, or not */

__attribute__((constructor)) static void
begin(int argc, char *argv[])
{
	const char *path = getenv("FAULTS");
	void *p;
	int fd;

	if (path == NULL || (fd = open(path, O_RDWR | O_CLOEXEC)) == -1)
		return;
	p = mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	close(fd);
	if (p == MAP_FAILED)
		return;
	faults = p;
	self = &faults->process[argc == 3 && strcmp(argv[2], "engine") == 0 ?
		ENGINE :
		0];
}

/* The clock. */

/* By how much this clock is ahead of the system's. */
static int64_t
shift_ms(clockid_t clock)
{
	if (faults == NULL)
		return 0;
	if (clock == CLOCK_REALTIME)
		return faults->clock_ms;
	/* libevent's, too */
	if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE)
		return faults->uptime_ms;
	return 0;
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	int64_t us;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	if (real(clock, ts) == -1)
		return -1;
	if (shift_ms(clock) != 0) {
		us = (int64_t)ts->tv_sec * 1000000 + ts->tv_nsec / 1000 +
		    shift_ms(clock) * 1000;
		ts->tv_sec = (time_t)(us / 1000000);
		ts->tv_nsec = (long)(us % 1000000 * 1000);
	}
	return 0;
}

time_t
time(time_t *t)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (t != NULL)
		*t = ts.tv_sec;
	return ts.tv_sec;
}

/* The kernel's time of a frame is of the same clock. */
int
pcap_next_ex(pcap_t *pcap, struct pcap_pkthdr **header, const u_char **data)
{
	static int (*real)(pcap_t *, struct pcap_pkthdr **, const u_char **);
	int64_t us;
	int n;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "pcap_next_ex");
	n = real(pcap, header, data);
	if (n == 1) {
		us = (int64_t)(*header)->ts.tv_sec * 1000000 +
		    (*header)->ts.tv_usec + shift_ms(CLOCK_REALTIME) * 1000;
		(*header)->ts.tv_sec = (time_t)(us / 1000000);
		(*header)->ts.tv_usec = (suseconds_t)(us % 1000000);
	}
	return n;
}

/* The capture. */

int
getsockname(int fd, struct sockaddr *name, socklen_t *len)
{
	static int (*real)(int, struct sockaddr *, socklen_t *);
	struct sockaddr_ll ll;
	int result;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "getsockname");
	result = real(fd, name, len);
	if (result == 0 && faults != NULL && faults->detached &&
	    name->sa_family == AF_PACKET) {
		memcpy(&ll, name, sizeof(ll));
		ll.sll_ifindex = -1;
		memcpy(name, &ll, sizeof(ll));
	}
	return result;
}

/* Memory.  What is counted is the address, so a program may free any. */

static int
refused(void)
{
	if (self == NULL || inside)
		return 0;
	self->allocations++;
	if (self->fail == 0 || --self->fail > 0)
		return 0;
	self->failed++;
	errno = ENOMEM;
	return 1;
}

static void *
counted(void *p)
{
	if (self != NULL && p != NULL)
		self->blocks++;
	return p;
}

void *
malloc(size_t size)
{
	return refused() ? NULL : counted(__libc_malloc(size));
}

void *
calloc(size_t n, size_t size)
{
	return refused() ? NULL : counted(__libc_calloc(n, size));
}

void *
realloc(void *old, size_t size)
{
	void *p;

	if (refused())
		return NULL;
	p = __libc_realloc(old, size);
	return old == NULL ? counted(p) : p;
}

void
free(void *p)
{
	if (self != NULL && p != NULL)
		self->blocks--;
	__libc_free(p);
}

/*
 * Some of the C library's own do not outlive a refusal (nss_database.c): each
 * is refused as a whole.
 */

struct passwd *
getpwnam(const char *name)
{
	static struct passwd *(*real)(const char *);
	struct passwd *pw;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "getpwnam");
	if (refused())
		return NULL;
	inside++;
	pw = real(name);
	inside--;
	return pw;
}

/* Nor does libpcap's (1.10.3, pcap_compile), which cannot be refused well. */
int
pcap_compile(pcap_t *pcap, struct bpf_program *program, const char *text,
    int optimize, bpf_u_int32 mask)
{
	static int (*real)(pcap_t *, struct bpf_program *, const char *, int,
	    bpf_u_int32);
	int result;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "pcap_compile");
	inside++;
	result = real(pcap, program, text, optimize, mask);
	inside--;
	return result;
}

int
getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
    struct addrinfo **list)
{
	static int (*real)(const char *, const char *, const struct addrinfo *,
	    struct addrinfo **);
	int error;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (refused())
		return EAI_MEMORY;
	inside++;
	error = real(host, service, hints, list);
	inside--;
	return error;
}

/*
 * libseccomp (2.5.4) loads a filter without the rules that it had no memory for
 * then, and the process ends at its next call.  No header of it is needed here.
 */
int seccomp_load(const void *filter);

int
seccomp_load(const void *filter)
{
	static int (*real)(const void *);
	int result;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "seccomp_load");
	if (refused())
		return -ENOMEM;
	inside++;
	result = real(filter);
	inside--;
	return result;
}
