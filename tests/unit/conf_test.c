/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "unit.h"

#include "common/msg.h"
#include "pflowd/process/conf_link.h"
#include "config.h"
#include "pflowd/conf/conf.h"
#include "pflowd/process/link.h"

static struct conf *conf;
static char why[512];

static int
set_up(void **state)
{
	(void)state;
	conf = conf_new();
	return conf == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	conf_free(conf);
	return 0;
}

static void
test_defaults(void **state)
{
	(void)state;
	assert_int_equal(conf->source, PFLOWD_SOURCE);
	assert_string_equal(conf->interface, "pfsync0");
	assert_int_equal(conf->interval, 0);
	assert_int_equal(conf->states, 0);
	assert_int_equal(conf_interim(conf, 1), 300);
	assert_int_equal(conf_interim(conf, 0), 0);
	assert_int_equal(conf_join(conf, 1), 1);
	assert_int_equal(conf_join(conf, 0), 0);
	assert_int_equal(conf->hold, 5);
	assert_int_equal(conf->lookup, 60);
	assert_int_equal(conf->policy.view, FLOW_INSIDE);
	assert_int_equal(conf->policy.end, RECORD_LAST_PACKET);
	assert_int_equal(conf->ncollectors, 0);
}

static void
good(const char *spec, const char *host, unsigned int port, const char *name)
{
	const struct conf_collector *c = &conf->collectors[conf->ncollectors];

	assert_int_equal(conf_add_collector(conf, spec, why, sizeof(why)), 0);
	assert_string_equal(c->host, host);
	assert_int_equal(c->port, port);
	assert_string_equal(c->name, name);
	assert_int_equal(c->fd, -1);
	assert_int_equal(c->mtu, 0);
	assert_int_equal(c->path_mtu, 0);
}

static void
bad(const char *spec, const char *says)
{
	unsigned int n = conf->ncollectors;

	assert_int_equal(conf_add_collector(conf, spec, why, sizeof(why)), -1);
	assert_non_null(strstr(why, says));
	assert_int_equal(conf->ncollectors, n);
}

static void
test_collectors(void **state)
{
	char longest[CONF_HOST + 1];

	(void)state;
	good("192.0.2.1", "192.0.2.1", 2055, "192.0.2.1:2055");
	good("192.0.2.1:9995", "192.0.2.1", 9995, "192.0.2.1:9995");
	good("flows.example:1", "flows.example", 1, "flows.example:1");
	good("[2001:db8::1]:65535", "2001:db8::1", 65535,
	    "[2001:db8::1]:65535");
	good("[2001:db8::1]", "2001:db8::1", 2055, "[2001:db8::1]:2055");
	good("2001:db8::1", "2001:db8::1", 2055, "[2001:db8::1]:2055");
	memset(longest, 'h', CONF_HOST);
	longest[CONF_HOST] = '\0';
	bad(longest, "not a collector");
	longest[CONF_HOST - 1] = '\0';
	assert_int_equal(conf_add_collector(conf, longest, why, sizeof(why)),
	    0);
	bad("", "not a collector");
	bad(":2055", "not a collector");
	bad("[]:2055", "not a collector");
	bad("[::1", "not a collector");
	bad("[::1]2055", "not a collector");
	bad("h:", "bad port \"\"");
	bad("h:0", "bad port 0");
	bad("h:65536", "bad port 65536");
	bad("h:1x", "bad port 1x");
	bad("h:-1", "bad port -1");
	bad("[::1]:x", "bad port x");
	bad("h:+5", "bad port +5");
	bad("h: 5", "bad port  5");
	bad("127.0.0.1:9:9", "not a collector");
	bad("[h]:9:9", "bad port");
	good("fe80::1%em0", "fe80::1%em0", 2055, "[fe80::1%em0]:2055");
}

