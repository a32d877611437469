/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A configuration: every error is one line of text; what has none is printed,
 * and means the same when that is read again, and when the engine has taken it.
 * The input is the file.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>

#include "common/msg.h"
#include "fuzz.h"
#include "pflowd/process/conf_link.h"
#include "pflowd/process/link.h"
#include "pflowd/conf/parse.h"
#include "pflowd/conf/printconf.h"

#define FILE_MAX (1024 * 1024) /* that the lexer reads */

/* What was printed. */
struct text {
	size_t len;
	char text[2 * FILE_MAX];
};

static char path[] = "/tmp/pflowd-fuzz.XXXXXX";

static void
remove_file(void)
{
	unlink(path);
}

static void
write_file(const void *data, size_t len)
{
	static int made;
	int fd;

	if (!made) {
		MUST((fd = mkstemp(path)) != -1);
		close(fd);
		atexit(remove_file);
		made = 1;
	}
	fd = open(path, O_WRONLY | O_TRUNC);
	MUST(fd != -1 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

static void
on_error(void *arg, const char *line)
{
	unsigned int *errors = arg;

	(*errors)++;
	MUST(*line != '\0');
	for (; *line != '\0'; line++)
		MUST(((uint8_t)*line >= ' ' || *line == '\t') && *line != 0x7f);
}

static struct conf *
parse(const void *data, size_t len)
{
	const struct parse_define defines[] = { { "dmz", "em2" } };
	unsigned int errors = 0;
	struct conf *conf;

	write_file(data, len);
	conf = parse_conf(path, defines, 1, on_error, &errors);
	MUST((conf == NULL) == (errors > 0) && errors <= PARSE_ERRORS);
	return conf;
}

static void
on_line(void *arg, const char *line)
{
	struct text *t = arg;
	size_t len = strlen(line);

	MUST(len + 1 < sizeof(t->text) - t->len);
	memcpy(t->text + t->len, line, len);
	t->text[t->len + len] = '\n';
	t->len += len + 1;
}

static void
print(const struct conf *conf, struct text *t)
{
	t->len = 0;
	printconf(conf, on_line, t);
}

/* The two are the same, and print the same. */
static void
compare(const struct conf *a, const struct conf *b, const struct text *text)
{
	static struct text again;
	unsigned int i;

	MUST(b != NULL);
	print(b, &again);
	MUST(again.len == text->len &&
	    memcmp(again.text, text->text, text->len) == 0);
	MUST(conf_same_rules(a, b));
	for (i = 0; i < a->ncollectors; i++)
		MUST(conf_same_collector(&a->collectors[i], &b->collectors[i]));
}

/* From a parent to an engine. */
static struct conf *
carry(const struct conf *conf)
{
	static struct msg_conn from, to;
	struct conf *copy = NULL;
	struct msg msg;
	int ends[2], done = 0;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	MUST(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
	MUST(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
	msg_init(&from, ends[0], LINK_PARENT_QUEUE, 0);
	msg_init(&to, ends[1], 0, 1);
	MUST(conf_link_put(&from, conf) == 0);
	while (done == 0) {
		MUST(msg_write(&from) != -1 && msg_read(&to) == 1);
		while (done == 0 && msg_get(&to, &msg) == 1) {
			done = conf_link_receive(&copy, &msg);
			msg_discard(&msg);
		}
	}
	MUST(done == 1);
	msg_close(&from);
	msg_close(&to);
	return copy;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct text text;
	struct conf *conf, *again;
	int fds = fuzz_fds();

	if ((conf = parse(data, len)) != NULL) {
		print(conf, &text);
		again = carry(conf);
		compare(conf, again, &text);
		conf_free(again);
		if (text.len <= FILE_MAX) {
			again = parse(text.text, text.len);
			compare(conf, again, &text);
			conf_free(again);
		}
		conf_free(conf);
	}
	MUST(fuzz_fds() == fds);
	return 0;
}
