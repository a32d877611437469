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

#include <errno.h>
#include <signal.h>

#include "sandbox.h"

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
 * A kernel built without capability mode is its administrator's choice, as it
 * is for the programs of the base system: the empty directory and the user are
 * left.  Every other failure is one.
 */
static int
unless_missing(int result)
{
	return result == -1 && errno != ENOSYS ? -1 : 0;
}

/* What is written to bpf(4) leaves as a frame.  The rest is libpcap's. */
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

/* In capability mode a send with an address is refused, and so is connect(2).
 */
int
sandbox_engine(int capture)
{
	if (capture != -1 && unless_missing(capture_reads_only(capture)) == -1)
		return -1;
	return unless_missing(cap_enter());
}

/* Capability mode has no paths, no new processes to run and no kill(2). */
int
sandbox_parent(void)
{
	return 0;
}

/*
 * Nor has it getaddrinfo(3), which opens files and connects sockets.  casper(3)
 * would ask another process, which is what the resolver is already: it runs as
 * an ordinary user, for one name, and all it has to give is an address.
 */
int
sandbox_resolver(void)
{
	return 0;
}

/*
 * No fcntl(2), which could name an owner for signals or clear O_NONBLOCK for
 * whoever has the same socket, no second address, no ioctl(2).  The parent goes
 * on to set the dscp, and asks for what the socket is bound to.
 */
int
sandbox_socket(int fd)
{
	cap_rights_t rights;

	cap_rights_init(&rights, CAP_SEND, CAP_RECV, CAP_ACCEPT, CAP_EVENT,
	    CAP_SHUTDOWN, CAP_GETSOCKNAME, CAP_GETSOCKOPT, CAP_SETSOCKOPT);
	return unless_missing(cap_rights_limit(fd, &rights));
}
