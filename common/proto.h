/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Names of IP protocols, as in /etc/protocols.  Common names are built in,
 * because that file cannot be read in the chroot.
 */

#ifndef PROTO_H
#define PROTO_H

#include <stddef.h>
#include <stdint.h>

/* Bytes for any name or number, with NUL. */
#define PROTO_NAME 16

/* The name, or the number as text.  Returns buf or a constant. */
const char *proto_name(uint8_t proto, char buf[PROTO_NAME]);

/* The protocol of a name or number; may read /etc/protocols; -1: unknown. */
int proto_number(const char *name);

/* The number of a port of services(5), or of its digits; -1: it is none. */
int proto_port(const char *name);

#endif
