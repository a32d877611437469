/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Systems without a sandbox, and the sanitizers, whose own threads, files and
 * system calls none would let pass.
 */

#include "sandbox.h"

int
sandbox_end_with_parent(void)
{
	return 0;
}

const char *
sandbox_name(void)
{
	return "none";
}

int
sandbox_engine(int capture)
{
	(void)capture;
	return 0;
}

int
sandbox_parent(void)
{
	return 0;
}

int
sandbox_dumper(const int pf[STATEDUMP_FDS])
{
	(void)pf;
	return 0;
}

int
sandbox_resolver(void)
{
	return 0;
}

int
sandbox_socket(int fd)
{
	(void)fd;
	return 0;
}
