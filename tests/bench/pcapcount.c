/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The bare limit of live capture: counts frames on an interface, read as
 * pflowd does, and nothing else.  At TERM it says how many there were and how
 * many the kernel had no room for.
 */

#include <err.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <pcap.h>

#define SNAPLEN 9216
#define BUFFER (16 * 1024 * 1024)
#define TIMEOUT_MS 50

static pcap_t *pcap;

static void
on_term(int signo)
{
	(void)signo;
	pcap_breakloop(pcap);
}

static void
count(u_char *arg, const struct pcap_pkthdr *header, const u_char *data)
{
	uint64_t *frames = (void *)arg;

	(void)header;
	(void)data;
	(*frames)++;
}

int
main(int argc, char *argv[])
{
	char error[PCAP_ERRBUF_SIZE];
	struct bpf_program program;
	struct pcap_stat stats;
	struct sigaction sa;
	uint64_t frames = 0;

	if (argc != 2)
		errx(1, "usage: pcapcount interface");
	if ((pcap = pcap_create(argv[1], error)) == NULL)
		errx(1, "%s", error);
	pcap_set_snaplen(pcap, SNAPLEN);
	pcap_set_timeout(pcap, TIMEOUT_MS);
	pcap_set_buffer_size(pcap, BUFFER);
	if (pcap_activate(pcap) < 0 ||
	    pcap_compile(pcap, &program, "link[2] == 3", 1,
		PCAP_NETMASK_UNKNOWN) == -1 ||
	    pcap_setfilter(pcap, &program) == -1)
		errx(1, "%s", pcap_geterr(pcap));
	pcap_freecode(&program);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_term;
	sigaction(SIGTERM, &sa, NULL);
	printf("listening\n");
	fflush(stdout);
	pcap_loop(pcap, -1, count, (u_char *)&frames);
	if (pcap_stats(pcap, &stats) == -1)
		errx(1, "%s", pcap_geterr(pcap));
	printf("%" PRIu64 " %u\n", frames, stats.ps_drop);
	pcap_close(pcap);
	return 0;
}
