/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Compiled when pflowd is linked, with BUILD_ID a checksum of its objects.
 */

#include "build.h"

const char build_id[] = BUILD_ID;
