/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>

#include <fcntl.h>
#include <unistd.h>

#include "unit.h"

#include "common/flowjson.h"
#include "pflowd/flow/flowprint.h"
#include "pflowd/flow/record.h"

static char text[FLOWJSON];
static int json;

/* What flowprint() writes to stdout for a report. */
static const char *
printed_report(const struct report *r)
{
	struct flowprint p = { .json = json };
	FILE *file = tmpfile();
	size_t n;
	int saved = dup(STDOUT_FILENO);

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	flowprint(&p, r, UINT64_C(1700000000007));
	assert_int_equal(flowprint_flush(&p), 0);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	return text;
}

/* All of a state that has ended. */
static struct report
report_of(const struct flow *f)
{
	return (struct report){ .flow = f,
		.packets = { f->packets[0], f->packets[1] },
		.bytes = { f->bytes[0], f->bytes[1] },
		.ending = REPORT_EXPIRED };
}

static const char *
printed(const struct flow *f)
{
	struct report r = report_of(f);

	return printed_report(&r);
}

static struct flow
plain(void)
{
	struct flow f = { FAMILY(4), .proto = IPPROTO_TCP, .direction = FLOW_IN,
		.ifname = "em0", .packets = { 5, 6 },
		.bytes = { 500, UINT64_MAX }, .age = 360000 + 62, .rule = 3 };

	memcpy(f.lan.addr, "\x0a\0\0\x07", 4);
	f.lan.port = 80;
	f.gwy = f.lan;
	memcpy(f.ext.addr, "\xc6\x33\x64\x09", 4);
	f.ext.port = 1025;
	f.tcp_state[0] = 9;
	f.tcp_state[1] = 4;
	return f;
}

static void
test_in(void **state)
{
	struct flow f = plain();

	(void)state;
	assert_string_equal(printed(&f),
	    "2023-11-14T22:13:20.007Z em0 tcp 10.0.0.7:80 <- "
	    "198.51.100.9:1025 ESTABLISHED:FIN_WAIT_2 age 100:01:02, "
	    "5:6 pkts, 500:18446744073709551615 bytes, rule 3\n");
}

static void
test_out_translated(void **state)
{
	struct flow f = plain();

	(void)state;
	f.direction = FLOW_OUT;
	f.gwy.port = 61000;
	f.rule = UINT32_MAX;
	f.proto = IPPROTO_UDP;
	f.tcp_state[0] = 2;
	f.tcp_state[1] = 77;
	assert_string_equal(printed(&f),
	    "2023-11-14T22:13:20.007Z em0 udp 10.0.0.7:80 -> "
	    "10.0.0.7:61000 -> 198.51.100.9:1025 MULTIPLE:77 age "
	    "100:01:02, 5:6 pkts, 500:18446744073709551615 bytes\n");
}

static void
test_inet6(void **state)
{
	struct flow f = plain();

	(void)state;
	flow_set_family(&f, 6);
	memset(f.lan.addr, 0, 16);
	f.lan.addr[15] = 1;
	f.lan.port = 0;
	f.gwy = f.lan;
	f.proto = 200;
	assert_non_null(strstr(printed(&f),
	    " em0 200 ::1 <- c633:6409::[1025] "
	    "4:9 age"));
}

/* Nothing of the wire's moves a terminal's cursor or passes for a field. */
static void
test_hostile_name(void **state)
{
	struct flow f = plain();

	(void)state;
	memcpy(f.ifname, "a\033[2J\n b\x7f\xff", 11);
	assert_non_null(strstr(printed(&f), "Z a?[2J??b?? tcp "));
	memset(f.ifname, 0, sizeof(f.ifname));
	assert_non_null(strstr(printed(&f), "Z - tcp "));
}

static void
test_senseless(void **state)
{
	struct flow f = plain();

	(void)state;
	f.anomalies = FLOW_BAD_DIRECTION;
	assert_non_null(strstr(printed(&f),
	    "tcp (direction or address family unknown) age"));
}

/* The counters are the report's; the label of a piece says that it is one. */
static void
test_piece(void **state)
{
	struct flow f = plain();
	struct report r = report_of(&f);

	(void)state;
	f.label = FLOW_INTERIM;
	r.ending = REPORT_INTERIM;
	r.packets[0] = 2;
	r.packets[1] = 0;
	r.bytes[0] = 80;
	r.bytes[1] = 0;
	assert_non_null(strstr(printed_report(&r),
	    ", 2:0 pkts, 80:0 bytes, rule 3, interim\n"));
	json = 1;
	assert_non_null(strstr(printed_report(&r),
	    "\"bytes\":80,\"bytes_back\":0,"));
	assert_non_null(strstr(printed_report(&r),
	    "\"why\":\"interim\",\"joined\":false,"
	    "\"label\":\"interim\"}\n"));
	json = 0;
}

