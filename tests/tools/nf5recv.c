/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A strict judge of NetFlow version 5: reads datagrams until TERM and a moment
 * of silence, or until INT, says what they hold, and exits 1 if one of them
 * breaks a rule of the protocol.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER 24
#define RECORD 48
#define RECEIVE_BUFFER (64 * 1024 * 1024)
#define STREAMS 64

enum output {
	TEXT, /* a line for each record */
	HEX,  /* a line for each datagram */
	SUM,  /* totals */
	HOSTS /* a line for each host of 10.0.0.0/8 */
};

#define HOSTS_MAX (1 << 24)

/* From it, to it. */
struct host {
	uint32_t records;
	uint64_t packets[2], octets[2];
};

/* What one engine of one exporter is to send next. */
struct stream {
	struct sockaddr_storage from;
	uint16_t engine;
	uint32_t next;
};

struct sums {
	uint64_t datagrams, records, packets, octets, gaps, broken, lost;
	uint64_t missing; /* records, by the gaps */
};

static volatile sig_atomic_t stopped;

static void
on_term(int signo)
{
	stopped = signo;
}

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void
broken(struct sums *s, const char *rule)
{
	if (s->broken++ < 10)
		warnx("datagram %" PRIu64 ": %s", s->datagrams, rule);
}

/* The sequence counts the records before this datagram, for each engine. */
static void
check_sequence(struct sums *s, const struct sockaddr_storage *from,
    const uint8_t *p, unsigned int count)
{
	static struct stream streams[STREAMS];
	static unsigned int n;
	struct stream *st;

	for (st = streams; st < streams + n; st++)
		if (st->engine == get16(p + 20) &&
		    memcmp(&st->from, from, sizeof(*from)) == 0)
			break;
	if (st == streams + n) {
		if (n == STREAMS)
			errx(1, "more than %d streams", STREAMS);
		n++;
		st->from = *from;
		st->engine = get16(p + 20);
	} else if (st->next != get32(p + 16)) {
		s->gaps++;
		s->missing += get32(p + 16) - st->next;
		broken(s, "a gap in the sequence");
	}
	st->next = get32(p + 16) + count;
}

static void
check_record(struct sums *s, const uint8_t *p, uint32_t uptime)
{
	uint32_t first = get32(p + 24), last = get32(p + 28);

	if (first > last || last > uptime)
		broken(s, "not First <= Last <= SysUptime");
	if (get32(p + 16) == 0 || get32(p + 20) == 0)
		broken(s, "no packets, or no octets");
	if (p[36] != 0 || p[39] != 0 || get32(p + 40) != 0 ||
	    get32(p + 44) != 0)
		broken(s, "pads, TOS, AS and masks are not 0");
	s->records++;
	s->packets += get32(p + 16);
	s->octets += get32(p + 20);
}

/* 0: nothing in it can be relied on. */
static int
check_header(struct sums *s, const uint8_t *p, size_t len)
{
	if (len < HEADER + RECORD || get16(p) != 5) {
		broken(s, "not version 5, or empty");
		return 0;
	}
	if (get16(p + 2) > 30 ||
	    len != HEADER + get16(p + 2) * (size_t)RECORD) {
		broken(s, "its length is not that of its count");
		return 0;
	}
	if (get32(p + 12) >= 1000000000)
		broken(s, "nanoseconds over a second");
	if (get16(p + 22) != 0)
		broken(s, "says that it samples");
	return 1;
}

