/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * FreeBSD: capsicum(4).
 */

#include <sys/capsicum.h>

#include <errno.h>

#include "sandbox.h"

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
int
sandbox_engine(void)
{
	if (cap_enter() == -1 && errno != ENOSYS)
		return -1;
	return 0;
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
