/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The engine over a capture: in the foreground, on the capture's own time.
 */

#ifndef REPLAY_H
#define REPLAY_H

#include "conf.h"

#define REPLAY_RATE 20000 /* datagrams a second to a collector, by default */

/*
 * Replay the capture at path, or standard input if that is "-", into the
 * collectors of conf, which is freed; without any, print the flows.  Returns
 * an exit status.
 */
int replay_main(struct conf *, const char *path);

#endif
