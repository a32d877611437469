/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Every capture in the directory $CAPTURES, cut at every length: each cut ends
 * in order, its accounting adds up, and it says a prefix of what the whole one
 * says.
 */

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "sink.h"

#include "pflowd/conf/conf.h"
#include "pflowd/engine/meter.h"
#include "pflowd/process/ledger.h"

#define LARGEST (64 * 1024)

static int joining; /* replays join twins */

static struct conf *
conf_with_sink(int *bound)
{
	struct conf *conf = conf_new();
	char why[128];

	assert_non_null(conf);
	assert_int_equal(conf_add_collector(conf, "127.0.0.1", why,
			     sizeof(why)),
	    0);
	conf->join = conf->join_given = joining;
	*bound = sink_for(&conf->collectors[0]);
	return conf;
}

static void
check_sums(const struct meter *e)
{
	const struct counters *c = e->counters;
	const struct collector_counters *k = export_counters(e->export, 0);
	struct export_status status;
	uint64_t frames = 0;
	int i;

	for (i = 0; i < PFSYNC_VERDICTS; i++)
		frames += c->verdict[i];
	assert_int_equal(c->frames, frames);
	assert_int_equal(c->announced, c->states + c->cut + c->twins);
	assert_int_equal(c->states,
	    c->exported + c->no_packets + c->inexpressible);
	assert_int_equal(k->offered,
	    k->given + k->inexpressible_inet6 + k->inexpressible_wide);
	export_status(e->export, 0, &status);
	assert_int_equal(k->built,
	    k->sent + status.queued + k->dropped + counters_failed(k));
	assert_int_equal(k->octets_built, c->octets_exported);
	assert_int_equal(k->octets_built,
	    k->octets_sent + status.octets + k->octets_dropped +
		k->octets_failed);
}

/* Read a capture to its end; what was counted is left in *total. */
static void
replay(const char *path, struct counters *total)
{
	const struct export_hooks hooks = { .writable = NULL };
	static struct meter e;
	struct ledger *ledger;
	struct capture *capture;
	enum meter_result result;
	char why[512];
	const struct source_facts facts = { .own_clock = 1, .can_wait = 1 };
	int bound, fd;

	memset(total, 0, sizeof(*total));
	fd = open(path, O_RDONLY);
	assert_int_not_equal(fd, -1);
	capture = capture_open_fd(fd, path, 0, why, sizeof(why));
	if (capture == NULL)
		return;
	assert_int_equal(meter_init(&e, ledger_new(), facts, &hooks), 0);
	assert_int_equal(meter_configure(&e, conf_with_sink(&bound), 0), 0);
	meter_capture(&e, capture);
	while ((result = meter_read(&e, 0, 1000)) == METER_MORE ||
	    result == METER_FULL)
		export_send(e.export);
	assert_true(result == METER_END || result == METER_ERROR);
	check_sums(&e);
	meter_flush(&e, 0);
	check_sums(&e);
	*total = *e.counters;
	ledger = e.ledger;
	meter_free(&e);
	free(ledger);
	close(bound);
}

static void
check_prefix(const struct counters *cut, const struct counters *longer)
{
	assert_true(cut->frames <= longer->frames);
	assert_true(cut->states <= longer->states);
	assert_true(cut->exported <= longer->exported);
	assert_true(cut->announced <= longer->announced);
}

static void
cut_everywhere(const char *path)
{
	char copy[] = "/tmp/pflowd-cut.XXXXXX";
	static uint8_t data[LARGEST];
	struct counters longer, cut;
	ssize_t len;
	int from = open(path, O_RDONLY), to = mkstemp(copy);

	assert_true(from != -1 && to != -1);
	len = read(from, data, sizeof(data));
	assert_true(len > 0 && len < LARGEST);
	assert_int_equal(write(to, data, (size_t)len), len);
	replay(copy, &longer);
	assert_true(longer.frames > 0);
	while (--len >= 0) {
		assert_int_equal(ftruncate(to, len), 0);
		replay(copy, &cut);
		check_prefix(&cut, &longer);
		longer = cut;
	}
	unlink(copy);
	close(from);
	close(to);
}

static void
test_cuts(void **state)
{
	const char *where = getenv("CAPTURES");
	struct dirent *e;
	char path[1024];
	DIR *dir;
	int n = 0;

	(void)state;
	if (where == NULL)
		fail_msg("CAPTURES is not set: run tests/unit/run.sh");
	dir = opendir(where);
	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		if (strstr(e->d_name, ".pcap") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", where, e->d_name);
		for (joining = 0; joining < 2; joining++)
			cut_everywhere(path);
		n++;
	}
	closedir(dir);
	assert_true(n > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cuts),
	};

	return RUN(tests);
}
