/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What a path takes, as far as the system knows: pathmtu_linux.c,
 * pathmtu_bsd.c or pathmtu_none.c, as configure finds IP_MTU or the data of
 * interfaces.
 */

#ifndef PATHMTU_H
#define PATHMTU_H

#include <stdint.h>

/*
 * Bytes of the largest packet that goes from a connected socket to its peer in
 * one piece, IP header included; 0: not known.
 */
uint16_t pathmtu_ask(int fd);

#endif
