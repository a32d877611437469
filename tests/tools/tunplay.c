/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Plays a firewall's pfsync interface on Linux: makes a tun device and writes
 * to it the frames that come on stdin, each after its length in 4 bytes, big
 * end first.  The device is gone at the end of stdin.  Exit status 77: this
 * system has no such device, or does not let us.
 */

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/if.h>
#include <linux/if_tun.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NO_DEVICE 77
#define MTU 9000
#define FRAME_MAX 65536

/*
 * With the packet information in front, the kernel does not look for an IP
 * header in what follows.
 */
static int
make_device(const char *name)
{
	struct ifreq ifr;
	int fd;

	if ((fd = open("/dev/net/tun", O_RDWR)) == -1)
		err(NO_DEVICE, "/dev/net/tun");
	memset(&ifr, 0, sizeof(ifr));
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	ifr.ifr_flags = IFF_TUN;
	if (ioctl(fd, TUNSETIFF, &ifr) == -1)
		err(NO_DEVICE, "%s", name);
	return fd;
}

static void
bring_up(const char *name)
{
	struct ifreq ifr;
	int fd;

	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1)
		err(1, "socket");
	memset(&ifr, 0, sizeof(ifr));
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	ifr.ifr_mtu = MTU;
	if (ioctl(fd, SIOCSIFMTU, &ifr) == -1)
		err(NO_DEVICE, "%s: mtu", name);
	ifr.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) == -1)
		err(NO_DEVICE, "%s: up", name);
	close(fd);
}

/* 0 at the end of stdin. */
static size_t
read_frame(uint8_t *frame)
{
	uint8_t be[4];
	size_t len;

	if (fread(be, 1, sizeof(be), stdin) != sizeof(be))
		return 0;
	len = (size_t)be[0] << 24 | (size_t)be[1] << 16 | (size_t)be[2] << 8 |
	    be[3];
	if (len > FRAME_MAX || fread(frame, 1, len, stdin) != len)
		errx(1, "a frame is cut");
	return len;
}

static void
play(int device, long gap)
{
	static uint8_t packet[4 + FRAME_MAX] = { 0, 0, 0x08, 0x00 };
	size_t len;

	while ((len = read_frame(packet + 4)) > 0) {
		while (write(device, packet, len + 4) == -1)
			if (errno != EINTR)
				err(1, "write");
		if (gap > 0)
			usleep((useconds_t)gap);
	}
}

int
main(int argc, char *argv[])
{
	const char *name = "tun0";
	long gap = 0;
	int ch, device;

	while ((ch = getopt(argc, argv, "g:i:")) != -1) {
		switch (ch) {
		case 'g':
			gap = strtol(optarg, NULL, 10);
			break;
		case 'i':
			name = optarg;
			break;
		default:
			fprintf(stderr,
			    "usage: tunplay [-g microseconds] [-i device] "
			    "<frames\n");
			return 1;
		}
	}
	device = make_device(name);
	bring_up(name);
	play(device, gap);
	close(device);
	return 0;
}
