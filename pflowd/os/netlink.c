/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <string.h>

#include "common/bytes.h"
#include "netlink.h"
#include "statedump.h"

#define FAMILY "pfctl"

/*
 * The memory that a receive is given.  The kernel fills it with whole messages,
 * and throws away a message that it is too small for.
 */
#define RECEIVE STATEDUMP_PIECE
#define ANSWER 8192 /* to other questions: 2 KiB, of the status */

/* struct nlmsghdr, struct genlmsghdr and struct nlattr: offsets and sizes. */
enum {
	TYPE = 4,
	FLAGS = 6,
	SEQUENCE = 8,
	HEADER = 16,
	COMMAND = 16,
	VERSION = 17,
	GENERIC = 20,
	ATTRIBUTE = 4,
	ALIGN = 4
};

enum {
	TYPE_ERROR = 2,
	TYPE_DONE = 3,
	TYPE_OVERRUN = 4,
	TYPE_MIN = 16 /* of families */
};

enum {
	FLAG_REQUEST = 0x1,
	FLAG_INTERRUPTED = 0x10,
	FLAG_DUMP = 0x300
};

#define NESTED 0x8000

/* A message, its header included, or the data of an attribute. */
struct item {
	unsigned int type;
	struct bytes data;
};

static size_t
aligned(size_t len)
{
	return (len + ALIGN - 1) / ALIGN * ALIGN;
}

/* Get the next message.  0: no more; -1: the rest is not a message. */
static int
next_message(struct bytes *from, struct item *m)
{
	const uint8_t *p = from->data;
	size_t len;

	if (from->left == 0)
		return 0;
	if (from->left < HEADER || (len = get_host32(p)) < HEADER ||
	    len != aligned(len) || bytes_take(from, len) == NULL)
		return -1;
	m->type = get_host16(p + TYPE);
	m->data = (struct bytes){ p, len };
	return 1;
}

/* 0: no more.  The last one may lack its padding. */
static int
next_attribute(struct bytes *from, struct item *a)
{
	const uint8_t *p = from->data;
	size_t len;

	if (from->left < ATTRIBUTE || (len = get_host16(p)) < ATTRIBUTE ||
	    len > from->left)
		return 0;
	if (bytes_take(from, aligned(len)) == NULL)
		from->left = 0;
	a->type = get_host16(p + 2) & ~(unsigned int)NESTED;
	a->data = (struct bytes){ p + ATTRIBUTE, len - ATTRIBUTE };
	return 1;
}

/* Copy the first attribute of a type whose data are of this size. */
static int
find(struct bytes from, unsigned int type, void *to, size_t size)
{
	struct item a;

	while (next_attribute(&from, &a)) {
		if (a.type != type || a.data.left != size)
			continue;
		memcpy(to, a.data.data, size);
		return 0;
	}
	return EBADMSG;
}

/* A question with at most one attribute. */
struct request {
	uint16_t family;
	uint8_t command;
	uint16_t flags;
	uint16_t type; /* of the attribute */
	uint16_t size; /* of its data; 0: it has none */
	const void *data;
};

static int
send_request(struct netlink *n, const struct request *r)
{
	const uint16_t attribute = (uint16_t)(ATTRIBUTE + r->size);
	const uint16_t flags = r->flags | FLAG_REQUEST;
	uint8_t message[GENERIC + ATTRIBUTE + 8] = { 0 };
	uint32_t len = GENERIC;

	if (r->size > 0) {
		memcpy(message + len, &attribute, sizeof(attribute));
		memcpy(message + len + 2, &r->type, sizeof(r->type));
		memcpy(message + len + ATTRIBUTE, r->data, r->size);
		len += (uint32_t)aligned(attribute);
	}
	n->sequence++;
	memcpy(message, &len, sizeof(len));
	memcpy(message + TYPE, &r->family, sizeof(r->family));
	memcpy(message + FLAGS, &flags, sizeof(flags));
	memcpy(message + SEQUENCE, &n->sequence, sizeof(n->sequence));
	message[COMMAND] = r->command;
	message[VERSION] = 1;
	return send(n->fd, message, len, 0) == -1 ? errno : 0;
}

/* One receive: whole messages, or an error. */
static int
receive(const struct netlink *n, uint8_t *to, size_t size, struct bytes *got)
{
	struct iovec v = { to, size };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	ssize_t len;

	do {
		len = recvmsg(n->fd, &m, 0);
	} while (len == -1 && errno == EINTR);
	if (len == -1)
		return errno;
	if (len == 0)
		return ECONNRESET;
	*got = (struct bytes){ to, (size_t)len };
	return m.msg_flags & MSG_TRUNC ? EMSGSIZE : 0;
}

/* The errno in an error, or at the end of a dump. */
static int
error_of(const struct item *m)
{
	int error;

	if (m->data.left < HEADER + sizeof(error))
		return EBADMSG;
	memcpy(&error, m->data.data + HEADER, sizeof(error));
	return error;
}

/* done: the answer ends with this message. */
static int
check_message(const struct item *m, int *done)
{
	*done = m->type == TYPE_DONE || m->type == TYPE_ERROR;
	if (m->type == TYPE_OVERRUN)
		return ENOBUFS;
	if (get_host16(m->data.data + FLAGS) & FLAG_INTERRUPTED)
		return EAGAIN;
	if (*done)
		return error_of(m);
	return m->type < TYPE_MIN || m->data.left >= GENERIC ? 0 : EBADMSG;
}

/*
 * The next message that answers the last question.  What answers an earlier
 * one, such as the rest of a dump that failed, is dropped.  An overrun answers
 * none, and voids any.  m->type is 0 if there is no message.
 */
