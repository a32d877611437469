/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the engine remembers of interfaces is what the ledger and the
 * configuration say of them.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <fcntl.h>
#include <unistd.h>

#include "unit.h"

#include "common/bytes.h"
#include "pflowd/conf.h"
#include "pflowd/engine.h"
#include "pflowd/ledger.h"
#include "pflowd/pfsync_layout.h"

#define NAMES (4 * ENGINE_INTERFACES)
#define LINK_PFSYNC 246
#define FRAME (HEADER_V3 + V3_RECORD)

static struct engine e;
static int sink; /* where the collector's datagrams arrive */

/* As they are, and so long that it is the end that tells them apart. */
static const char *
name_of(unsigned int n)
{
	static char name[FLOW_IFNAME];

	snprintf(name, sizeof(name), n % 2 ? "em%u" : "interface.%05u", n);
	return name;
}

/* A state of an interface, its initiator's port the number of that. */
static void
put_frame(uint8_t frame[FRAME], unsigned int n)
{
	uint8_t *state = frame + HEADER_V3, *tail = state + V3_CREATOR;

	memset(frame, 0, FRAME);
	frame[HEADER_VERSION] = 3;
	frame[HEADER_ACTION] = ACTION_DEL;
	frame[HEADER_COUNT] = 1;
	memcpy(state + AT_IFNAME, name_of(n), strlen(name_of(n)));
	put_be16(state + V3_EXT_PORT, (uint16_t)n);
	put_be64(state + AT_COUNTERS, 1);
	put_be64(state + AT_COUNTERS + 8, 1);
	put_be64(state + AT_COUNTERS + 16, 100);
	put_be64(state + AT_COUNTERS + 24, 100);
	tail[TAIL_AF] = AF_4;
	tail[TAIL_PROTO] = IPPROTO_UDP;
	tail[TAIL_DIRECTION] = FLOW_IN;
}

static void
put_words(FILE *file, const uint32_t *words, size_t n)
{
	assert_int_equal(fwrite(words, sizeof(*words), n, file), n);
}

/* A capture of n frames. */
static struct capture *
capture_with(const uint8_t *frames, unsigned int n)
{
	const uint32_t magic = 0xa1b2c3d4,
		       rest[] = { 0, 0, 65535, LINK_PFSYNC };
	const uint32_t packet[] = { 1700000000, 0, FRAME, FRAME };
	const uint16_t version[] = { 2, 4 };
	struct capture *capture;
	FILE *file = tmpfile();
	char why[512];
	int fd;

	assert_non_null(file);
	put_words(file, &magic, 1);
	assert_int_equal(fwrite(version, sizeof(version), 1, file), 1);
	put_words(file, rest, 4);
	for (; n > 0; n--, frames += FRAME) {
		put_words(file, packet, 4);
		assert_int_equal(fwrite(frames, FRAME, 1, file), 1);
	}
	rewind(file);
	fd = dup(fileno(file));
	fclose(file);
	capture = capture_open_fd(fd, "test", 0, why, sizeof(why));
	assert_non_null(capture);
	return capture;
}

/* A state of each interface, forth, back and forth. */
static struct capture *
capture_of_all(void)
{
	static uint8_t frames[3 * NAMES][FRAME];
	unsigned int i;

	for (i = 0; i < NAMES; i++) {
		put_frame(frames[i], i);
		put_frame(frames[2 * NAMES - 1 - i], i);
		put_frame(frames[2 * NAMES + i], i);
	}
	return capture_with(frames[0], 3 * NAMES);
}

/* With these indexes, from `first` on. */
static struct conf *
conf_with(uint32_t first)
{
	struct conf *conf = conf_new();
	char why[128];
	unsigned int i;

	assert_non_null(conf);
	assert_int_equal(conf_add_collector(conf, "127.0.0.1", why,
			     sizeof(why)),
	    0);
	for (i = 0; i < NAMES; i++)
		assert_int_equal(ifindex_fix(&conf->interfaces, name_of(i),
				     first + i),
		    0);
	return conf;
}

static void
connect_sink(struct conf_collector *to)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sink = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(sink, (struct sockaddr *)&in, len), 0);
	assert_int_equal(getsockname(sink, (struct sockaddr *)&in, &len), 0);
	to->fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(connect(to->fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(fcntl(to->fd, F_SETFL, O_NONBLOCK), 0);
	to->addr.ss_family = AF_INET;
}

/* A frame, and its state. */
static void
read_all(unsigned int states)
{
	while (states-- > 0)
		assert_int_equal(engine_read(&e, 2), ENGINE_MORE);
}

/*
 * Two records have come of so many states, with the indexes of then: one of
 * its interfaces is 0, and so is one of its ports.
 */
static void
check_records(unsigned int states, uint32_t first)
{
	unsigned int records = 0;
	uint8_t d[2048], *r;
	ssize_t len;

	engine_flush(&e);
	while ((len = recv(sink, d, sizeof(d), MSG_DONTWAIT)) > 0)
		for (r = d + 24; r < d + len; r += 48, records++)
			assert_int_equal(get_be16(r + 12) + get_be16(r + 14),
			    first + get_be16(r + 32) + get_be16(r + 34));
	assert_int_equal(records, 2 * states);
}

/* More than it remembers at once, over and over, and others after a reload. */
static void
test_interfaces(void **state)
{
	const struct export_hooks hooks = { .room = NULL };
	struct conf *conf = conf_with(1);
	struct ledger *ledger = ledger_new();
	unsigned int i;

	(void)state;
	assert_non_null(ledger);
	connect_sink(&conf->collectors[0]);
	assert_int_equal(engine_init(&e, ledger, &hooks), 0);
	e.replay = 1;
	assert_int_equal(engine_configure(&e, conf), 0);
	engine_capture(&e, capture_of_all());
	read_all(2 * NAMES);
	check_records(2 * NAMES, 1);
	assert_int_equal(engine_configure(&e, conf_with(5000)), 0);
	read_all(NAMES);
	check_records(NAMES, 5000);
	assert_int_equal(e.counters->no_interface, 0);
	for (i = 0; i < NAMES; i++) {
		assert_string_equal(ledger->interfaces[i].name, name_of(i));
		assert_int_equal(ledger->interfaces[i].states, 3);
		assert_int_equal(ledger->interfaces[i].records, 6);
	}
	engine_free(&e);
	free(ledger);
	close(sink);
}

/* A replay waits for its collectors amid the records of one state, too. */
static void
test_full_amid_split(void **state)
{
	const struct export_hooks hooks = { .room = NULL };
	struct ledger *ledger = ledger_new();
	enum engine_result result;
	uint8_t frame[FRAME];

	(void)state;
	assert_non_null(ledger);
	put_frame(frame, 0);
	put_be64(frame + HEADER_V3 + AT_COUNTERS, 65536);
	put_be64(frame + HEADER_V3 + AT_COUNTERS + 16,
	    UINT64_C(65536) * UINT32_MAX);
	assert_int_equal(engine_init(&e, ledger, &hooks), 0);
	e.replay = 1;
	assert_int_equal(engine_configure(&e, conf_with(1)), 0);
	engine_capture(&e, capture_with(frame, 1));
	while ((result = engine_read(&e, 100)) == ENGINE_MORE)
		continue;
	assert_int_equal(result, ENGINE_FULL);
	assert_true(export_busy(e.export));
	assert_int_equal(export_counters(e.export, 0)->dropped, 0);
	engine_free(&e);
	free(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_full_amid_split),
	};

	return RUN(tests);
}
