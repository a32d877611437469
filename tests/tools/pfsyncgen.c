/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Writes captures of pfsync frames: those that a script on stdin describes,
 * or, with -n, so many random ones: with -T, both states of connections, one
 * after the other, of which the truth has each packet once.  With -L they are
 *in IP in frames of that link type, with -q VLAN tags; -l only states a link
 *type.
 *
 * A script has a line for each frame, followed by one for each of its states,
 * with words of the form name=value:
 *
 *	frame [version=3] [time=S.U] [action=3] [count=N] [cut=BYTES]
 *	    [trailing=BYTES] [ip=4|6]
 *	state [id=N] [dir=in|out|N] [if=NAME] [proto=NAME|N] [af=N]
 *	    [lan=HOST:PORT] [gwy=HOST:PORT] [ext=HOST:PORT] [packets=N,N]
 *	    [bytes=N,N] [age=N] [expire=N] [timeout=N] [levels=N,N] [rt=HOST]
 *	    [rule=N] [creator=N]
 *	raw HEX
 *	clr [if=NAME] [creator=N]
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frames.h"

/* What a NetFlow version 5 collector must find. */
struct truth {
	uint64_t states, records, packets, octets;
};

/* The scripts. */

static uint64_t
number(const char *text)
{
	char *end;
	uint64_t v = strtoull(text, &end, 0);

	if (*text == '\0' || (*end != '\0' && *end != ','))
		errx(1, "not a number: %s", text);
	return v;
}

static uint64_t
second_number(const char *text)
{
	const char *comma = strchr(text, ',');

	if (comma == NULL)
		errx(1, "not two numbers: %s", text);
	return number(comma + 1);
}

/* ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT. */
static void
parse_host(struct host *h, const char *text)
{
	char copy[64], *port;

	memset(h, 0, sizeof(*h));
	snprintf(copy, sizeof(copy), "%s", text);
	if (copy[0] == '[') {
		if ((port = strchr(copy, ']')) == NULL)
			errx(1, "not a host: %s", text);
		*port++ = '\0';
		if (inet_pton(AF_INET6, copy + 1, h->addr) != 1)
			errx(1, "not an address: %s", text);
	} else {
		if ((port = strchr(copy, ':')) != NULL)
			*port = '\0';
		if (inet_pton(AF_INET, copy, h->addr) != 1)
			errx(1, "not an address: %s", text);
		if (port == NULL)
			return;
	}
	h->port = (uint16_t)number(port + 1);
}

static uint8_t
parse_proto(const char *text)
{
	if (strcmp(text, "tcp") == 0)
		return IPPROTO_TCP;
	if (strcmp(text, "udp") == 0)
		return IPPROTO_UDP;
	if (strcmp(text, "icmp") == 0)
		return IPPROTO_ICMP;
	return (uint8_t)number(text);
}

static uint8_t
parse_direction(const char *text)
{
	if (strcmp(text, "in") == 0)
		return 1;
	if (strcmp(text, "out") == 0)
		return 2;
	return (uint8_t)number(text);
}

static uint64_t
parse_time(const char *text)
{
	char *end;
	uint64_t s = strtoull(text, &end, 10);
	char digits[7] = "000000";

	if (*end == '.')
		memcpy(digits, end + 1, strnlen(end + 1, 6));
	return s * 1000000 + strtoull(digits, NULL, 10);
}

static void
set_frame(struct frame *f, const char *name, const char *v)
{
	if (strcmp(name, "version") == 0)
		f->version = (unsigned int)number(v);
	else if (strcmp(name, "time") == 0)
		f->time = last_time = parse_time(v);
	else if (strcmp(name, "action") == 0)
		f->action = (unsigned int)number(v);
	else if (strcmp(name, "count") == 0)
		f->count = (int)number(v);
	else if (strcmp(name, "cut") == 0)
		f->cut = number(v);
	else if (strcmp(name, "trailing") == 0)
		f->trailing = number(v);
	else if (strcmp(name, "ip") == 0)
		f->ip = (int)number(v);
	else
		errx(1, "frame: what is %s?", name);
}

static int
set_host(struct state *s, const char *name, const char *v)
{
	struct host rt;

	if (strcmp(name, "lan") == 0) {
		parse_host(&s->lan, v);
	} else if (strcmp(name, "gwy") == 0) {
		parse_host(&s->gwy, v);
		s->translated = 1;
	} else if (strcmp(name, "ext") == 0) {
		parse_host(&s->ext, v);
	} else if (strcmp(name, "rt") == 0) {
		parse_host(&rt, v);
		memcpy(s->rt, rt.addr, sizeof(s->rt));
	} else {
		return 0;
	}
	return 1;
}

