/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The MTU of a path, as far as the system knows it.  configure chooses
 * pathmtu_linux.c (IP_MTU), pathmtu_bsd.c (the interface's MTU) or
 * pathmtu_none.c.
 */

#ifndef PATHMTU_H
#define PATHMTU_H

#include <stdint.h>

/*
 * Bytes of the largest packet, with IP header, that a connected socket can send
 * to its peer without fragmentation; 0: not known.
 */
uint16_t pathmtu_ask(int fd);

#endif
