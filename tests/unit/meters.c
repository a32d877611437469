/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <unistd.h>

#include "meters.h"

#define LINK_PFSYNC 246

struct meter e;

/* As they are, and so long that it is the end that tells them apart. */
const char *
name_of(unsigned int n)
{
	static char name[FLOW_IFNAME];

	snprintf(name, sizeof(name), n % 2 ? "em%u" : "interface.%05u", n);
	return name;
}

struct state
state_of(unsigned int n)
{
	struct state s = { .packets = { 1, 1 },
		.bytes = { 100, 100 },
		.ext = { .port = (uint16_t)n },
		.af = 2,
		.proto = IPPROTO_UDP,
		.direction = FLOW_IN };

	memcpy(s.ifname, name_of(n), strlen(name_of(n)));
	return s;
}

void
put_frame(uint8_t frame[FRAME], unsigned int n)
{
	const struct state s = state_of(n);

	make_frame(frame, 3, &s, 1);
}

void
widen(struct state *s, unsigned int parts)
{
	s->packets[0] = parts;
	s->bytes[0] = (uint64_t)parts * UINT32_MAX;
}

static void
put_words(FILE *file, const uint32_t *words, size_t n)
{
	assert_int_equal(fwrite(words, sizeof(*words), n, file), n);
}

FILE *
begin_file(void)
{
	const uint32_t magic = 0xa1b2c3d4,
		       rest[] = { 0, 0, 65535, LINK_PFSYNC };
	const uint16_t version[] = { 2, 4 };
	FILE *file = tmpfile();

	assert_non_null(file);
	put_words(file, &magic, 1);
	assert_int_equal(fwrite(version, sizeof(version), 1, file), 1);
	put_words(file, rest, 4);
	return file;
}

void
add_frame(FILE *file, uint64_t ms, const uint8_t *frame, size_t len)
{
	const uint32_t packet[] = { (uint32_t)(ms / 1000),
		(uint32_t)(ms % 1000) * 1000, (uint32_t)len, (uint32_t)len };

	put_words(file, packet, 4);
	assert_int_equal(fwrite(frame, len, 1, file), 1);
}

struct capture *
open_file(FILE *file)
{
	struct capture *capture;
	char why[512];
	int fd;

	rewind(file);
	fd = dup(fileno(file));
	fclose(file);
	capture = capture_open_fd(fd, "test", 0, why, sizeof(why));
	assert_non_null(capture);
	return capture;
}

/* A capture of n frames. */
struct capture *
capture_with(const uint8_t *frames, unsigned int n)
{
	FILE *file = begin_file();

	for (; n > 0; n--, frames += FRAME)
		add_frame(file, NOW, frames, FRAME);
	return open_file(file);
}

/* With these indexes, from `first` on. */
struct conf *
conf_indexed(uint32_t first)
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

/* The first n of four collectors: IPFIX never splits, version 5 does. */
struct conf *
conf_of(unsigned int n)
{
	static const char *const protocols[SINKS] = { "ipfix", "netflow5",
		"netflow9", "netflow5" };
	static const char *const names[SINKS] = { "127.0.0.1:1", "127.0.0.1:2",
		"127.0.0.1:3", "127.0.0.1:4" };
	struct conf *conf = conf_new();
	char why[128];
	unsigned int i;

	assert_non_null(conf);
	for (i = 0; i < n; i++) {
		assert_int_equal(conf_add_collector(conf, names[i], why,
				     sizeof(why)),
		    0);
		conf->collectors[i].protocol = protocol_id(protocols[i]);
	}
	return conf;
}

/* A meter with this configuration and capture, which replays. */
struct ledger *
begin_meter(struct conf *conf, struct capture *capture)
{
	const struct source_facts facts = { .own_clock = 1, .can_wait = 1 };
	const struct export_hooks hooks = { .writable = NULL };
	struct ledger *ledger = ledger_new();

	assert_non_null(ledger);
	assert_int_equal(meter_init(&e, ledger, facts, &hooks), 0);
	assert_int_equal(meter_configure(&e, conf, 0), 0);
	meter_capture(&e, capture);
	return ledger;
}

void
end_meter(struct ledger *ledger)
{
	meter_free(&e);
	free(ledger);
}