static int
set_counter(struct state *s, const char *name, const char *v)
{
	if (strcmp(name, "packets") == 0) {
		s->packets[0] = number(v);
		s->packets[1] = second_number(v);
	} else if (strcmp(name, "bytes") == 0) {
		s->bytes[0] = number(v);
		s->bytes[1] = second_number(v);
	} else if (strcmp(name, "levels") == 0) {
		s->level[0] = (uint8_t)number(v);
		s->level[1] = (uint8_t)second_number(v);
	} else {
		return 0;
	}
	return 1;
}

static void
set_state(struct state *s, const char *name, const char *v)
{
	if (set_host(s, name, v) || set_counter(s, name, v))
		return;
	if (strcmp(name, "id") == 0)
		s->id = number(v);
	else if (strcmp(name, "dir") == 0)
		s->direction = parse_direction(v);
	else if (strcmp(name, "if") == 0)
		memcpy(s->ifname, v, strnlen(v, sizeof(s->ifname)));
	else if (strcmp(name, "proto") == 0)
		s->proto = parse_proto(v);
	else if (strcmp(name, "af") == 0)
		s->af = (uint8_t)number(v);
	else if (strcmp(name, "age") == 0)
		s->age = (uint32_t)number(v);
	else if (strcmp(name, "expire") == 0)
		s->expire = (uint32_t)number(v);
	else if (strcmp(name, "timeout") == 0)
		s->timeout = (uint8_t)number(v);
	else if (strcmp(name, "rule") == 0)
		s->rule = (uint32_t)number(v);
	else if (strcmp(name, "creator") == 0)
		s->creator = (uint32_t)number(v);
	else
		errx(1, "state: what is %s?", name);
}

static void
write_raw(const char *hex)
{
	static uint8_t data[FRAME_MAX];
	size_t len = 0;
	unsigned int byte;

	while (len < sizeof(data) && sscanf(hex, "%2x", &byte) == 1) {
		data[len++] = (uint8_t)byte;
		hex += 2;
	}
	write_packet(data, len, last_time);
}

static void
write_clr(const struct state *s)
{
	uint8_t data[44] = { 3 };

	data[3] = 1;
	memcpy(data + 20, s->ifname, 16);
	put32(data + 36, s->creator);
	write_packet(data, sizeof(data), last_time);
}

static void
script_line(struct frame *f, char *line)
{
	struct state s = { .direction = 1,
		.af = 2,
		.proto = IPPROTO_TCP,
		.rule = UINT32_MAX };
	char *save, *word = strtok_r(line, " \t\n", &save), *what = word;
	char *equals;

	if (what == NULL || *what == '#')
		return;
	if (strcmp(what, "state") != 0)
		close_frame(f);
	if (strcmp(what, "frame") == 0)
		open_frame(f, 3);
	while ((word = strtok_r(NULL, " \t\n", &save)) != NULL) {
		if (strcmp(what, "raw") == 0) {
			write_raw(word);
			return;
		}
		if ((equals = strchr(word, '=')) == NULL)
			errx(1, "not name=value: %s", word);
		*equals = '\0';
		if (strcmp(what, "frame") == 0)
			set_frame(f, word, equals + 1);
		else
			set_state(&s, word, equals + 1);
	}
	if (!s.translated)
		s.gwy = s.lan;
	if (strcmp(what, "frame") == 0)
		start_data(f);
	else if (strcmp(what, "state") == 0 && f->open)
		add_state(f, &s);
	else if (strcmp(what, "clr") == 0)
		write_clr(&s);
	else
		errx(1, "what is %s here?", what);
}

static void
run_script(void)
{
	static struct frame f;
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) != -1)
		script_line(&f, line);
	close_frame(&f);
	free(line);
}

/* Random states. */

static uint64_t seed;

static uint64_t
draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % below;
}

/* Records that version 5 needs for one direction. */
static uint64_t
parts(uint64_t packets, uint64_t octets)
{
	uint64_t a = packets / UINT32_MAX + (packets % UINT32_MAX != 0);
	uint64_t b = octets / UINT32_MAX + (octets % UINT32_MAX != 0);

	return a > b ? a : b;
}

static void
random_counters(struct state *s, int wide, struct truth *t)
{
	int i;

	for (i = 0; i < 2; i++) {
		s->packets[i] = 1 + draw(1000);
		if (wide && draw(4) == 0)
			s->packets[i] = draw(2) ? 0 : draw(20000000);
		if (wide && draw(200) == 0)
			s->packets[i] = UINT32_MAX + draw(1000);
		s->bytes[i] = s->packets[i] * (40 + draw(1400)) +
		    (s->packets[i] > 0 ? draw(40) : 0);
		t->packets += s->packets[i];
		t->octets += s->bytes[i];
		t->records += parts(s->packets[i], s->bytes[i]);
	}
	t->states++;
}

