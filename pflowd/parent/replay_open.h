/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The beginning of a replay: all that needs the file system, name resolution or
 * root, which it drops.
 */

#ifndef REPLAY_OPEN_H
#define REPLAY_OPEN_H

#include "conf/conf.h"

struct capture;

/* Open the capture, the collectors and the control sockets; or exit. */
struct capture *replay_open(struct conf *, const char *path);

#endif
