/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Which binary this is: parent and children must be of one build, as
 * their messages are not versioned.
 */

#ifndef BUILD_H
#define BUILD_H

extern const char build_id[];

#endif
