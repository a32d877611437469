/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The bare limit of sending: full datagrams, prepared beforehand, with
 * sendmmsg(2) on a connected socket.
 */

#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 64
#define SIZE (24 + 30 * 48)

int
main(int argc, char *argv[])
{
	static uint8_t data[BATCH][SIZE];
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct iovec iov[BATCH];
	struct mmsghdr msgs[BATCH];
	unsigned long left;
	unsigned int n;
	int fd, i, sent;

	if (argc != 3)
		errx(1, "usage: udpblast port datagrams");
	to.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	left = strtoul(argv[2], NULL, 10);
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		err(1, "socket");
	memset(msgs, 0, sizeof(msgs));
	for (i = 0; i < BATCH; i++) {
		memset(data[i], i, SIZE);
		iov[i].iov_base = data[i];
		iov[i].iov_len = SIZE;
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	while (left > 0) {
		n = left < BATCH ? (unsigned int)left : BATCH;
		if ((sent = sendmmsg(fd, msgs, n, 0)) == -1)
			err(1, "sendmmsg");
		left -= (unsigned long)sent;
	}
	return 0;
}
