/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What of a configuration is not seen when it is printed.
 */

#include <unistd.h>

#include "unit.h"

#include "pflowd/conf/parse.h"

static void
tell(void *arg, const char *text)
{
	(void)arg;
	fail_msg("%s", text);
}

static struct conf *
parse(const char *text)
{
	char path[] = "/tmp/pflowd-parse.XXXXXX";
	struct conf *conf;
	int fd;

	assert_true((fd = mkstemp(path)) != -1);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	conf = parse_conf(path, NULL, 0, tell, NULL);
	unlink(path);
	assert_non_null(conf);
	return conf;
}

static void
test_list_is_its_members(void **state)
{
	struct conf *list = parse("ignore on { vlan10, em0, !e }\n");
	struct conf *each = parse("ignore on vlan10\n"
				  "ignore on em0\n"
				  "ignore on !e\n");

	(void)state;
	assert_int_equal(list->filter.n, 3);
	assert_true(conf_same_rules(list, each));
	conf_free(list);
	conf_free(each);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_is_its_members),
	};

	return RUN(tests);
}
