/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The parent of a live engine: it has root, and sees neither packets nor what
 * clients say.
 */

#ifndef PARENT_H
#define PARENT_H

#include "options.h"

/*
 * Start an engine as command line and configuration say, and watch it until a
 * signal says to end.  Returns an exit status.
 */
int parent_main(const struct options *);

#endif
