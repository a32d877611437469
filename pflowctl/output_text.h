/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The parts of the text format: tables, blocks of lines, counters, and the
 * summary.  Tables of items list the fields that are shown.
 */

#ifndef OUTPUT_TEXT_H
#define OUTPUT_TEXT_H

#include <stdint.h>
#include <stdio.h>

#include "common/flowline.h"
#include "output.h"

#define TEXT_SUM 8 /* maximum of further fields in a sum */

/* A line or column that shows a field of a row, or the sum of several. */
struct item {
	const char *label; /* NULL: end of the table */
	const char *key;
	const char *zero; /* instead of 0 or no value; "": omit the line */
	const char *add[TEXT_SUM]; /* more keys, to be added */
};

/* Write a time in ms since the epoch, without the milliseconds. */
void text_time(uint64_t time, char buf[FLOWLINE_TIME]);

/* Write a number of bytes, in units of 1000. */
#define TEXT_BYTES 32
void text_bytes(uint64_t bytes, char buf[TEXT_BYTES]);

/* Print a table with a line of labels and a line for each row. */
void text_table(FILE *, const struct rows *, const struct item *columns);

/* Print a block for each row: its name, and a line for each item. */
void text_blocks(FILE *, const struct rows *, const struct item *lines);

/* Print all counters of each row. */
void text_counters(FILE *, const struct rows *);

/* Print rows that are lines of text. */
void text_lines(FILE *, const struct rows *);

/* Print the status of pflowd, without its collectors. */
void text_summary(FILE *, const struct answer *);

#endif
