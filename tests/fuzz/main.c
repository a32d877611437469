/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Without a fuzzer: run a harness over files, or over standard input.
 */

#include <err.h>

#include "fuzz.h"

#define INPUT_MAX (1024 * 1024)

static void
run(FILE *file, const char *name)
{
	static uint8_t input[INPUT_MAX];
	size_t len = fread(input, 1, sizeof(input), file);
	uint8_t *copy;

	if (ferror(file))
		err(1, "%s", name);
	copy = fuzz_exact(input, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

int
main(int argc, char *argv[])
{
	FILE *file;
	int i;

	if (argc == 1)
		run(stdin, "standard input");
	for (i = 1; i < argc; i++) {
		if ((file = fopen(argv[i], "rb")) == NULL) {
			warn("%s", argv[i]);
			return 1;
		}
		run(file, argv[i]);
		fclose(file);
	}
	return 0;
}
