/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Text of pflowd's, some of which was on the wire, so that it is nothing but
 * text where it is written.  It ends at its NUL or after size bytes.
 */

#ifndef ESCAPE_H
#define ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/* For a terminal: what is not printable ASCII is a question mark. */
void escape_text(FILE *, const char *text, size_t size);

/*
 * The same from this column on, where text of more than 80 columns goes on
 * below, as far in as indent, from a word to the next one.
 */
void escape_folded(FILE *, const char *text, size_t size, size_t column,
    size_t indent);

/* As escape_text(), but tabs stay. */
void escape_line(FILE *, const char *text, size_t size);

/* A string of JSON, in its quotes. */
void escape_json(FILE *, const char *text, size_t size);

/* The value of an OpenMetrics label, in its quotes. */
void escape_label(FILE *, const char *text, size_t size);

#endif
