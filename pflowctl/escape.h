/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Escaping of text from pflowd, part of which comes from the network.  Text
 * ends at its NUL or after size bytes.
 */

#ifndef ESCAPE_H
#define ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/* For a terminal: write other bytes than printable ASCII as question marks. */
void escape_text(FILE *, const char *text, size_t size);

/* The same in place; the text is cut at size - 1 bytes. */
void escape_in_place(char *text, size_t size);

/*
 * As escape_text(), folded between words at 80 columns.  The text starts at
 * column; further lines are indented.
 */
void escape_folded(FILE *, const char *text, size_t size, size_t column,
    size_t indent);

/* As escape_text(), but keep tabs. */
void escape_line(FILE *, const char *text, size_t size);

/* Write a JSON string with quotes. */
void escape_json(FILE *, const char *text, size_t size);

/* Write the value of a label of Prometheus with quotes. */
void escape_label(FILE *, const char *text, size_t size);

#endif
