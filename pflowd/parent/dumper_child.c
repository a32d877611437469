/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bytes.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/msg.h"
#include "dumper_child.h"
#include "os/sandbox.h"
#include "os/statedump.h"
#include "process/link.h"
#include "process/privsep.h"
#include "source/chunk.h"
#include "source/recording.h"

#define QUEUE 4096 /* bytes on the link */

struct dumper {
	struct msg_conn link;
	struct link_dumper order;
	int out; /* a socket, or the file of a recording */
	int pf[STATEDUMP_FDS];
	struct statedump *dump;
	uint32_t number;    /* of the last dump */
	struct chunk chunk; /* the next one */
};

/* -1: the other end is gone, or the file system is full. */
static int
write_all(int fd, struct iovec *v, int n)
{
	ssize_t done;

	while (n > 0) {
		if ((done = writev(fd, v, n)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		for (; n > 0 && (size_t)done >= v->iov_len; v++, n--)
			done -= (ssize_t)v->iov_len;
		if (n > 0) {
			v->iov_base = (uint8_t *)v->iov_base + done;
			v->iov_len -= (size_t)done;
		}
	}
	return 0;
}

static int
put(struct dumper *d, unsigned int kind, const uint8_t *data, size_t len)
{
	uint8_t packet[RECORDING_PACKET], header[CHUNK_HEADER];
	struct chunk chunk = d->chunk;
	struct iovec v[3] = { { packet, sizeof(packet) },
		{ header, sizeof(header) } };

	/* writev(2) does not write to it. */
	memcpy(&v[2].iov_base, &data, sizeof(data));
	v[2].iov_len = len;
	chunk.kind = kind;
	chunk.data = (struct bytes){ data, len };
	chunk_write(&chunk, header);
	d->chunk.part++;
	recording_packet(packet, chunk.wall, sizeof(header) + len);
	return d->order.file ? write_all(d->out, v, 3) :
			       write_all(d->out, v + 1, 2);
}

static int
put_timeouts(struct dumper *d, const struct statedump_settings *s)
{
	uint8_t data[STATEDUMP_TIMEOUTS * 4];
	unsigned int i;

	if (s->timeouts == 0)
		return 0;
	for (i = 0; i < s->timeouts; i++)
		put_be32(data + i * 4, s->timeout[i]);
	return put(d, CHUNK_TIMEOUTS, data, s->timeouts * 4);
}

static int
put_settings(struct dumper *d, const struct statedump_settings *s)
{
	uint8_t data[16];

	put_be64(data, s->limit);
	put_be64(data + 8, s->enabled == -1 ? 2 : (uint64_t)s->enabled);
	return put(d, CHUNK_SETTINGS, data, sizeof(data));
}

static int
put_counters(struct dumper *d, const uint64_t counters[2], int known)
{
	uint8_t data[16];

	if (!known)
		return 0;
	put_be64(data, counters[0]);
	put_be64(data + 8, counters[1]);
	return put(d, CHUNK_COUNTERS, data, sizeof(data));
}

static int
put_states(struct dumper *d)
{
	const uint8_t *data;
	size_t len;

	while ((len = statedump_piece(d->dump, &data)) > 0)
		if (put(d, CHUNK_STATES, data, len) == -1)
			return -1;
	return 0;
}

static int
put_end(struct dumper *d, int status, uint64_t cpu_us)
{
	uint8_t data[8];

	put_be64(data, cpu_us);
	d->chunk.status = (uint32_t)status;
	return put(d, CHUNK_END, data, sizeof(data));
}

static int
big_endian(void)
{
	const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return first == 0;
}

static void
begin(struct dumper *d)
{
	memset(&d->chunk, 0, sizeof(d->chunk));
	d->chunk.dump = ++d->number;
	d->chunk.big_endian = big_endian();
	d->chunk.wall = clock_wall_ms();
	d->chunk.monotonic = clock_us() / 1000;
}

/*
 * The kernel is asked without a pause, and then its answers are written.  After
 * ENXIO the descriptors are of no more use: the next dumper has others.
 */
static int
dump(struct dumper *d)
{
	struct statedump_settings settings;
	uint64_t before[2], after[2], cpu = clock_cpu_us(), end;
	int counted, status;

	begin(d);
	statedump_settings(d->dump, &settings);
	counted = statedump_counters(d->dump, before) == 0;
	status = statedump_read(d->dump);
	counted &= statedump_counters(d->dump, after) == 0;
	end = clock_us() / 1000;
	d->chunk.layout = statedump_layout(d->dump);
	if (put(d, CHUNK_BEGIN, NULL, 0) == -1 ||
	    put_settings(d, &settings) == -1 ||
	    put_timeouts(d, &settings) == -1 ||
	    put_counters(d, before, counted) == -1 || put_states(d) == -1 ||
	    put_counters(d, after, counted) == -1)
		return -1;
	d->chunk.monotonic = end;
	if (put_end(d, status, clock_cpu_us() - cpu) == -1)
		return -1;
	errno = status;
	return status == ENXIO ? -1 : 0;
}

/*
 * Wait for a message of the parent, its end, or a request of the engine, but
 * not after `until`, in ms.  Returns 1: dump; 0: end.
 */
static int
wait_for(struct dumper *d, uint64_t until)
{
	struct pollfd fds[] = { { d->link.fd, POLLIN, 0 },
		{ d->order.file ? -1 : d->out, POLLIN, 0 } };
	uint64_t now;
	char byte;
	int ms;

	do {
		now = clock_us() / 1000;
		ms = until <= now ? 0 : (int)(until - now);
		if (poll(fds, 2, d->order.file ? ms : -1) == -1 &&
		    errno != EINTR)
			return 0;
		if (fds[0].revents != 0)
			return 0;
		if (fds[1].revents != 0)
			return read(d->out, &byte, 1) == 1;
	} while (!d->order.file || ms > 0);
	return 1;
}

/* The engine has closed the socket, perhaps amid a dump that it refused. */
static int
is_closed(int error)
{
	return error == EPIPE || error == ECONNRESET;
}

/* Returns an exit status: the errno if a write failed, or pf is gone. */
static int
run(struct dumper *d)
{
	uint64_t interval = d->order.interval * UINT64_C(1000);
	uint64_t next = clock_us() / 1000;
	uint32_t count = d->order.count;

	while ((count == 0 || d->number < count) && wait_for(d, next)) {
		next += interval;
		if (dump(d) == -1)
			return is_closed(errno) ? 0 : errno;
	}
	return 0;
}

/* Receive pf's descriptors, and then the order. */
static void
receive_order(struct dumper *d)
{
	struct link_pf pf;
	struct msg msg;

	while (msg_receive(&d->link, &msg) == 1) {
		if (msg.type == MSG_DUMPER_PF &&
		    msg_payload(&msg, &pf, sizeof(pf)) == 0 &&
		    pf.index < STATEDUMP_FDS) {
			d->pf[pf.index] = msg.fd;
		} else if (msg.type == MSG_DUMPER_BEGIN && msg.fd != -1 &&
		    msg_payload(&msg, &d->order, sizeof(d->order)) == 0) {
			d->out = msg.fd;
			return;
		} else
			break;
	}
	exit(1); /* the parent logs the reason */
}

static int
write_file_header(const struct dumper *d)
{
	uint8_t header[RECORDING_HEADER];
	struct iovec v = { header, sizeof(header) };

	recording_header(header);
	return d->order.file ? write_all(d->out, &v, 1) : 0;
}

/*
 * What the kernel refuses to a confined process, such as connecting, is done
 * before.
 */
static void
confine(struct dumper *d)
{
	struct privsep_user user;
	char why[512];

	if (privsep_lookup(&user, why, sizeof(why)) == -1)
		fatalx("%s", why);
	if ((d->dump = statedump_new(d->pf)) == NULL)
		fatal("dumper: pf");
	privsep_drop(&user, 1);
	if (sandbox_end_with_parent() == -1)
		fatal("dumper: parent");
	if (sandbox_dumper(d->pf) == -1)
		fatal("dumper: sandbox");
}

int
dumper_child_main(void)
{
	static struct dumper d;
	int i;

	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	for (i = 0; i < STATEDUMP_FDS; i++)
		d.pf[i] = -1;
	msg_init(&d.link, PRIVSEP_FD, QUEUE, 1);
	if (link_send_hello(&d.link) == -1)
		fatal("dumper: the parent");
	receive_order(&d);
	confine(&d);
	if (msg_send(&d.link, MSG_DUMPER_READY, 0, NULL, 0, -1) == -1 ||
	    write_file_header(&d) == -1)
		return 1;
	return run(&d);
}