/* The out-state of plain(), whose initiator it translates. */
static struct flow
twin_of(const struct flow *f)
{
	struct flow twin = *f;

	twin.direction = FLOW_OUT;
	twin.lan = twin.gwy = f->ext;
	twin.ext = f->lan;
	twin.gwy.port = 61000;
	memcpy(twin.ifname, "em1", 4);
	return twin;
}

/* From the initiator on; in parentheses, what is seen across the firewall. */
static void
test_joined(void **state)
{
	struct flow f = plain(), twin = twin_of(&f);
	struct report r = report_of(&f);

	(void)state;
	r.twin = &twin;
	f.label = FLOW_CUT;
	assert_string_equal(printed_report(&r),
	    "2023-11-14T22:13:20.007Z em0->em1 tcp 198.51.100.9:1025 "
	    "(198.51.100.9:61000) -> 10.0.0.7:80 FIN_WAIT_2:ESTABLISHED age "
	    "100:01:02, 5:6 pkts, 500:18446744073709551615 bytes, rule 3, "
	    "joined, cut\n");
	f.gwy.port = 8080;
	twin.gwy = f.ext;
	assert_non_null(strstr(printed_report(&r),
	    " 198.51.100.9:1025 -> 10.0.0.7:80 (10.0.0.7:8080) FIN"));
	memcpy(twin.ifname, "em0", 4);
	assert_non_null(strstr(printed_report(&r), "Z em0 tcp "));
	twin.lan.port = twin.gwy.port = 99; /* a ping's id */
	assert_non_null(strstr(printed_report(&r), " 198.51.100.9:1025 -> "));
}

static void
test_joined_json(void **state)
{
	struct flow f = plain(), twin = twin_of(&f);
	struct report r = report_of(&f);

	(void)state;
	r.twin = &twin;
	json = 1;
	assert_non_null(strstr(printed_report(&r),
	    "\"interface\":\"em0\",\"out_interface\":\"em1\","
	    "\"direction\":\"in\","));
	assert_non_null(strstr(text,
	    "\"gwy\":null,\"gwy_port\":null,\"ext\":\"198.51.100.9\","
	    "\"ext_port\":1025,\"nat\":\"198.51.100.9\","
	    "\"nat_port\":61000,"));
	assert_non_null(strstr(text,
	    "\"why\":\"end\",\"joined\":true,\"label\":\"final\"}\n"));
	twin.gwy = f.ext;
	assert_non_null(strstr(printed_report(&r),
	    "\"nat\":null,\"nat_port\":null,"));
	json = 0;
}

/* All that can be read from a pipe at present. */
static size_t
read_pipe(int fd, char *to, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, to + len, size - len)) > 0)
		len += (size_t)n;
	return len;
}

/* Who reads nothing holds up nobody, and is told what he missed. */
static void
test_slow_reader(void **state)
{
	static struct flowprint p = { .lossy = 1 };
	static char all[1 << 20];
	struct flow f = plain();
	struct report r = report_of(&f);
	int fds[2], saved = dup(STDOUT_FILENO), i;
	size_t len;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	fflush(stdout);
	dup2(fds[1], STDOUT_FILENO);
	for (i = 0; i < 5000; i++)
		flowprint(&p, &r, 7);
	len = read_pipe(fds[0], all, sizeof(all));
	flowprint(&p, &r, 7);
	flowprint_flush(&p);
	len += read_pipe(fds[0], all + len, sizeof(all) - len - 1);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fds[0]);
	close(fds[1]);
	all[len] = '\0';
	assert_non_null(strstr(all,
	    " flows not shown: reader is too slow)\n1970"));
	assert_int_equal(all[len - 1], '\n');
	assert_int_equal(p.lost, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in),
		cmocka_unit_test(test_out_translated),
		cmocka_unit_test(test_inet6),
		cmocka_unit_test(test_hostile_name),
		cmocka_unit_test(test_senseless),
		cmocka_unit_test(test_piece),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_joined_json),
		cmocka_unit_test(test_slow_reader),
	};

	return RUN(tests);
}
