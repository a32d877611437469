/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What all systems with pf(4) have in common of statedump.h.
 */

#ifndef PFDEVICE_H
#define PFDEVICE_H

#include <stddef.h>

#include "statedump.h"

/* Open pf(4), as statedump_open() does.  Returns a descriptor, or -1. */
int pfdevice_open(int *later, char *why, size_t whylen);

/* Set the timeouts and the limit of states. */
void pfdevice_settings(int pf, struct statedump_settings *);

#endif
