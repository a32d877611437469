/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The accounting as lines of text: every row of it, zeros included.
 */

#ifndef SUMMARY_H
#define SUMMARY_H

struct meter;

/* Takes one line, without a newline; the text is the caller's. */
typedef void summary_line(const char *text);

/* Of the engine and each of its collectors. */
void summary(struct meter *, summary_line *);

/* Lines for stderr, and for the log. */
void summary_to_stderr(const char *text);
void summary_to_log(const char *text);

#endif
