/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * States to datagrams, and back by a decoder that shares nothing with what
 * wrote them: every record is there, says what it was made of, and all of them
 * sum up to it.  The input: a collector, then states.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <event2/event.h>

#include <errno.h>
#include <fcntl.h>

#include "decode.h"
#include "fuzz_meter.h"
#include "same.h"
#include "pflowd/source/last_packet.h"

#define STATES 64
#define BASE UINT64_C(1700000000000) /* of the clock, in ms */
#define YEARS UINT64_C(0x1fffffffff) /* 4.3 of them, in ms */

/* Between these a direction is split into too many records for here. */
#define LITTLE (UINT64_C(1) << 38)
#define HUGE_SUM (UINT64_C(1) << 49)

/* What was given to the exporter, and what of each way did not come yet. */
struct wanted {
	struct flow f;
	struct flow twin; /* of a pair */
	struct record r;
	uint64_t packets[2];
	uint64_t octets[2];
};

struct world {
	struct event_base *base;
	struct export *x;
	struct ledger *ledger;
	struct conf *conf;
	const struct protocol *protocol;
	int fd; /* the collector's end */
	uint64_t now;
	uint64_t records; /* that came, those for tests included */
	size_t largest;	  /* datagram that may come */
	unsigned int n;
	unsigned int given; /* of them, to the collector */
	struct wanted wanted[STATES];
	struct batch batch; /* the last of them, not exported yet */
	struct report report[BATCH];
	uint32_t index[BATCH][2];
	struct decoder decoder;
};

static struct conf *
take_conf(struct bytes *in)
{
	uint8_t how = fuzz_u8(in);
	struct conf *conf = fuzz_conf(how);
	struct conf_collector *c = &conf->collectors[0];
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&c->addr;
	uint32_t domain = fuzz_u32(in);

	rule_clear(&conf->filters[0]);
	if (c->domain != 0)
		c->domain = domain == 0 ? 1 : domain;
	else
		c->engine_id = (uint8_t)domain;
	c->templates_datagrams = fuzz_u8(in) + 1U;
	c->templates_seconds = fuzz_u8(in) + 1U;
	six->sin6_family = how & 0x80 ? AF_INET6 : AF_INET;
	c->addrlen = how & 0x80 ? sizeof(struct sockaddr_in6) :
				  sizeof(struct sockaddr_in);
	c->mtu = how & 0x80 ? 1280 : 576;
	c->mtu += fuzz_u16(in) % 1000;
	conf->policy.view = (enum flow_view)((how >> 2) % 3);
	conf->policy.end = how & 0x40 ? RECORD_DELETION : RECORD_LAST_PACKET;
	conf->hold = fuzz_u8(in) % 61;
	return conf;
}