static void
random_state(struct state *s, uint64_t id)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP,
		IPPROTO_ICMP };

	memset(s, 0, sizeof(*s));
	s->id = id;
	memcpy(s->ifname, draw(2) ? "em0" : "em1", 3);
	s->direction = (uint8_t)(1 + draw(2));
	s->af = 2;
	s->proto = protos[draw(sizeof(protos))];
	put32(s->lan.addr, (uint32_t)(0x0a000000 + draw(65536)));
	s->lan.port = (uint16_t)(1024 + draw(60000));
	s->gwy = s->lan;
	put32(s->ext.addr, (uint32_t)(0xcb007100 + draw(256)));
	s->ext.port = 443;
	s->age = (uint32_t)draw(4000);
	s->timeout = s->proto == IPPROTO_TCP ? 5 : 8;
	s->level[0] = s->level[1] = s->proto == IPPROTO_TCP ? 9 : 2;
	s->rule = (uint32_t)draw(100);
}

/* Make an in-state the out-state of the same connection, with nat. */
static void
make_twin(struct state *s)
{
	s->id++;
	s->direction = 2;
	s->gwy = s->ext;
	s->ext = s->lan;
	s->lan = s->gwy;
	put32(s->gwy.addr, 0xc0000201);
}

struct wanted {
	unsigned int version, per_frame;
	int wide, twins;
};

static void
next_state(struct state *s, uint64_t i, const struct wanted *w, struct truth *t)
{
	if (w->twins && i % 2 == 1) {
		make_twin(s);
		t->states++;
		return;
	}
	random_state(s, i + 1);
	if (w->twins)
		s->direction = 1;
	random_counters(s, w->wide, t);
}

static void
run_random(uint64_t n, const struct wanted *w, struct truth *t)
{
	static struct frame f;
	struct state s = { 0 };
	uint64_t i;

	for (i = 0; i < n; i++) {
		if (i % w->per_frame == 0) {
			close_frame(&f);
			last_time += 1000;
			open_frame(&f, w->version);
			start_data(&f);
		}
		next_state(&s, i, w, t);
		add_state(&f, &s);
	}
	close_frame(&f);
}

static void
write_truth(const char *path, const struct truth *t)
{
	FILE *out = fopen(path, "w");

	if (out == NULL)
		err(1, "%s", path);
	fprintf(out,
	    "states %" PRIu64 "\nrecords %" PRIu64 "\npackets %" PRIu64
	    "\noctets %" PRIu64 "\n",
	    t->states, t->records, t->packets, t->octets);
	if (fclose(out) != 0)
		err(1, "%s", path);
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: pfsyncgen [-r] [-L linktype [-q tags] | -l linktype]\n"
	    "           [-S snaplen] <script\n"
	    "       pfsyncgen ... [-Tw] -n states [-v version] "
	    "[-k states-a-frame]\n"
	    "           [-s seed] [-t truth-file]\n");
	exit(1);
}

int
main(int argc, char *argv[])
{
	struct truth truth = { 0 };
	const char *truth_file = NULL;
	uint64_t n = 0;
	struct wanted wanted = { .version = 3, .per_frame = 6 };
	unsigned int link = 246;
	int ch;

	seed = 88172645463325252;
	while ((ch = getopt(argc, argv, "k:L:l:n:q:rS:s:Tt:v:w")) != -1) {
		switch (ch) {
		case 'k':
			wanted.per_frame = (unsigned int)number(optarg);
			break;
		case 'L':
			link = (unsigned int)number(optarg);
			wire_link = (int)link;
			break;
		case 'l':
			link = (unsigned int)number(optarg);
			break;
		case 'n':
			n = number(optarg);
			break;
		case 'q':
			wire_tags = (unsigned int)number(optarg);
			break;
		case 'r':
			raw_output = 1;
			break;
		case 'S':
			wire_snap = number(optarg);
			break;
		case 's':
			seed += number(optarg);
			break;
		case 'T':
			wanted.twins = 1;
			break;
		case 't':
			truth_file = optarg;
			break;
		case 'v':
			wanted.version = (unsigned int)number(optarg);
			break;
		case 'w':
			wanted.wide = 1;
			break;
		default:
			usage();
		}
	}
	if (!raw_output)
		write_file_header(link);
	if (n > 0)
		run_random(n, &wanted, &truth);
	else
		run_script();
	if (truth_file != NULL)
		write_truth(truth_file, &truth);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
