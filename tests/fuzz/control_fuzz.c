/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Clients of the control sockets, who may say anything: what they get is
 * messages of ctl.h, and all of them go.  The input is a list of what each of
 * them, and the meter, does next.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <event2/event.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "common/ctl.h"
#include "common/msg.h"
#include "fuzz_meter.h"
#include "pflowd/engine/control_local.h"

#define CLIENTS 4 /* two of each socket */
#define DEEDS 64
#define LOOPS 4 /* of the meter, after each: more than it needs */

struct peer {
	struct msg_conn conn; /* fd -1: not connected */
	unsigned int requests;
	unsigned int ends;
};

static struct meter meter;
static struct control *control;
static struct peer peers[CLIENTS];
static uint32_t reload; /* the id of the last that was asked for */
static char dir[] = "/tmp/pflowd-fuzz.XXXXXX";
static const char *const paths[CONF_SOCKETS] = { "all", "restricted" };
static int listening[CONF_SOCKETS];

/* What a client may be told, and how long that is. */
static const struct {
	uint32_t type;
	size_t len;
} replies[] = {
	{ MSG_CTL_STATUS, sizeof(struct ctl_status) },
	{ MSG_CTL_COUNTERS, sizeof(struct ctl_counters) },
	{ MSG_CTL_COLLECTOR, sizeof(struct ctl_collector) },
	{ MSG_CTL_INTERFACE, sizeof(struct ctl_interface) },
	{ MSG_CTL_RULE, sizeof(struct ctl_rule) },
	{ MSG_CTL_FLOW, sizeof(struct ctl_flow) },
	{ MSG_CTL_LOST, sizeof(struct ctl_lost) },
	{ MSG_CTL_END, sizeof(struct ctl_end) },
	{ MSG_CTL_TESTED, sizeof(struct ctl_tested) },
	{ MSG_CTL_BEGUN, 0 },
	{ MSG_CTL_SOURCE, sizeof(struct ctl_source) },
};
#define REPLIES (sizeof(replies) / sizeof(replies[0]))

static void
address(struct sockaddr_un *un, unsigned int i)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	snprintf(un->sun_path, sizeof(un->sun_path), "%s/%s", dir, paths[i]);
}

static void
remove_sockets(void)
{
	struct sockaddr_un un;
	unsigned int i;

	for (i = 0; i < CONF_SOCKETS; i++) {
		address(&un, i);
		unlink(un.sun_path);
	}
	rmdir(dir);
}