/* What getaddrinfo(3) would take for an address that nobody meant. */
static void
test_no_addresses(void **state)
{
	static const char *const numbers[] = { "10.1", "1.2.3", "1.2.3.4.5",
		"300.1.1.1", "010.0.0.1", "0x7f.1", "0x", "1", "1.2.3.4.",
		"h.1" };
	static const char *const nobody[] = { "0.0.0.0", "::", "::%em0",
		"::ffff:0.0.0.0" };
	static const char *const all[] = { "255.255.255.255",
		"::ffff:255.255.255.255" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		bad(numbers[i], "not an address");
	for (i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
		bad(nobody[i], "unspecified address");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		bad(all[i], "broadcast address");
	bad("192.0.2.1%em0", "not a collector");
	bad("h%em0", "not a collector");
	bad("fe80::1%", "not a collector");
	good("1.2.3.4.example.", "1.2.3.4.example.", 2055,
	    "1.2.3.4.example.:2055");
	good("0xg", "0xg", 2055, "0xg:2055");
	good("1e3", "1e3", 2055, "1e3:2055");
	good("224.0.0.1", "224.0.0.1", 2055, "224.0.0.1:2055");
	good("ff02::1%em0", "ff02::1%em0", 2055, "[ff02::1%em0]:2055");
	good("::ffff:192.0.2.1", "::ffff:192.0.2.1", 2055,
	    "[::ffff:192.0.2.1]:2055");
	good("0.0.0.1", "0.0.0.1", 2055, "0.0.0.1:2055");
}

static void
test_too_many(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < CONF_COLLECTORS; i++)
		assert_int_equal(conf_add_collector(conf, "h", why,
				     sizeof(why)),
		    0);
	bad("h", "more than 64 collectors");
}

/* A configuration as it is read at the other end of a link. */
static struct conf *
over_a_link(const struct conf *c)
{
	struct msg_conn a, b;
	struct conf *got = NULL;
	struct msg msg;
	int pair[2], done = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	msg_init(&a, pair[0], 1 << 20, 0);
	msg_init(&b, pair[1], 0, 1);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(conf_link_put(&a, c), 0);
	while (done == 0) {
		assert_int_not_equal(msg_write(&a), -1);
		assert_int_equal(msg_receive(&b, &msg), 1);
		done = conf_link_receive(&got, &msg);
		msg_discard(&msg);
	}
	assert_int_equal(done, 1);
	msg_close(&a);
	msg_close(&b);
	return got;
}

static void
add(const char *spec, int fd)
{
	assert_int_equal(conf_add_collector(conf, spec, why, sizeof(why)), 0);
	conf->collectors[conf->ncollectors - 1].fd = fd;
}

static void
add_rule(struct rule_list *list, uint32_t number)
{
	struct rule r;

	memset(&r, 0, sizeof(r));
	r.number = number;
	r.number_given = 1;
	assert_int_equal(rule_add(list, &r), 0);
}

/* Whether two descriptors are of the same pipe. */
static void
same_file(int a, int b)
{
	struct stat x, y;

	assert_int_equal(fstat(a, &x), 0);
	assert_int_equal(fstat(b, &y), 0);
	assert_int_equal(x.st_ino, y.st_ino);
}

/* A configuration that went over a link is the one that was sent. */
static void
test_put_and_take_source(void **state)
{
	struct conf *got;

	(void)state;
	conf->source = CONF_TABLE;
	conf->interval = 4;
	conf->states = 1234;
	conf->interim = 7;
	conf->interim_given = 1;
	conf->join = conf->join_given = 1;
	got = over_a_link(conf);
	assert_int_equal(got->source, CONF_TABLE);
	assert_int_equal(got->interval, 4);
	assert_int_equal(got->states, 1234);
	assert_int_equal(conf_interim(got, 1), 7);
	assert_int_equal(conf_join(got, 0), 1);
	conf_free(got);
}

static void
test_put_and_take(void **state)
{
	static const uint8_t self[16] = { 192, 0, 2, 1 };
	const struct ifindex_entry em3 = { "em3", 33, 1 };
	struct conf *got;
	int fds[2];
	unsigned int i;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	add("127.0.0.1", fds[0]);
	add("flows.example", -1);
	conf->collectors[1].rate = 77;
	strcpy(conf->interface, "pfsync7");
	conf->hold = 9;
	conf->lookup = 30;
	conf->debug = 1;
	conf->verbose = 2;
	conf->pfsync_link = 1;
	conf->policy.view = FLOW_OUTSIDE;
	conf->creator_given = 1;
	conf->creator = 0xdeadbeef;
	conf->account_self = 1;
	conf->generation = 3;
	ifindex_add(&conf->interfaces, &em3);
	rule_self_add(&conf->self, 4, self);
	assert_int_equal(conf_set_control(conf, "/a/socket"), 0);
	conf->sockets[0].fd = fds[1];
	for (i = 0; i < 1000; i++)
		add_rule(&conf->filter, i);
	add_rule(&conf->filters[1], 7);
	got = over_a_link(conf);
	assert_string_equal(got->interface, "pfsync7");
	assert_int_equal(got->hold, 9);
	assert_int_equal(got->lookup, 30);
	assert_int_equal(got->debug, 1);
	assert_int_equal(got->verbose, 2);
	assert_int_equal(got->pfsync_link, 1);
	assert_memory_equal(&got->policy, &conf->policy, sizeof(got->policy));
	assert_int_equal(got->creator_given, 1);
	assert_int_equal(got->creator, 0xdeadbeef);
	assert_int_equal(got->account_self, 1);
	assert_int_equal(got->generation, 3);
	assert_memory_equal(&got->interfaces.entries[0], &em3, sizeof(em3));
	assert_int_equal(got->interfaces.n, 1);
	assert_true(rule_self_has(&got->self, 4, self));
	assert_int_equal(got->ncollectors, 2);
	assert_string_equal(got->collectors[1].name, "flows.example:2055");
	assert_int_equal(got->collectors[1].rate, 77);
	assert_int_equal(got->collectors[1].fd, -1);
	same_file(got->collectors[0].fd, fds[0]);
	assert_string_equal(got->sockets[0].path, "/a/socket");
	same_file(got->sockets[0].fd, fds[1]);
	assert_true(conf_same_rules(conf, got));
	got->filters[1].rules[0].quick = 1;
	assert_false(conf_same_rules(conf, got));
	conf_free(got);
}

/*
 * Begin a configuration, and add an item so many times.  Returns what the last
 * one gave, and the configuration if there is one.
 */
static int
take_items(struct conf **got, uint32_t type, const void *data, size_t len,
    unsigned int n)
{
	struct msg msg = { .type = MSG_CONF_BEGIN, .fd = -1 };
	int done = 0;

	*got = NULL;
	msg.len = sizeof(struct conf_globals);
	memset(msg.data, 0, msg.len);
	assert_int_equal(conf_link_receive(got, &msg), 0);
	assert_non_null(*got);
	msg.type = type;
	msg.len = (uint32_t)len;
	memcpy(msg.data, data, len);
	while (n-- > 0) {
		assert_int_equal(done, 0);
		done = conf_link_receive(got, &msg);
		assert_int_equal(*got == NULL, done == -1);
	}
	return done;
}

static int
take_rule_of(uint32_t collector)
{
	struct conf_rule r = { .collector = collector };
	struct conf *got;
	int done = take_items(&got, MSG_CONF_RULE, &r, sizeof(r), 1);

	conf_free(got);
	return done;
}

/* No more than there is room for, and nothing that is no index or string. */
static void
test_take_bounds(void **state)
{
	struct conf_collector k = { .fd = -1 };
	struct conf_socket s = { .fd = -1 };
	struct ifindex_entry e = { .index = 7 };
	struct conf *got;

	(void)state;
	assert_int_equal(take_items(&got, MSG_CONF_COLLECTOR, &k, sizeof(k),
			     CONF_COLLECTORS),
	    0);
	conf_free(got);
	assert_int_equal(take_items(&got, MSG_CONF_COLLECTOR, &k, sizeof(k),
			     CONF_COLLECTORS + 1),
	    -1);
	k.protocol = PROTOCOLS;
	assert_int_equal(take_items(&got, MSG_CONF_COLLECTOR, &k, sizeof(k), 1),
	    -1);
	assert_int_equal(take_items(&got, MSG_CONF_SOCKET, &s, sizeof(s),
			     CONF_SOCKETS),
	    0);
	conf_free(got);
	assert_int_equal(take_items(&got, MSG_CONF_SOCKET, &s, sizeof(s),
			     CONF_SOCKETS + 1),
	    -1);
	memset(e.name, 'x', sizeof(e.name));
	assert_int_equal(take_items(&got, MSG_CONF_INTERFACE, &e, sizeof(e), 1),
	    0);
	assert_int_equal(got->interfaces.entries[0].name[sizeof(e.name) - 1],
	    '\0');
	conf_free(got);
}

/* What is out of place is no configuration, and leaves nothing behind. */
static void
test_take_rubbish(void **state)
{
	struct conf *got = NULL;
	struct msg msg = { .type = MSG_CONF_COMMIT, .fd = -1 };

	(void)state;
	assert_int_equal(conf_link_receive(&got, &msg), -1);
	msg.type = MSG_CONF_BEGIN;
	msg.len = 1;
	assert_int_equal(conf_link_receive(&got, &msg), -1);
	assert_null(got);
	assert_int_equal(take_rule_of(CONF_COLLECTORS), 0);
	assert_int_equal(take_rule_of(CONF_COLLECTORS + 1), -1);
	assert_int_equal(take_rule_of(0), -1); /* it has not come yet */
}

static void
test_same_collector(void **state)
{
	struct conf_collector a, b;

	(void)state;
	add("h:1", -1);
	a = b = conf->collectors[0];
	b.rate = 5;
	b.mtu = 576;
	b.dscp = 1;
	assert_true(conf_same_collector(&a, &b));
	b.engine_id = 1;
	assert_false(conf_same_collector(&a, &b));
	b = a;
	b.port = 2;
	assert_false(conf_same_collector(&a, &b));
	b = a;
	strcpy(b.source, "192.0.2.1");
	assert_false(conf_same_collector(&a, &b));
	strcpy(a.source, "fe80::1%em0");
	strcpy(b.source, "fe80::1%em1");
	assert_false(conf_same_collector(&a, &b));
	strcpy(b.source, "fe80::1%em0");
	assert_true(conf_same_collector(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_defaults, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_collectors, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_no_addresses, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_too_many, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_put_and_take, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_put_and_take_source,
		    set_up, tear_down),
		cmocka_unit_test(test_take_bounds),
		cmocka_unit_test_setup_teardown(test_take_rubbish, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_same_collector, set_up,
		    tear_down),
	};

	return RUN(tests);
}