static void
print_address(const uint8_t *p)
{
	printf("%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
}

/* Times as milliseconds since the epoch, as collectors compute them. */
static void
print_record(const uint8_t *header, const uint8_t *p)
{
	uint64_t boot = (uint64_t)get32(header + 8) * 1000 +
	    get32(header + 12) / 1000000 - get32(header + 4);

	print_address(p);
	printf(" %u ", get16(p + 32));
	print_address(p + 4);
	printf(" %u %u %" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu64 " %u %u ",
	    get16(p + 34), p[38], get32(p + 16), get32(p + 20),
	    boot + get32(p + 24), boot + get32(p + 28), get16(p + 12),
	    get16(p + 14));
	print_address(p + 8);
	printf(" 0x%02x\n", p[37]);
}

/* Both ends of a record may be such hosts. */
static void
add_to_hosts(struct host *hosts, const uint8_t *p)
{
	struct host *h;
	int way;

	for (way = 0; way < 2; way++) {
		if (p[way * 4] != 10)
			continue;
		h = &hosts[get32(p + way * 4) & (HOSTS_MAX - 1)];
		h->records++;
		h->packets[way] += get32(p + 16);
		h->octets[way] += get32(p + 20);
	}
}

static void
print_hosts(const struct host *hosts)
{
	const struct host *h;
	unsigned int i;

	for (i = 0; i < HOSTS_MAX; i++) {
		h = &hosts[i];
		if (h->records > 0)
			printf("10.%u.%u.%u %" PRIu32 " %" PRIu64 " %" PRIu64
			       " %" PRIu64 " %" PRIu64 "\n",
			    i >> 16, i >> 8 & 255, i & 255, h->records,
			    h->packets[0], h->packets[1], h->octets[0],
			    h->octets[1]);
	}
}

static void
print_hex(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		printf("%02x", p[i]);
	printf("\n");
}

static void
judge(struct sums *s, const struct sockaddr_storage *from, const uint8_t *p,
    size_t len, enum output output, struct host *hosts)
{
	unsigned int i, count;

	s->datagrams++;
	if (output == HEX)
		print_hex(p, len);
	if (!check_header(s, p, len))
		return;
	count = get16(p + 2);
	check_sequence(s, from, p, count);
	for (i = 0; i < count; i++) {
		check_record(s, p + HEADER + i * RECORD, get32(p + 4));
		if (output == TEXT)
			print_record(p, p + HEADER + i * RECORD);
		else if (output == HOSTS)
			add_to_hosts(hosts, p + HEADER + i * RECORD);
	}
}

/* How many datagrams the kernel has had no room for. */
static void
note_lost(struct sums *s, struct msghdr *mh)
{
	struct cmsghdr *cm;
	uint32_t lost;

	for (cm = CMSG_FIRSTHDR(mh); cm != NULL; cm = CMSG_NXTHDR(mh, cm)) {
		if (cm->cmsg_level == SOL_SOCKET &&
		    cm->cmsg_type == SO_RXQ_OVFL) {
			memcpy(&lost, CMSG_DATA(cm), sizeof(lost));
			s->lost = lost;
		}
	}
}

/* What has arrived is read first; after TERM, what still comes as well. */
static void
receive(int fd, enum output output, struct sums *s, struct host *hosts)
{
	struct sockaddr_storage from;
	uint8_t data[2048], control[64];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr mh;
	ssize_t n;

	for (;;) {
		memset(&from, 0, sizeof(from));
		memset(&mh, 0, sizeof(mh));
		mh.msg_name = &from;
		mh.msg_namelen = sizeof(from);
		mh.msg_iov = &iov;
		mh.msg_iovlen = 1;
		mh.msg_control = control;
		mh.msg_controllen = sizeof(control);
		if ((n = recvmsg(fd, &mh,
			 stopped == SIGINT ? MSG_DONTWAIT : 0)) == -1) {
			if (errno == EAGAIN && stopped)
				return;
			if (errno == EAGAIN || errno == EINTR)
				continue;
			err(1, "recvmsg");
		}
		note_lost(s, &mh);
		judge(s, &from, data, (size_t)n, output, hosts);
		fflush(stdout);
	}
}

/* Wakes up often enough to see that it is to stop, and not before silence. */
static int
open_socket(int family, uint16_t port, int any)
{
	struct timeval tick = { 0, 100000 };
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd, size = RECEIVE_BUFFER, on = 1, failed;

	in.sin_addr.s_addr = htonl(any ? INADDR_ANY : INADDR_LOOPBACK);
	if ((fd = socket(family, SOCK_DGRAM, 0)) == -1)
		err(1, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof(tick));
	if (family == AF_INET)
		failed = bind(fd, (struct sockaddr *)&in, sizeof(in));
	else
		failed = bind(fd, (struct sockaddr *)&in6, sizeof(in6));
	if (failed)
		err(1, "port %u", port);
	return fd;
}

static void
tell_port(int fd, const char *path)
{
	struct sockaddr_storage ss;
	struct sockaddr_in in;
	socklen_t len = sizeof(ss);
	FILE *out;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1 ||
	    (out = fopen(path, "w")) == NULL)
		err(1, "%s", path);
	memcpy(&in, &ss, sizeof(in)); /* the port is at the same place */
	fprintf(out, "%u\n", ntohs(in.sin_port));
	fclose(out);
}

static void
show_sums(const struct sums *s)
{
	printf("datagrams %" PRIu64 "\nrecords %" PRIu64 "\npackets %" PRIu64
	       "\noctets %" PRIu64 "\ngaps %" PRIu64 "\nbroken %" PRIu64
	       "\nkernel_drops %" PRIu64 "\nmissing %" PRIu64 "\n",
	    s->datagrams, s->records, s->packets, s->octets, s->gaps, s->broken,
	    s->lost, s->missing);
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: nf5recv [-46a] [-o hex|hosts|sum|text] [-p port] "
	    "[-w port-file]\n");
	exit(1);
}

static enum output
parse_output(const char *word)
{
	if (strcmp(word, "text") == 0)
		return TEXT;
	if (strcmp(word, "hex") == 0)
		return HEX;
	if (strcmp(word, "hosts") == 0)
		return HOSTS;
	if (strcmp(word, "sum") != 0)
		usage();
	return SUM;
}

int
main(int argc, char *argv[])
{
	enum output output = TEXT;
	struct sums sums = { 0 };
	struct host *hosts; /* untouched, it takes no memory */
	const char *port_file = NULL;
	int ch, fd, family = AF_INET, any = 0;
	uint16_t port = 0;

	while ((ch = getopt(argc, argv, "46ao:p:w:")) != -1) {
		switch (ch) {
		case '4':
			family = AF_INET;
			break;
		case '6':
			family = AF_INET6;
			break;
		case 'a':
			any = 1;
			break;
		case 'o':
			output = parse_output(optarg);
			break;
		case 'p':
			port = (uint16_t)strtoul(optarg, NULL, 10);
			break;
		case 'w':
			port_file = optarg;
			break;
		default:
			usage();
		}
	}
	signal(SIGTERM, on_term);
	signal(SIGINT, on_term);
	fd = open_socket(family, port, any);
	if (port_file != NULL)
		tell_port(fd, port_file);
	if ((hosts = calloc(HOSTS_MAX, sizeof(*hosts))) == NULL)
		err(1, NULL);
	receive(fd, output, &sums, hosts);
	if (output == HOSTS)
		print_hosts(hosts);
	if (output == SUM || output == HOSTS)
		show_sums(&sums);
	free(hosts);
	return sums.broken > 0;
}
