/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * OpenBSD: pledge(2) and unveil(2).
 */

#include <unistd.h>

#include "sandbox.h"

int
sandbox_end_with_parent(void)
{
	return 0;
}

const char *
sandbox_name(void)
{
	return "pledge";
}

/*
 * recvfd: sockets come from the parent.  unix: control clients are accepted.
 * bpf: the kernel's counters of the capture (BIOCGSTATS and no other request).
 * stdio: the log, and sending on a connected UDP socket, which accepts no other
 * address.  Even the empty directory is hidden.
 */
int
sandbox_engine(int capture)
{
	(void)capture;
	if (unveil("/", "") == -1 || unveil(NULL, NULL) == -1)
		return -1;
	return pledge("stdio recvfd unix bpf", NULL);
}

/*
 * rpath, getpw: the configuration and its includes may be anywhere, so nothing
 * is unveiled.  wpath, cpath, flock: the pid file.  unix, cpath, fattr, chown:
 * create, chgrp and remove the control socket.  inet, sendfd: open collectors'
 * sockets and pass them to the engine; inet also allows listing interfaces.
 * route: check whether an interface is up.  proc, exec: children, which pledge
 * for themselves.
 */
int
sandbox_parent(void)
{
	return pledge("stdio rpath wpath cpath fattr chown flock inet route "
		      "unix getpw sendfd proc exec",
	    NULL);
}

/*
 * No promise allows DIOCGETSTATES (pledge_ioctl() in kern_pledge.c), and a
 * process that asks all the same is killed.  What remains are the user, the
 * empty directory and unveil.
 */
int
sandbox_dumper(const int pf[STATEDUMP_FDS])
{
	(void)pf;
	return unveil("/", "") == -1 || unveil(NULL, NULL) == -1 ? -1 : 0;
}

int
sandbox_resolver(void)
{
	return pledge("stdio dns", NULL);
}

int
sandbox_socket(int fd)
{
	(void)fd;
	return 0;
}
