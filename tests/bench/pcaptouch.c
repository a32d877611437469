/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The bare limit of reading: a capture through libpcap, touching each byte.
 */

#include <err.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include <pcap.h>

int
main(int argc, char *argv[])
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *data;
	uint64_t frames = 0, sum = 0;
	bpf_u_int32 i;
	pcap_t *pcap;

	if (argc != 2)
		errx(1, "usage: pcaptouch capture");
	if ((pcap = pcap_open_offline(argv[1], error)) == NULL)
		errx(1, "%s", error);
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		for (i = 0; i < header->caplen; i++)
			sum += data[i];
		frames++;
	}
	pcap_close(pcap);
	printf("%" PRIu64 " frames, sum %" PRIu64 "\n", frames, sum);
	return 0;
}
