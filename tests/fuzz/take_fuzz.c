/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A configuration as it comes over the link, in messages of any kind, size and
 * order.  What is in them is the parent's, which is trusted: a rule is one that
 * the parser could have made.  The input is a list of them.
 */

#include "common/msg.h"
#include "fuzz.h"
#include "pflowd/process/conf_link.h"
#include "pflowd/conf/conf.h"
#include "pflowd/process/link.h"

#define MESSAGES 512

/* Kinds of messages, and what belongs in them. */
static const struct {
	uint32_t type;
	size_t len;
} kinds[] = {
	{ MSG_CONF_BEGIN, sizeof(struct conf_globals) },
	{ MSG_CONF_COLLECTOR, sizeof(struct conf_collector) },
	{ MSG_CONF_RULE, sizeof(struct conf_rule) },
	{ MSG_CONF_INTERFACE, sizeof(struct ifindex_entry) },
	{ MSG_CONF_SELF, sizeof(struct rule_address) },
	{ MSG_CONF_SOCKET, sizeof(struct conf_socket) },
	{ MSG_CONF_COMMIT, 0 },
	{ MSG_HOST_BEGIN, 0 },
	{ MSG_HOST_COMMIT, 0 },
	{ MSG_ENGINE_STOP, 0 },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void
make_rule(struct msg *msg)
{
	struct conf_rule r;

	memcpy(&r, msg->data, sizeof(r));
	r.rule.ifname[FLOW_IFNAME - 1] = '\0';
	r.rule.from.bits %= 33;
	r.rule.to.bits %= 33;
	memcpy(msg->data, &r, sizeof(r));
}

/* Its first bytes are the input's, the rest is one of them, repeated. */
static void
take_message(struct bytes *in, struct msg *msg)
{
	uint8_t what = fuzz_u8(in), n = fuzz_u8(in), rest = fuzz_u8(in);

	msg->type = kinds[what % KINDS].type;
	msg->id = 0;
	msg->len = (uint32_t)kinds[what % KINDS].len;
	if (what >= 0xf0)
		msg->len = fuzz_u16(in) % (MSG_DATA + 1);
	msg->fd = what & 1 ? dup(STDERR_FILENO) : -1;
	msg->fd_lost = 0;
	memset(msg->data, rest, sizeof(msg->data));
	fuzz_copy(in, msg->data, n);
	if (msg->type == MSG_CONF_RULE)
		make_rule(msg);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes in = { data, len };
	struct conf *conf = NULL;
	struct msg msg;
	int fds = fuzz_fds(), n, done;

	for (n = 0; in.left > 0 && n < MESSAGES; n++) {
		take_message(&in, &msg);
		done = conf_link_receive(&conf, &msg);
		msg_discard(&msg);
		MUST(done >= -1 && done <= 2);
		MUST((done == -1) == (conf == NULL));
		if (done < 1)
			continue;
		conf_free(conf);
		conf = NULL;
	}
	conf_free(conf);
	MUST(fuzz_fds() == fds);
	return 0;
}
