/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Names of IP protocols, as /etc/protocols has them: the usual ones without
 * that file, which is out of reach in the empty directory.
 */

#ifndef PROTO_H
#define PROTO_H

#include <stddef.h>
#include <stdint.h>

/* Enough for any name and number. */
#define PROTO_NAME 16

/* The name, or the number as text; in buf of PROTO_NAME bytes or constant. */
const char *proto_name(uint8_t proto, char buf[PROTO_NAME]);

/* The protocol of a name or number, with the help of the system; -1: none. */
int proto_number(const char *name);

#endif
