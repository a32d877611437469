/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * FreeBSD: capsicum(4).
 */

#include <sys/types.h>
#include <sys/capsicum.h>
#include <sys/ioctl.h>
#include <sys/procctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <net/bpf.h>
#include <net/if.h>
#include <netinet/in.h>
#include <net/pfvar.h>

#include <errno.h>
#include <signal.h>

#include "sandbox.h"
#include "statedump_freebsd.h"

int
sandbox_end_with_parent(void)
{
	int signo = SIGKILL;

	return procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &signo);
}

const char *
sandbox_name(void)
{
	return "capsicum";
}

/*
 * A kernel without capability mode is not an error: that is the administrator's
 * choice, as for programs of the base system, and the empty directory and the
 * user still protect.  Every other failure is an error.
 */
static int
unless_missing(int result)
{
	return result == -1 && errno != ENOSYS ? -1 : 0;
}

/*
 * Make the capture read-only, as bpf(4) sends whatever is written to it as a
 * frame.  libpcap needs the other rights.
 */
static int
capture_reads_only(int fd)
{
	static const cap_ioctl_t calls[] = { BIOCGSTATS, BIOCGETIF,
		BIOCROTZBUF };
	cap_rights_t rights;

	cap_rights_init(&rights, CAP_READ, CAP_EVENT, CAP_IOCTL);
	if (cap_rights_limit(fd, &rights) == -1)
		return -1;
	return cap_ioctls_limit(fd, calls, sizeof(calls) / sizeof(calls[0]));
}

/* Capability mode refuses connect(2) and sending with an address. */
int
sandbox_engine(int capture)
{
	if (capture != -1 && unless_missing(capture_reads_only(capture)) == -1)
		return -1;
	return unless_missing(cap_enter());
}

/* Of pf(4), what reads: statedump_freebsd.c and pfdevice.c. */
static int
pf_reads_only(int fd)
{
	static const cap_ioctl_t calls[] = { FREEBSD_GETSTATESV2,
		FREEBSD_GETSTATES, FREEBSD_GETSTATUSNV, FREEBSD_GETSTATUS,
		DIOCGETTIMEOUT, DIOCGETLIMIT };
	cap_rights_t rights;

	cap_rights_init(&rights, CAP_IOCTL);
	if (cap_rights_limit(fd, &rights) == -1)
		return -1;
	return cap_ioctls_limit(fd, calls, sizeof(calls) / sizeof(calls[0]));
}

/* Questions to netlink are sent without an address. */
static int
netlink_only(int fd)
{
	cap_rights_t rights;

	cap_rights_init(&rights, CAP_SEND, CAP_RECV, CAP_EVENT);
	return cap_rights_limit(fd, &rights);
}

int
sandbox_dumper(const int pf[STATEDUMP_FDS])
{
	if (pf[0] != -1 && unless_missing(pf_reads_only(pf[0])) == -1)
		return -1;
	if (pf[1] != -1 && unless_missing(netlink_only(pf[1])) == -1)
		return -1;
	return unless_missing(cap_enter());
}

/* Capability mode has no paths, no execution of programs and no kill(2). */
int
sandbox_parent(void)
{
	return 0;
}

/*
 * Capability mode excludes getaddrinfo(3) too, which opens files and connects
 * sockets.  casper(3) would move that to another process, but the resolver
 * already is one: it runs as an ordinary user, for one name, and can only
 * return an address.
 */
int
sandbox_resolver(void)
{
	return 0;
}

/*
 * Exclude fcntl(2), which could set an owner for signals or clear O_NONBLOCK
 * for every holder of the socket, as well as a second address and ioctl(2).
 * The parent still sets the dscp and asks for the bound address.
 */
int
sandbox_socket(int fd)
{
	cap_rights_t rights;

	cap_rights_init(&rights, CAP_SEND, CAP_RECV, CAP_ACCEPT, CAP_EVENT,
	    CAP_SHUTDOWN, CAP_GETSOCKNAME, CAP_GETSOCKOPT, CAP_SETSOCKOPT);
	return unless_missing(cap_rights_limit(fd, &rights));
}