/* Once: they are listened on anew in each run. */
static void
make_sockets(void)
{
	struct sockaddr_un un;
	unsigned int i;

	signal(SIGPIPE, SIG_IGN);
	MUST(mkdtemp(dir) != NULL);
	for (i = 0; i < CONF_SOCKETS; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		address(&un, i);
		MUST(fd != -1 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
		MUST(bind(fd, (struct sockaddr *)&un, sizeof(un)) == 0);
		MUST(listen(fd, CLIENTS) == 0);
		listening[i] = fd;
	}
	atexit(remove_sockets);
}

static void
listen_anew(void)
{
	struct conf_socket sockets[CONF_SOCKETS];
	unsigned int i;

	memset(sockets, 0, sizeof(sockets));
	for (i = 0; i < CONF_SOCKETS; i++) {
		sockets[i].restricted = i == 1;
		MUST((sockets[i].fd = dup(listening[i])) != -1);
	}
	control_listen(control, sockets, CONF_SOCKETS);
}

static void
on_reload(void *arg, uint32_t id)
{
	(void)arg;
	reload = id;
}

static void
on_end(void *arg)
{
	(void)arg;
}

static void
on_verbose(void *arg, int verbose)
{
	(void)arg;
	MUST(verbose == 0 || verbose == 1);
}

/* However a client asks, what waits for it has a bound. */
static void
loop(void)
{
	const struct client *k;
	int i;

	for (i = 0; i < LOOPS; i++)
		event_base_loop(meter.base, EVLOOP_NONBLOCK);
	LIST_FOREACH(k, &control->clients, entry)
		MUST(k->conn.queued <= k->conn.limit);
}

static void
connect_peer(struct peer *p)
{
	struct sockaddr_un un;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	address(&un, (unsigned int)(p - peers) / 2);
	MUST(fd != -1 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	MUST(connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0);
	memset(p, 0, sizeof(*p));
	msg_init(&p->conn, fd, MSG_HEADER + MSG_DATA, 0);
}

static void
hang_up(struct peer *p)
{
	msg_close(&p->conn);
}

/* What the engine does not take is lost. */
static void
say_bytes(struct peer *p, struct bytes *in)
{
	uint8_t raw[255];
	size_t n = fuzz_u8(in);

	fuzz_copy(in, raw, n);
	p->requests += (unsigned int)n / MSG_HEADER + 1;
	if (write(p->conn.fd, raw, n) == -1)
		MUST(errno == EAGAIN || errno == EPIPE);
}

static void
say_message(struct peer *p, struct bytes *in)
{
	uint8_t data[MSG_DATA];
	uint32_t type = MSG_CTL_SHOW_STATUS + fuzz_u8(in) % 14;
	uint8_t id = fuzz_u8(in);
	size_t len = 0;

	if (type == MSG_CTL_LOG)
		len = sizeof(struct ctl_log);
	else if (type == MSG_CTL_TEST)
		len = sizeof(struct ctl_test);
	else if (type == MSG_CTL_SHOW_STATES)
		len = sizeof(struct ctl_states);
	else if (id == 0)
		len = fuzz_u16(in) % (MSG_DATA + 1);
	fuzz_copy(in, data, len);
	p->requests++;
	if (msg_put(&p->conn, type, id, data, len, -1) == 0 &&
	    msg_write(&p->conn) == -1)
		MUST(errno == EPIPE);
}

static void
check_reply(struct peer *p, const struct msg *msg)
{
	struct ctl_end e;
	size_t i;

	p->ends += msg->type == MSG_CTL_END;
	MUST(p->ends <= p->requests);
	if (msg->type == MSG_CTL_LINE) {
		MUST(msg->len <= CTL_LINE);
		return;
	}
	for (i = 0; i < REPLIES && replies[i].type != msg->type; i++)
		continue;
	MUST(i < REPLIES && replies[i].len == msg->len);
	if (msg->type == MSG_CTL_END) {
		MUST(msg_payload(msg, &e, sizeof(e)) == 0);
		MUST(memchr(e.text, '\0', sizeof(e.text)) != NULL);
	}
}

/* All that there is, or that many pieces of it. */
static void
listen_to(struct peer *p, unsigned int pieces)
{
	struct msg msg;
	int n = 1;

	while (pieces-- > 0 && n == 1) {
		n = msg_read(&p->conn);
		while (n == 1 && (n = msg_get(&p->conn, &msg)) == 1)
			check_reply(p, &msg);
		MUST(n != -1 || errno == EAGAIN || errno == ECONNRESET);
		n = n == 0 && p->conn.have < MSG_HEADER + MSG_DATA;
	}
}

static void
show_flows(struct bytes *in)
{
	struct flow f;
	struct report r = { .flow = &f };
	unsigned int n = fuzz_u8(in) * 8U;

	memset(&f, 0, sizeof(f));
	f.proto = fuzz_u8(in);
	r.twin = f.proto & 1 ? &f : NULL;
	while (meter.watch != NULL && n-- > 0)
		meter.watch(meter.watch_arg, &r, FUZZ_STARTED);
}

static void
answer_reload(struct bytes *in)
{
	char text[2 * CTL_LINE];
	size_t len = fuzz_u16(in) % sizeof(text);

	memset(text, 'x', sizeof(text));
	text[len] = '\0';
	if (len > 0)
		control_reload_line(control, reload, text, len);
	else
		control_reload_done(control, reload, 1, "for a reason");
}

static void
deed(struct bytes *in)
{
	uint8_t what = fuzz_u8(in);
	struct peer *p = &peers[what >> 4 & 3];

	what &= 7;
	if (what <= 3 && p->conn.fd == -1)
		connect_peer(p);
	if (what == 0)
		say_bytes(p, in);
	else if (what == 1)
		say_message(p, in);
	else if (what == 2)
		listen_to(p, fuzz_u8(in));
	else if (what == 3)
		hang_up(p);
	else if (what == 4)
		show_flows(in);
	else if (what == 5)
		answer_reload(in);
	else if (what == 6)
		listen_anew();
	loop();
}

static void
begin(struct bytes *in)
{
	const struct control_hooks hooks = { on_reload, on_verbose, on_end,
		NULL };
	const char name[FLOW_IFNAME] = "em0";
	uint8_t how = fuzz_u8(in);
	int i;

	fuzz_meter_start(&meter, fuzz_conf(how >> 1), how & 1);
	ledger_interface(meter.ledger, name)->states++;
	MUST((control = control_new(&meter, &hooks)) != NULL);
	listen_anew();
	reload = 0;
	for (i = 0; i < CLIENTS; i++)
		msg_init(&peers[i].conn, -1, 0, 0);
}

static void
end(void)
{
	int i;

	for (i = 0; i < CLIENTS; i++)
		hang_up(&peers[i]);
	loop();
	MUST(meter.clients == 0 && meter.watch == NULL);
	control_free(control);
	fuzz_meter_stop(&meter);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes in = { data, len };
	int fds, deeds;

	if (listening[0] == 0)
		make_sockets();
	fds = fuzz_fds();
	begin(&in);
	for (deeds = 0; in.left > 0 && deeds < DEEDS; deeds++)
		deed(&in);
	end();
	MUST(fuzz_fds() == fds);
	return 0;
}
