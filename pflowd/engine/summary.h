/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The accounting as lines of text: every row of it, zeros included.
 */

#ifndef SUMMARY_H
#define SUMMARY_H

struct meter;

/* Receives one line, without newline; the text is the caller's. */
typedef void summary_line(const char *text);

/* Summarize the counters of the engine and each collector. */
void summary(struct meter *, summary_line *);

/* Write a line to stderr, or to the log. */
void summary_to_stderr(const char *text);
void summary_to_log(const char *text);

#endif
