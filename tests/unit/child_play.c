/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>
#include <unistd.h>

#include "child_play.h"

#include "common/msg.h"
#include "pflowd/process/build.h"
#include "pflowd/process/link.h"
#include "pflowd/process/privsep.h"

const char build_id[] = "a build of ours";

static struct msg_conn up;

static void
say(uint32_t type, const void *data, size_t len)
{
	if (msg_send(&up, type, 0, data, len, -1) == -1)
		_exit(2);
}

static void
hello(const char *build)
{
	struct link_hello h = { 0 };

	strlcpy(h.build, build, sizeof(h.build));
	say(MSG_HELLO, &h, sizeof(h));
}

/* Until it is told to stop, or the parent has gone. */
static int
serve(void)
{
	struct msg msg;

	say(MSG_ENGINE_READY, NULL, 0);
	while (msg_receive(&up, &msg) == 1)
		if (msg.type == MSG_ENGINE_STOP)
			return 0;
	return 0;
}

static void
talk(void)
{
	static const struct link_log log;
	int i;

	for (i = 0; i < WORDS; i++)
		say(MSG_ENGINE_LOG, &log, sizeof(log));
}

static void
linger(void)
{
	for (;;)
		pause();
}

int
play(const char *how)
{
	msg_init(&up, PRIVSEP_FD, 65536, 0);
	if (strcmp(how, "early") == 0)
		say(MSG_ENGINE_READY, NULL, 0);
	if (strcmp(how, "mute") == 0)
		linger();
	if (strcmp(how, "dies") == 0)
		return 3;
	hello(strcmp(how, "stranger") == 0 ? "another" : build_id);
	if (strcmp(how, "late") == 0 || strcmp(how, "stranger") == 0)
		linger();
	if (strcmp(how, "twice") == 0)
		hello(build_id);
	if (strcmp(how, "unknown") == 0)
		say(MSG_ENGINE_RELOAD, NULL, 0);
	if (strcmp(how, "short") == 0)
		say(MSG_ENGINE_LOG, "", 1);
	if (strcmp(how, "bytes") == 0 && write(PRIVSEP_FD, how, 5) == 5 &&
	    write(PRIVSEP_FD, "a message, this is not", 22) == 22)
		linger();
	if (strcmp(how, "dogged") == 0)
		say(MSG_ENGINE_READY, NULL, 0);
	if (strcmp(how, "good") == 0)
		return serve();
	if (strcmp(how, "talks") == 0) {
		say(MSG_ENGINE_READY, NULL, 0);
		talk();
		return 0;
	}
	if (strcmp(how, "closes") == 0) {
		say(MSG_ENGINE_READY, NULL, 0);
		close(PRIVSEP_FD);
	}
	if (strcmp(how, "curses") == 0) {
		say(MSG_ENGINE_RELOAD, NULL, 0);
		return 0;
	}
	linger();
	return 0;
}