/* Bounded by what is sent, not by how many datagrams: SOCK_SEQPACKET. */
static void
begin(struct world *w, struct bytes *in)
{
	const struct export_hooks hooks = { NULL, NULL, NULL };
	struct conf_collector *c;
	int ends[2];

	memset(w, 0, sizeof(*w));
	w->now = BASE;
	w->conf = take_conf(in);
	c = &w->conf->collectors[0];
	w->protocol = protocols[c->protocol];
	w->largest = c->mtu - (c->addr.ss_family == AF_INET ? 28U : 48U);
	w->decoder.domain = c->domain != 0 ? c->domain : c->engine_id;
	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	MUST(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
	MUST(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
	c->fd = ends[0];
	w->fd = ends[1];
	MUST((w->ledger = ledger_new()) != NULL);
	ledger_begin(w->ledger, BASE);
	MUST((w->base = event_base_new()) != NULL);
	MUST((w->x = export_new(w->base, w->ledger, &hooks)) != NULL);
	MUST(export_apply(w->x, w->conf, w->now) == 0);
}

static uint64_t
take_counter(struct bytes *in)
{
	uint64_t v = fuzz_u64(in) >> (fuzz_u8(in) & 63);

	return v >= LITTLE && v < HUGE_SUM ? v % LITTLE : v;
}

/* Addresses begin with the state's number, by which it is known again. */
static void
take_flow(struct bytes *in, struct flow *f, unsigned int number)
{
	struct flow_host *hosts[] = { &f->lan, &f->gwy, &f->ext };
	uint8_t bits = fuzz_u8(in);
	unsigned int i;

	memset(f, 0, sizeof(*f));
	flow_set_family(f, bits & 1 ? 6 : 4);
	f->direction = bits & 2 ? FLOW_OUT : FLOW_IN;
	f->proto = fuzz_u8(in);
	f->id = fuzz_u64(in);
	f->age = fuzz_u32(in) >> (bits >> 3);
	f->timeout = fuzz_u8(in);
	f->tcp_state[0] = fuzz_u8(in) % 13;
	f->tcp_state[1] = fuzz_u8(in) % 13;
	for (i = 0; i < 3; i++) {
		hosts[i]->port = fuzz_u16(in);
		put_be16(hosts[i]->addr, (uint16_t)number);
		hosts[i]->addr[2] = (uint8_t)(i == 2);
		hosts[i]->addr[3] = fuzz_u8(in);
		hosts[i]->addr[15] = flow_family(f) == 6 ? fuzz_u8(in) : 0;
	}
	if ((bits & 4) == 0)
		f->gwy = f->lan;
	fuzz_copy(in, f->rt_addr, bits & 8 ? 4 : 0);
	for (i = 0; i < 2; i++) {
		f->packets[i] = take_counter(in);
		f->bytes[i] = take_counter(in);
	}
}

/* The out-state of an in-state: some are of a pair. */
static const struct flow *
take_twin(struct bytes *in, struct flow *twin, const struct flow *f)
{
	uint8_t bits;

	if (f->direction != FLOW_IN || f->id % 4 != 3)
		return NULL;
	bits = fuzz_u8(in);
	*twin = *f;
	twin->direction = FLOW_OUT;
	twin->lan = twin->gwy = f->ext;
	twin->ext = f->lan;
	if (bits & 1)
		twin->gwy.addr[3] = fuzz_u8(in);
	if (bits & 2)
		twin->gwy.port = fuzz_u16(in);
	fuzz_copy(in, twin->rt_addr, bits & 4 ? 4 : 0);
	return twin;
}

/* What was counted for one direction is there. */
static void
subtract(struct wanted *k, int way, const struct decode_record *d, uint32_t pen)
{
	MUST(decode_number(d, pen, PACKET_DELTA_COUNT) > 0);
	k->packets[way] -= decode_number(d, pen, PACKET_DELTA_COUNT);
	k->octets[way] -= decode_number(d, pen, OCTET_DELTA_COUNT);
}

/* Which way of which state it is: only of one that carried something. */
static struct wanted *
find_wanted(struct world *w, const struct decode_record *d, int *way)
{
	size_t len;
	const uint8_t *src, *dst;
	struct wanted *k;
	unsigned int number;

	src = decode_find(d, 0, SOURCE_IPV4_ADDRESS, &len);
	dst = decode_find(d, 0, DESTINATION_IPV4_ADDRESS, &len);
	if (src == NULL) {
		src = decode_find(d, 0, SOURCE_IPV6_ADDRESS, &len);
		dst = decode_find(d, 0, DESTINATION_IPV6_ADDRESS, &len);
	}
	MUST(src != NULL && dst != NULL && (len == 4 || len == 16));
	number = get_be16(src);
	MUST(number < w->n);
	k = &w->wanted[number];
	MUST(flow_family(&k->f) == (len == 4 ? 4 : 6));
	for (*way = 0; *way < 2; (*way)++)
		if (k->f.packets[*way] > 0 &&
		    memcmp(k->r.host[*way]->addr, src, len) == 0 &&
		    memcmp(k->r.host[!*way]->addr, dst, len) == 0)
			return k;
	MUST(!"a record that was made");
	return NULL;
}

/* More than is wanted would not end at zero. */
static void
on_record(void *arg, const struct decode_record *d)
{
	struct world *w = arg;
	size_t size;
	const uint8_t *both;
	int way;
	struct wanted *k = find_wanted(w, d, &way);

	w->records++;
	same_record(w->protocol, d, &k->r, way);
	subtract(k, way, d, 0);
	both = decode_find(d, DECODE_REVERSE, PACKET_DELTA_COUNT, &size);
	MUST((both != NULL) ==
	    (w->conf->collectors[0].biflow && record_directions(&k->r) == 2));
	if (both == NULL)
		return;
	MUST(way == 0 && decode_number(d, 0, BIFLOW_DIRECTION) == 1);
	same_direction(w->protocol, d, DECODE_REVERSE, &k->r, 1);
	subtract(k, 1, d, DECODE_REVERSE);
}

static void
receive(struct world *w)
{
	uint8_t datagram[SENDQUEUE_DATAGRAM + 1], *copy;
	ssize_t n;

	while ((n = read(w->fd, datagram, sizeof(datagram))) > 0) {
		MUST((size_t)n <= w->largest);
		copy = fuzz_exact(datagram, (size_t)n);
		decode(&w->decoder, copy, (size_t)n);
		free(copy);
		MUST(w->protocol->template[0] == 0 ||
		    w->decoder.untold <=
			w->conf->collectors[0].templates_datagrams);
	}
	MUST(n == -1 && errno == EAGAIN);
}

/* Until nothing waits but the open datagram. */
static void
receive_all(struct world *w)
{
	struct export_status s;

	do {
		export_send(w->x);
		receive(w);
		event_base_loop(w->base, EVLOOP_NONBLOCK);
		export_status(w->x, 0, &s);
	} while (s.waiting > 0);
	receive(w);
}

static void
want(struct wanted *k)
{
	int way;

	for (way = 0; way < 2; way++) {
		k->packets[way] = k->f.packets[way];
		k->octets[way] = k->f.packets[way] > 0 ? k->f.bytes[way] : 0;
	}
}

/* What must be expressible, and what cannot be. */
static void
check_result(const struct world *w, const struct flow *f,
    enum export_result result)
{
	uint64_t most = w->protocol->counter;
	int way, wide = 0;

	for (way = 0; way < 2; way++)
		wide |= f->packets[way] > 0 &&
		    (f->packets[way] > most || f->bytes[way] > most);
	if (flow_family(f) == 6 && !w->protocol->inet6)
		MUST(result == EXPORT_INEXPRESSIBLE);
	else if (!wide)
		MUST(result == EXPORT_GIVEN);
	MUST(result != EXPORT_IGNORED);
}

static void
finish_splits(struct world *w)
{
	while (export_busy(w->x)) {
		export_more(w->x, w->now);
		receive_all(w);
	}
}

static void
settle(struct world *w, struct wanted *k, enum export_result result)
{
	check_result(w, &k->f, result);
	if (result == EXPORT_GIVEN) {
		w->given++;
	} else {
		memset(k->packets, 0, sizeof(k->packets));
		memset(k->octets, 0, sizeof(k->octets));
	}
}

static void
export_states(struct world *w)
{
	struct batch *b = &w->batch;
	struct wanted *k = &w->wanted[w->n - b->n];
	unsigned int i;

	if (b->n == 0)
		return;
	for (i = 0; i < b->n; i++) {
		record_make(&b->record[i], &w->report[i], w->conf->policy.view,
		    w->index[i][0]);
		if (w->report[i].twin != NULL)
			record_join(&b->record[i], w->report[i].twin,
			    w->conf->policy.view, w->index[i][1]);
		k[i].r = b->record[i];
	}
	export_batch(w->x, b, w->now);
	finish_splits(w);
	receive_all(w);
	for (i = 0; i < b->n; i++)
		settle(w, &k[i], b->result[i]);
	b->n = 0;
}

/* A batch has one time. */
static void
take_time(struct world *w, struct bytes *in)
{
	uint64_t now = BASE +
	    ((w->now - BASE + (uint64_t)(int16_t)fuzz_u16(in)) & YEARS);

	if (now != w->now)
		export_states(w);
	w->now = now;
	export_clock(w->x, w->now);
}

static void
take_state(struct world *w, struct bytes *in)
{
	struct wanted *k = &w->wanted[w->n];
	struct batch *b = &w->batch;
	uint32_t index;

	take_time(w, in);
	take_flow(in, &k->f, w->n);
	index = fuzz_u32(in);
	last_packet_report(&w->report[b->n], &k->f, 1, w->now,
	    &w->conf->policy);
	w->report[b->n].twin = take_twin(in, &k->twin, &k->f);
	if (!report_counted(&w->report[b->n]))
		return;
	want(k);
	w->index[b->n][0] = index >> (w->n & 31);
	w->index[b->n++][1] = index << (w->n & 31);
	w->n++;
	if (b->n == BATCH || index % 4 == 0)
		export_states(w);
}

static void
end(struct world *w)
{
	const struct collector_counters *c = export_counters(w->x, 0);
	unsigned int i, j;

	export_states(w);
	export_close(w->x, w->now);
	receive_all(w);
	for (i = 0; i < w->n; i++)
		for (j = 0; j < 2; j++)
			MUST(w->wanted[i].packets[j] == 0 &&
			    w->wanted[i].octets[j] == 0);
	MUST(c->built == w->records && c->sent == c->built);
	MUST(c->given == w->given);
	export_free(w->x);
	event_base_free(w->base);
	conf_free(w->conf);
	free(w->ledger);
	close(w->fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct world w;
	struct bytes in = { data, len };
	int fds = fuzz_fds();

	begin(&w, &in);
	w.decoder.cb = on_record;
	w.decoder.arg = &w;
	while (in.left > 0 && w.n < STATES)
		take_state(&w, &in);
	end(&w);
	MUST(fuzz_fds() == fds);
	return 0;
}
