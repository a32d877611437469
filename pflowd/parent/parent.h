/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The parent of a live engine: it has root, and sees neither packets nor what
 * clients say.
 */

#ifndef PARENT_H
#define PARENT_H

#include "conf/cmdline.h"

/*
 * Start an engine with this command line and its configuration, and supervise
 * it until a signal ends the program.  Returns an exit status.
 */
int parent_main(const struct cmdline *);

#endif
