/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What overrides what.  What ends the program is in tests/golden/config/run.sh.
 */

#include <unistd.h>

#include "unit.h"

#include "config.h"
#include "pflowd/conf/cmdline.h"

static struct cmdline o;
static struct conf *conf;
static char file[64];
static char told[1024];

static const char text[] = "interface em3 linktype pfsync\n"
			   "dmz = em4\n"
			   "collector 192.0.2.1 { rate 5 }\n"
			   "collector 192.0.2.2 { ignore in }\n"
			   "socket /tmp/a\n"
			   "socket /tmp/b restricted\n"
			   "ignore on $dmz\n";

static void
tell(void *arg, const char *line)
{
	(void)arg;
	strcat(told, line);
	strcat(told, "\n");
}

static int
set_up(void **state)
{
	int fd;

	(void)state;
	told[0] = '\0';
	strcpy(file, "/tmp/pflowd-cmdline.XXXXXX");
	if ((fd = mkstemp(file)) == -1)
		return -1;
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return close(fd);
}

static int
tear_down(void **state)
{
	(void)state;
	conf_free(conf);
	conf = NULL;
	return unlink(file);
}

/* The words of a command line; the memory outlives it. */
static int
parse(const char *line)
{
	static char copy[512];
	static char name[] = "pflowd";
	char *argv[32] = { name };
	char *word;
	int argc = 1;

	strcpy(copy, line);
	for (word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	optind = 1;
	opterr = 0;
	return cmdline_parse(&o, argc, argv);
}

/* Replace the text of the file. */
static void
write_text(const char *to)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(to, f);
	fclose(f);
}

/* With the file above. */
static void
load(const char *options)
{
	char line[512];

	snprintf(line, sizeof(line), "-f %s %s", file, options);
	assert_int_equal(parse(line), 0);
	conf_free(conf);
	conf = cmdline_conf(&o, tell, NULL);
}

static void
test_usage(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_string_equal(o.file, PFLOWD_CONF);
	assert_int_equal(o.rate, CMDLINE_RATE);
	assert_int_equal(parse("-dvvnV"), 0);
	assert_true(o.debug && o.verbose == 2 && o.check && o.version);
	assert_int_equal(parse("-x"), -1);
	assert_int_equal(parse("-e"), -1);
	assert_int_equal(parse("-n file"), -1);
	assert_int_equal(parse("-r x -i em0"), -1);
	assert_int_equal(parse("-R 5"), -1);
	assert_int_equal(parse("-c 5"), -1);
	assert_int_equal(parse("-w /x -r y"), -1);
	assert_int_equal(parse("-w /x -i em0"), -1);
	assert_int_equal(parse("-w /x -y pfsync"), -1);
	assert_int_equal(parse("-w /x -e h"), -1);
	assert_int_equal(parse("-w /x -s /y"), -1);
	assert_int_equal(parse("-w /x -c 7 -n -v -d"), 0);
	assert_string_equal(o.record, "/x");
	assert_int_equal(o.count, 7);
	assert_int_equal(parse("-r x -R 5 -y PFSYNC -D a=b=c"), 0);
	assert_int_equal(o.rate, 5);
	assert_true(o.pfsync_link);
	assert_string_equal(o.defines[0].name, "a");
	assert_string_equal(o.defines[0].value, "b=c");
}

static void
test_paths(void **state)
{
	char cwd[256], wanted[300];

	(void)state;
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(parse("-f a/b -s c"), 0);
	snprintf(wanted, sizeof(wanted), "%s/a/b", cwd);
	assert_string_equal(o.file, wanted);
	snprintf(wanted, sizeof(wanted), "%s/c", cwd);
	assert_string_equal(o.socket, wanted);
	/* In the program they live as long as it does. */
	free((void *)(uintptr_t)o.file);
	free((void *)(uintptr_t)o.socket);
}

static void
test_file(void **state)
{
	(void)state;
	load("");
	assert_non_null(conf);
	assert_string_equal(conf->interface, "em3");
	assert_true(conf->pfsync_link);
	assert_int_equal(conf->ncollectors, 2);
	assert_int_equal(conf->collectors[0].rate, 5);
	assert_int_equal(conf->collectors[1].rate, 0);
	assert_int_equal(conf->filters[1].n, 1);
	assert_string_equal(conf_control(conf)->path, "/tmp/a");
	assert_string_equal(conf->filter.rules[0].ifname, "em4");
	assert_false(conf->debug);
	assert_string_equal(told, "");
}

static void
test_overrides(void **state)
{
	(void)state;
	load("-i em9 -e 192.0.2.3 -s /tmp/c -D dmz=em5 -dv");
	assert_non_null(conf);
	assert_string_equal(conf->interface, "em9");
	assert_int_equal(conf->ncollectors, 1);
	assert_string_equal(conf->collectors[0].host, "192.0.2.3");
	assert_int_equal(conf->filters[0].n, 0);
	assert_int_equal(conf->nsockets, 2);
	assert_string_equal(conf_control(conf)->path, "/tmp/c");
	assert_string_equal(conf->filter.rules[0].ifname, "em5");
	assert_true(conf->debug && conf->verbose == 1);
}

