/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A configuration as text, in canonical form: parsed and printed again, it is
 * the same.
 */

#ifndef PRINTCONF_H
#define PRINTCONF_H

struct conf;
struct record_policy;

/* Receives one line, without newline; the text is the caller's. */
typedef void printconf_line(void *arg, const char *text);

/* Print the configuration as pflowd.conf has it, defaults included. */
void printconf(const struct conf *, printconf_line *, void *arg);

/* Print comments on values in force that are not in the file: pf's timeouts. */
void printconf_timeouts(const struct record_policy *, printconf_line *,
    void *arg);

#endif