static int
next_answer(const struct netlink *n, struct bytes *got, struct item *m,
    int *done)
{
	int more;

	while ((more = next_message(got, m)) == 1)
		if (m->type == TYPE_OVERRUN ||
		    get_host32(m->data.data + SEQUENCE) == n->sequence)
			return check_message(m, done);
	memset(m, 0, sizeof(*m));
	return more == -1 ? EBADMSG : 0;
}

/* Append the states of a receive to those of the dump. */
static int
keep_states(const struct netlink *n, struct dumpbuffer *b, struct bytes got,
    int *done)
{
	struct item m;
	int error;

	do {
		if ((error = next_answer(n, &got, &m, done)) != 0)
			return error;
		if (m.type != n->family)
			continue;
		memmove(b->data + b->used, m.data.data, m.data.left);
		b->used += m.data.left;
	} while (m.type != 0 && !*done);
	return 0;
}

static int
receive_states(struct netlink *n, struct dumpbuffer *b)
{
	struct bytes got;
	int error, done = 0;

	while (!done) {
		if (b->size - b->used < RECEIVE &&
		    (error = dumpbuffer_grow(b)) != 0)
			return error;
		error = receive(n, b->data + b->used, RECEIVE, &got);
		if (error != 0)
			return error;
		if ((error = keep_states(n, b, got, &done)) != 0)
			return error;
	}
	return 0;
}

int
netlink_states(struct netlink *n, struct dumpbuffer *b)
{
	const struct request r = { .family = n->family,
		.command = NETLINK_GETSTATES,
		.flags = FLAG_DUMP };
	int error;

	b->used = b->given = 0;
	error = send_request(n, &r);
	if (error == 0)
		error = receive_states(n, b);
	if (error != 0)
		b->used = 0;
	return error;
}

size_t
netlink_messages(struct dumpbuffer *b, const uint8_t **data)
{
	struct bytes left = { b->data + b->given, b->used - b->given };
	struct item m;
	size_t len = 0;

	while (next_message(&left, &m) == 1 &&
	    len + m.data.left <= STATEDUMP_PIECE)
		len += m.data.left;
	*data = b->data + b->given;
	b->given += len;
	return len;
}

/* Ask for one message of that type, and point to its attributes. */
static int
ask(struct netlink *n, const struct request *r, uint8_t memory[ANSWER],
    struct bytes *attributes)
{
	struct bytes got = { memory, 0 };
	struct item m;
	int error, done = 0;

	if ((error = send_request(n, r)) != 0)
		return error;
	do {
		if (got.left == 0 &&
		    (error = receive(n, memory, ANSWER, &got)) != 0)
			return error;
		if ((error = next_answer(n, &got, &m, &done)) != 0)
			return error;
	} while (m.type != r->family && !done);
	if (done)
		return EBADMSG;
	*attributes = m.data;
	return bytes_take(attributes, GENERIC) == NULL ? EBADMSG : 0;
}

int
netlink_open(struct netlink *n, int fd)
{
	const struct request r = { .family = NETLINK_CONTROL,
		.command = NETLINK_GETFAMILY,
		.type = NETLINK_FAMILY_NAME,
		.size = sizeof(FAMILY),
		.data = FAMILY };
	uint8_t memory[ANSWER];
	struct bytes attributes;
	int error;

	n->fd = fd;
	n->sequence = 0;
	if ((error = ask(n, &r, memory, &attributes)) != 0)
		return error;
	return find(attributes, NETLINK_FAMILY_ID, &n->family,
	    sizeof(n->family));
}

/* A number of pf's with an index. */
static int
ask_number(struct netlink *n, uint8_t command, uint16_t index_type,
    uint32_t index, unsigned int type, uint32_t *number)
{
	const struct request r = { .family = n->family,
		.command = command,
		.type = index_type,
		.size = sizeof(index),
		.data = &index };
	uint8_t memory[ANSWER];
	struct bytes attributes;
	int error;

	if ((error = ask(n, &r, memory, &attributes)) != 0)
		return error;
	return find(attributes, type, number, sizeof(*number));
}

int
netlink_timeout(struct netlink *n, uint32_t index, uint32_t *seconds)
{
	return ask_number(n, NETLINK_GET_TIMEOUT, NETLINK_TIMEOUT_INDEX, index,
	    NETLINK_TIMEOUT_SECONDS, seconds);
}

int
netlink_limit(struct netlink *n, uint32_t index, uint32_t *limit)
{
	return ask_number(n, NETLINK_GET_LIMIT, NETLINK_LIMIT_INDEX, index,
	    NETLINK_LIMIT, limit);
}

/* Each counter is an attribute with its number and value.  FCNT_ in pf.h. */
static int
find_counters(struct bytes from, uint64_t counters[2])
{
	struct item a;
	uint32_t id;
	int found = 0;

	while (next_attribute(&from, &a))
		if (a.type == NETLINK_STATUS_FCOUNTERS &&
		    find(a.data, NETLINK_COUNTER_ID, &id, sizeof(id)) == 0 &&
		    id >= 1 && id <= 2 &&
		    find(a.data, NETLINK_COUNTER, &counters[id - 1],
			sizeof(counters[0])) == 0)
			found |= 1 << id;
	return found == (1 << 1 | 1 << 2) ? 0 : EBADMSG;
}

int
netlink_status(struct netlink *n, int *enabled, uint64_t counters[2])
{
	const struct request r = { .family = n->family,
		.command = NETLINK_GET_STATUS };
	uint8_t memory[ANSWER], running;
	struct bytes attributes;
	int error;

	if ((error = ask(n, &r, memory, &attributes)) != 0 ||
	    (error = find(attributes, NETLINK_STATUS_RUNNING, &running,
		 sizeof(running))) != 0)
		return error;
	*enabled = running != 0;
	return find_counters(attributes, counters);
}
