/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The engine over a capture: in the foreground, on the capture's own time.
 */

#ifndef REPLAY_H
#define REPLAY_H

#include "conf/conf.h"

/*
 * Replay the capture at path, or standard input if path is "-", to the
 * collectors of conf; without collectors, print the flows.  Frees conf.
 * Returns an exit status.
 */
int replay_main(struct conf *, const char *path);

#endif
