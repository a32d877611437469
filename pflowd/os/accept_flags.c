/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * accept4(2) sets the flags: a sandboxed process may not set them later.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>

#include "accept.h"

int
accept_client(int listener)
{
	return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