/* An interface is of source pfsync; one of the command line too. */
static void
test_source(void **state)
{
	(void)state;
	load("");
	assert_int_equal(conf->source, CONF_PFSYNC);
	write_text("collector h\nsource table\ninterval 7\nstates 9\n");
	load("");
	assert_non_null(conf);
	assert_int_equal(conf->source, CONF_TABLE);
	assert_int_equal(conf->interval, 7);
	assert_int_equal(conf->states, 9);
	assert_string_equal(conf->interface, "");
	load("-r x -y pfsync");
	assert_non_null(conf);
	assert_string_equal(told, "");
	load("-y pfsync");
	assert_null(conf);
	assert_non_null(strstr(told, "use source pfsync"));
	told[0] = '\0';
	load("-i em0");
	assert_null(conf);
	assert_non_null(strstr(told, "remove -i, or \"source table\" from"));
	write_text("collector h\n");
	load("-i em0");
	assert_non_null(conf);
	assert_int_equal(conf->source, CONF_PFSYNC);
	assert_string_equal(conf->interface, "em0");
}

/* Only the table has interim reports; the file that is replayed decides. */
static void
test_interim(void **state)
{
	(void)state;
	write_text("collector h\ninterim 60\n");
	load("-i em0");
	assert_null(conf);
	assert_non_null(strstr(told,
	    "interim 60: needs source table: remove \"interim\" from "));
	assert_non_null(strstr(told, ", or remove -i\n"));
	told[0] = '\0';
	load("-r /x");
	assert_non_null(conf);
	assert_int_equal(conf->source, CONF_TABLE);
	load("-w /x");
	assert_non_null(conf);
	write_text("collector h\ninterim 0\n");
	load("-i em0");
	assert_non_null(conf);
	assert_string_equal(told, "");
}

/* Without source table in the file, it is the default of some systems. */
static void
test_interim_alone(void **state)
{
	(void)state;
	write_text("collector h\ninterim 60\n");
	load("");
	if (PFLOWD_SOURCE == CONF_TABLE) {
		assert_non_null(conf);
		return;
	}
	assert_null(conf);
	assert_non_null(strstr(told, ", or add \"source table\"\n"));
}

/* A recording is of the table, and needs neither a collector nor a file. */
static void
test_record(void **state)
{
	(void)state;
	load("-w /x");
	assert_null(conf);
	assert_non_null(strstr(told, "needs source table, but "));
	write_text("interval 3\n");
	told[0] = '\0';
	load("-w /x");
	assert_non_null(conf);
	assert_string_equal(told, "");
	assert_int_equal(conf->source, CONF_TABLE);
	assert_int_equal(conf->interval, 3);
	conf_free(conf);
	assert_int_equal(parse("-w /x"), 0);
	o.file = "/nonsuch/pflowd.conf";
	conf = cmdline_conf(&o, tell, NULL);
	assert_non_null(conf);
}

/* A replay has no socket but by -s, and a rate where the file sets none. */
static void
test_replay(void **state)
{
	(void)state;
	load("-r /x");
	assert_non_null(conf);
	assert_int_equal(conf->nsockets, 0);
	assert_true(conf->debug);
	assert_int_equal(conf->collectors[0].rate, 5);
	assert_int_equal(conf->collectors[1].rate, CMDLINE_RATE);
	load("-r x -R 7 -s /tmp/c");
	assert_string_equal(conf_control(conf)->path, "/tmp/c");
	assert_int_equal(conf->nsockets, 1);
	assert_int_equal(conf->collectors[0].rate, 7);
	assert_int_equal(conf->collectors[1].rate, 7);
}

/* Without a file: the defaults, and no collector but those of -e. */
static void
test_no_file(void **state)
{
	(void)state;
	assert_int_equal(parse("-r x"), 0);
	conf = cmdline_conf(&o, tell, NULL);
	assert_non_null(conf);
	assert_int_equal(conf->ncollectors, 0);
	conf_free(conf);
	assert_int_equal(parse("-e h"), 0);
	o.file = "/nonsuch/pflowd.conf";
	conf = cmdline_conf(&o, tell, NULL);
	assert_non_null(conf);
	assert_int_equal(conf->source, PFLOWD_SOURCE);
	assert_string_equal(conf->interface,
	    conf->source == CONF_TABLE ? "" : "pfsync0");
	assert_string_equal(conf_control(conf)->path, PFLOWD_SOCKET);
	conf_free(conf);
	assert_int_equal(parse(""), 0);
	o.file = "/nonsuch/pflowd.conf";
	conf = cmdline_conf(&o, tell, NULL);
	assert_null(conf);
	assert_non_null(strstr(told,
	    "no /nonsuch/pflowd.conf and no collector"));
	assert_non_null(strstr(told, "use -e host[:port]"));
}

static void
test_errors(void **state)
{
	(void)state;
	load("-e h -e H:2055");
	assert_null(conf);
	load("-s /tmp/b");
	assert_null(conf);
	load("-i abcdefghijklmnop");
	assert_null(conf);
	assert_string_equal(told,
	    "-e H:2055: given twice\n"
	    "-s /tmp/b: already the path of the restricted socket\n"
	    "-i abcdefghijklmnop: interface name is too long\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_usage),
		TEST(test_paths),
		TEST(test_file),
		TEST(test_overrides),
		TEST(test_source),
		TEST(test_interim),
		TEST(test_interim_alone),
		TEST(test_record),
		TEST(test_replay),
		TEST(test_no_file),
		TEST(test_errors),
	};

	return RUN(tests);
}
