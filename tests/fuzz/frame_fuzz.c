/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A frame to flows, their lines and records, and what rules decide of them.
 * The input: how records are made, rules, then the frame.
 */

#include <netinet/in.h>

#include "common/ctl.h"
#include "common/flowline.h"
#include "fuzz.h"
#include "pflowd/flow/flowprint.h"
#include "pflowd/source/pfsync.h"
#include "pflowd/flow/record.h"
#include "pflowd/source/last_packet.h"
#include "pflowd/flow/rule.h"

#define RULES 7

/* What a run has beside the frame. */
struct setting {
	struct record_policy how;
	struct rule_list rules;
	struct rule_self self;
	enum link_layer layer;
	uint32_t index;
	uint64_t now;
};

static void
take_how(struct bytes *in, struct setting *s)
{
	uint8_t bits = fuzz_u8(in);

	record_policy_default(&s->how);
	s->how.view = (enum flow_view)(bits % 3);
	s->how.end = bits & 0x80 ? RECORD_DELETION : RECORD_LAST_PACKET;
	s->how.timeout[fuzz_u8(in) % FLOW_TIMEOUTS] = fuzz_u32(in);
	s->layer = (enum link_layer)((bits >> 2 & 7) % (LINK_UNKNOWN + 1));
	s->index = fuzz_u32(in);
	s->now = fuzz_u32(in) * UINT64_C(1000) + fuzz_u8(in);
}

static uint8_t
one_family(uint8_t choice)
{
	return choice & 1 ? 6 : 4;
}

static struct rule_host
take_host(struct bytes *in)
{
	struct rule_host h = { .kind = fuzz_u8(in) % (RULE_SELF + 1) };

	h.negate = fuzz_u8(in) & 1;
	if (h.kind != RULE_NET)
		return h;
	h.family = one_family(fuzz_u8(in));
	h.bits = fuzz_u8(in) % (h.family == 6 ? 129 : 33);
	fuzz_copy(in, h.addr, h.family == 6 ? 16 : 4);
	rule_mask(&h);
	return h;
}

static struct rule_port
take_port(struct bytes *in)
{
	struct rule_port p = { .op = fuzz_u8(in) % (RULE_PORT_OUTSIDE + 1) };

	if (p.op == RULE_PORT_ANY)
		return p;
	p.low = fuzz_u16(in);
	p.high = fuzz_u16(in);
	return p;
}

static struct rule
take_rule(struct bytes *in)
{
	uint8_t given = fuzz_u8(in);
	struct rule r = { .ignore = given & 1, .quick = given >> 1 & 1 };

	r.direction = (given >> 2 & 3) % 3;
	if (given & 0x10)
		r.family = one_family(given >> 5);
	if (given & 0x40) {
		r.proto_given = 1;
		r.proto = fuzz_u8(in);
	}
	if (given & 0x80) {
		r.number_given = 1;
		r.number = fuzz_u32(in);
	}
	r.ifname_not = fuzz_u8(in) & 1;
	fuzz_copy(in, r.ifname, fuzz_u8(in) % FLOW_IFNAME);
	r.from = take_host(in);
	r.to = take_host(in);
	r.from_port = take_port(in);
	r.to_port = take_port(in);
	return r;
}

static void
take_setting(struct bytes *in, struct setting *s)
{
	uint8_t addr[16];
	unsigned int n;

	take_how(in, s);
	for (n = fuzz_u8(in) % 3; n > 0; n--) {
		fuzz_copy(in, addr, sizeof(addr));
		rule_self_add(&s->self, one_family(fuzz_u8(in)), addr);
	}
	for (n = fuzz_u8(in) % (RULES + 1); n > 0; n--) {
		struct rule r = take_rule(in);

		MUST(rule_add(&s->rules, &r) == 0);
	}
}

/* The rules, one by one. */
static const struct rule *
decide(const struct setting *s, const struct flow *f)
{
	const struct rule *last = NULL;
	unsigned int i;

	for (i = 0; i < s->rules.n; i++) {
		const struct rule *r = &s->rules.rules[i];

		if (!rule_matches(r, f, s->how.view, &s->self))
			continue;
		if (r->quick)
			return r;
		last = r;
	}
	return last;
}

static void
check_line(const struct flow *f, uint64_t now)
{
	struct ctl_flow c;
	char line[FLOWLINE];
	size_t i, len;

	flowprint_state(f, NULL, now, &c);
	len = strlen(flowline(&c, line));
	MUST(len > 0 && len < sizeof(line) - 1);
	for (i = 0; i < len; i++)
		MUST(line[i] >= ' ' && line[i] <= '~');
}

static void
check_direction(const struct setting *s, const struct record *r,
    enum flow_end sender)
{
	unsigned int leaves = (r->flow->direction == FLOW_OUT) ==
	    (sender == FLOW_INITIATOR);

	MUST(record_egress(r, sender) == leaves);
	MUST(record_input(r, sender) == (leaves ? 0 : s->index));
	MUST(record_output(r, sender) == (leaves ? s->index : 0));
	MUST(r->tcp_flags[sender] == 0 || r->flow->proto == IPPROTO_TCP);
}

static void
check_record(const struct setting *s, const struct flow *f)
{
	struct report of;
	struct record r;

	last_packet_report(&of, f, 1, s->now, &s->how);
	if (!report_counted(&of))
		return;
	record_make(&r, &of, s->how.view, s->index);
	MUST(r.times.start <= r.times.end && r.times.end <= s->now);
	MUST(r.flow == f);
	check_direction(s, &r, FLOW_INITIATOR);
	check_direction(s, &r, FLOW_RESPONDER);
}

static void
check_flow(const struct setting *s, const struct flow *f)
{
	MUST(memchr(f->ifname, '\0', FLOW_IFNAME) != NULL);
	MUST(((f->anomalies & FLOW_BAD_FAMILY) != 0) == (flow_family(f) == 0));
	MUST(f->version >= 2 && f->version <= 4);
	MUST(s->rules.n == 0 ||
	    rule_decide(&s->rules, f, s->how.view, &s->self) == decide(s, f));
	check_line(f, s->now);
	if ((f->anomalies & FLOW_INEXPRESSIBLE) == 0)
		check_record(s, f);
}

static void
check_frame(const struct setting *s, const uint8_t *data, size_t len)
{
	struct pfsync_frame frame;
	struct flow flow;
	enum pfsync_verdict verdict = pfsync_open(&frame, s->layer, data, len);
	unsigned int states = 0, left = frame.states_left;

	MUST(pfsync_verdict_name(verdict) != NULL);
	MUST(frame.announced == left + frame.cut && frame.announced <= 255);
	MUST((verdict == PFSYNC_DECODED) == (frame.announced > 0));
	MUST(frame.cut == 0 || frame.trailing == 0);
	MUST(frame.clr_ifname[FLOW_IFNAME - 1] == '\0');
	while (pfsync_read(&frame, &flow, 1)) {
		states++;
		MUST(states + frame.states_left == left);
		check_flow(s, &flow);
	}
	MUST(states == left && !pfsync_read(&frame, &flow, 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct setting s;
	struct bytes in = { data, len };
	uint8_t *frame;

	memset(&s, 0, sizeof(s));
	take_setting(&in, &s);
	frame = fuzz_exact(in.data, in.left);
	check_frame(&s, frame, in.left);
	free(frame);
	rule_clear(&s.rules);
	return 0;
}
