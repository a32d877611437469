/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The parent, before an engine that is an enemy's by now: it says anything, at
 * any time, with descriptors.  The input is a list of what it does next.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <event2/event.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "fuzz.h"
#include "pflowd/process/build.h"
#include "pflowd/process/ledger.h"
#include "pflowd/process/conf_link.h"
#include "pflowd/parent/parent_local.h"
#include "pflowd/parent/reload.h"
#include "pflowd/process/watch.h"

#define DEEDS 64
#define LINES 3 /* that it may log at once */
#define TURNS 4 /* of the loop: what a deed sends is read in one */

/* Nobody has this number, so nobody is killed. */
#define NOBODY INT_MAX

const char build_id[] = "fuzz";

static char dir[] = "/tmp/pflowd-fuzz.XXXXXX";
static char file[sizeof(dir) + 8], path[sizeof(dir) + 8];
static const struct cmdline cmdline = { .file = file,
	.socket = path,
	.file_given = 1,
	.debug = 1 };
static struct parent parent;
static struct msg_conn engine;
static struct conf *taken; /* by the engine, as far as it has come */

static const size_t sizes[MSG_RESOLVE_ADDR + 1] = {
	[MSG_HELLO] = sizeof(struct link_hello),
	[MSG_ENGINE_READY] = sizeof(struct link_capture),
	[MSG_ENGINE_ABSENT] = sizeof(struct link_capture),
	[MSG_ENGINE_LOG] = sizeof(struct link_log),
	[MSG_ENGINE_VERBOSE] = sizeof(struct link_verbose),
	[MSG_ENGINE_DOWN] = sizeof(struct link_down),
};

static void
remove_files(void)
{
	unlink(file);
	rmdir(dir);
}

static void
make_files(void)
{
	static const char text[] = "source pfsync\n"
				   "collector 127.0.0.1\n"
				   "export in\n";
	FILE *f;

	MUST(mkdtemp(dir) != NULL);
	snprintf(file, sizeof(file), "%s/conf", dir);
	snprintf(path, sizeof(path), "%s/sock", dir);
	MUST((f = fopen(file, "w")) != NULL && fputs(text, f) >= 0);
	fclose(f);
	atexit(remove_files);
	signal(SIGPIPE, SIG_IGN);
	log_to(fuzz_log, NULL);
}

static void
on_error(void *arg, const char *text)
{
	(void)arg;
	(void)text;
	MUST(!"an error in the configuration");
}

static void
on_event(void *arg)
{
	(void)arg;
}

/* As parent.c does it. */
static void
begin(struct parent *p)
{
	int ends[2];

	memset(p, 0, sizeof(*p));
	p->cmdline = &cmdline;
	/* A run is too short for more of them. */
	p->lines = (struct allowance){ LINES, 20, LINES, clock_us() };
	p->reloads = (struct allowance){ 500, 50, 500, clock_us() };
	p->capture = p->pidfile = p->flows_fd = p->tracked_before = -1;
	LIST_INIT(&p->children);
	MUST((p->conf = reload_conf(&cmdline, NULL, on_error, NULL)) != NULL);
	MUST((p->ledger = ledger_create()) != -1);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	MUST(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
	msg_init(&engine, ends[1], LINK_ENGINE_QUEUE, 1);
	MUST((p->base = event_base_new()) != NULL);
	MUST(child_init(&p->engine, &p->children, p->base, &parent_engine_kind,
		 p) == 0);
	p->resolver = resolver_new(p->base, &p->children, parent_found_address,
	    p);
	p->poll = watch_timer(p->base, on_event, p);
	p->again = watch_timer(p->base, on_event, p);
	MUST(p->resolver != NULL && p->poll != NULL && p->again != NULL);
	MUST(parent_refuse_init(p) == 0);
	child_attach(&p->engine, NOBODY, ends[0]);
}

static void
end(struct parent *p)
{
	msg_close(&engine);
	conf_free(taken);
	taken = NULL;
	watch_free(p->poll);
	watch_free(p->again);
	watch_free(p->refuse);
	child_free(&p->engine);
	resolver_free(p->resolver);
	event_base_free(p->base);
	reload_free(p->conf, NULL);
	close(p->ledger);
	if (p->capture != -1)
		close(p->capture);
}

static void
say_bytes(struct bytes *in)
{
	uint8_t raw[255];
	size_t n = fuzz_u8(in);

	fuzz_copy(in, raw, n);
	if (write(engine.fd, raw, n) == -1)
		MUST(errno == EAGAIN || errno == EPIPE);
}

static void
say_message(struct bytes *in, int with_fd)
{
	uint8_t data[MSG_DATA];
	uint8_t type = fuzz_u8(in) % (MSG_RESOLVE_ADDR + 1);
	uint8_t id = fuzz_u8(in);
	size_t len = id == UINT8_MAX ? fuzz_u8(in) : sizes[type];

	fuzz_copy(in, data, len);
	if (msg_put(&engine, type, id, data, len,
		with_fd ? parent.ledger : -1) == 0)
		msg_write(&engine);
}

/* What the parent says is good, whatever was said to it. */
static void
check_word(struct msg *msg)
{
	int done;

	switch (msg->type) {
	case MSG_LEDGER:
	case MSG_TRACKED_BEFORE:
	case MSG_TRACKED:
	case MSG_OLD_CAPTURE:
		MUST(msg->fd != -1 && msg->len == 0);
		break;
	case MSG_COLLECTOR_SOCKET:
		MUST(msg->fd != -1 && msg->len == sizeof(struct link_socket));
		break;
	case MSG_RELOAD_DONE:
		MUST(msg->len == sizeof(struct link_done));
		break;
	case MSG_PARENT_WARNING:
		MUST(msg->len == sizeof(struct link_warning));
		break;
	default:
		MUST((done = conf_link_receive(&taken, msg)) != -1);
		if (done == 0)
			break;
		conf_free(taken);
		taken = NULL;
	}
	msg_discard(msg);
}

static void
listen_to_parent(void)
{
	struct msg msg;

	while (msg_read(&engine) == 1)
		while (msg_get(&engine, &msg) == 1)
			check_word(&msg);
}

/* Its state changes by the rules alone. */
static void
let_parent_read(struct parent *p)
{
	enum child_state before = p->engine.state;
	enum child_state now;
	int turns;

	for (turns = 0; turns < TURNS; turns++)
		event_base_loop(p->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	now = p->engine.state;
	MUST(now >= CHILD_KILLED && now <= CHILD_RUNNING);
	MUST(now == CHILD_KILLED || now >= before);
	MUST(now != CHILD_RUNNING ||
	    (p->was_ready && !p->engine.link.takes_fds));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes in = { data, len };
	int fds, deeds;

	if (file[0] == '\0')
		make_files();
	fds = fuzz_fds();
	begin(&parent);
	for (deeds = 0; in.left > 0 && deeds < DEEDS; deeds++) {
		uint8_t what = fuzz_u8(&in);

		if (what % 4 == 0)
			say_bytes(&in);
		else if (what % 4 == 1)
			say_message(&in, what & 0x80);
		else if (what % 4 == 2)
			listen_to_parent();
		else if (what == UINT8_MAX)
			shutdown(engine.fd, SHUT_RDWR);
		let_parent_read(&parent);
	}
	end(&parent);
	MUST(fuzz_fds() == fds);
	return 0;
}
