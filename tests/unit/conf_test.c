/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <unistd.h>

#include "unit.h"

#include "common/msg.h"
#include "pflowd/conf.h"

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
	assert_string_equal(conf->interface, "pfsync0");
	assert_int_equal(conf->hold, 5);
	assert_int_equal(conf->rules.view, FLOW_INSIDE);
	assert_int_equal(conf->rules.end, RECORD_LAST_PACKET);
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
	assert_int_equal(c->mtu, 1500);
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

static void
connect_to(const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct conf_collector *c = &conf->collectors[conf->ncollectors];

	assert_int_equal(inet_pton(AF_INET, address, &in.sin_addr), 1);
	assert_int_equal(conf_add_collector(conf, address, why, sizeof(why)),
	    0);
	memcpy(&c->addr, &in, sizeof(in));
	c->addrlen = sizeof(in);
	c->rate = 77;
}

/* The name of the peer that a collector's socket is connected to. */
static void
check_socket(const struct conf_collector *c, const char *address)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	char text[INET_ADDRSTRLEN];

	assert_int_equal(getpeername(c->fd, (struct sockaddr *)&in, &len), 0);
	inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
	assert_string_equal(text, address);
}

/* A configuration that went over a link is the one that was sent. */
static void
test_send(void **state)
{
	struct msg_link a, b;
	struct conf *got;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	a.fd = pair[0];
	b.fd = pair[1];
	connect_to("127.0.0.1");
	connect_to("127.0.0.2");
	assert_int_equal(conf_connect(conf, why, sizeof(why)), 0);
	strcpy(conf->interface, "pfsync7");
	conf->hold = 9;
	conf->debug = 1;
	conf->verbose = 2;
	conf->pfsync_link = 1;
	conf->rules.view = FLOW_OUTSIDE;
	ifindex_add(&conf->interfaces, "em3", 33);
	assert_int_equal(conf_send(&a, conf), 0);
	got = conf_receive(&b);
	assert_non_null(got);
	assert_string_equal(got->interface, "pfsync7");
	assert_int_equal(got->hold, 9);
	assert_int_equal(got->debug, 1);
	assert_int_equal(got->verbose, 2);
	assert_int_equal(got->pfsync_link, 1);
	assert_memory_equal(&got->rules, &conf->rules, sizeof(got->rules));
	assert_int_equal(got->interfaces.n, 1);
	assert_int_equal(got->interfaces.entries[0].index, 33);
	assert_int_equal(got->ncollectors, 2);
	assert_string_equal(got->collectors[1].name, "127.0.0.2:2055");
	assert_int_equal(got->collectors[1].rate, 77);
	check_socket(&got->collectors[0], "127.0.0.1");
	check_socket(&got->collectors[1], "127.0.0.2");
	conf_free(got);
	close(pair[0]);
	close(pair[1]);
}

/* What is out of place, or breaks off, is no configuration. */
static void
test_receive_rubbish(void **state)
{
	struct msg_link a, b;
	struct conf_collector c;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	a.fd = pair[0];
	b.fd = pair[1];
	msg_send(&a, MSG_ENGINE_STOP, NULL, 0, -1);
	assert_null(conf_receive(&b));
	msg_send(&a, MSG_CONF_BEGIN, "x", 1, -1);
	assert_null(conf_receive(&b));
	memset(&c, 0, sizeof(c));
	msg_send(&a, MSG_CONF_COLLECTOR, &c, sizeof(c), -1); /* no socket */
	assert_null(conf_receive(&b));
	close(pair[0]);
	assert_null(conf_receive(&b));
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_defaults, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_collectors, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_too_many, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_send, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_receive_rubbish, set_up,
		    tear_down),
	};

	return RUN(tests);
}
