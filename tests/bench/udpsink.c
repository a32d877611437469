/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Takes datagrams with as little trouble to their sender as can be: many at a
 * time, asleep in between.  At TERM it says how many came and how many the
 * kernel had no room for.
 */

#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BATCH 256
#define SIZE 2048
#define PAUSE 200 /* microseconds */
#define RECEIVE_BUFFER (256 * 1024 * 1024)

static volatile sig_atomic_t stopped;

static void
on_term(int signo)
{
	(void)signo;
	stopped = 1;
}

static int
open_socket(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd, size = RECEIVE_BUFFER, on = 1;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&in, len) == -1 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) == -1)
		err(1, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	printf("%u\n", ntohs(in.sin_port));
	fflush(stdout);
	return fd;
}

static uint32_t
lost(struct msghdr *mh)
{
	struct cmsghdr *cm = CMSG_FIRSTHDR(mh);
	uint32_t n = 0;

	if (cm != NULL && cm->cmsg_type == SO_RXQ_OVFL)
		memcpy(&n, CMSG_DATA(cm), sizeof(n));
	return n;
}

int
main(void)
{
	static uint8_t data[BATCH][SIZE], control[BATCH][64];
	static struct iovec iov[BATCH];
	static struct mmsghdr msgs[BATCH];
	uint64_t datagrams = 0;
	uint32_t drops = 0;
	int fd, i, n;

	signal(SIGTERM, on_term);
	fd = open_socket();
	while (!stopped) {
		for (i = 0; i < BATCH; i++) {
			iov[i].iov_base = data[i];
			iov[i].iov_len = SIZE;
			msgs[i].msg_hdr.msg_iov = &iov[i];
			msgs[i].msg_hdr.msg_iovlen = 1;
			msgs[i].msg_hdr.msg_control = control[i];
			msgs[i].msg_hdr.msg_controllen = sizeof(control[i]);
		}
		n = recvmmsg(fd, msgs, BATCH, MSG_DONTWAIT, NULL);
		if (n > 0) {
			datagrams += (uint64_t)n;
			drops = lost(&msgs[n - 1].msg_hdr);
		}
		usleep(PAUSE);
	}
	printf("%" PRIu64 " %" PRIu32 "\n", datagrams, drops);
	return 0;
}
