/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Plays a firewall's pfsync interface on Linux: makes a tun device and writes
 * to it the frames that come on stdin, each after its length in 4 bytes, big
 * end first.  The device is gone at the end of stdin.  Exit status 77: this
 * system has no such device, or does not let us.
 *
 * -c: what comes on stdin are lines of a rate, in states a second, and a file
 * of such frames of version 3.  A line on stdout says how many seconds it took.
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

#include "pacing.h"

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

static size_t
frame_size(const uint8_t be[4])
{
	size_t len = (size_t)be[0] << 24 | (size_t)be[1] << 16 |
	    (size_t)be[2] << 8 | be[3];

	if (len > FRAME_MAX)
		errx(1, "a frame of %zu bytes", len);
	return len;
}

/* 0 at the end of stdin. */
static size_t
read_frame(uint8_t *frame)
{
	uint8_t be[4];
	size_t len;

	if (fread(be, 1, sizeof(be), stdin) != sizeof(be))
		return 0;
	len = frame_size(be);
	if (fread(frame, 1, len, stdin) != len)
		errx(1, "a frame is cut");
	return len;
}

static void
write_packet(int device, const uint8_t *packet, size_t len)
{
	while (write(device, packet, len) == -1)
		if (errno != EINTR)
			err(1, "write");
}

static void
play(int device, long gap)
{
	static uint8_t packet[4 + FRAME_MAX] = { 0, 0, 0x08, 0x00 };
	size_t len;

	while ((len = read_frame(packet + 4)) > 0) {
		write_packet(device, packet, len + 4);
		if (gap > 0)
			usleep((useconds_t)gap);
	}
}

/* All of a file, so that reading it takes nothing from what is measured. */
static uint8_t *
load(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	long end;

	if (file == NULL || fseek(file, 0, SEEK_END) == -1 ||
	    (end = ftell(file)) == -1)
		err(1, "%s", path);
	rewind(file);
	*size = (size_t)end;
	if ((data = malloc(*size + 1)) == NULL ||
	    fread(data, 1, *size, file) != *size)
		err(1, "%s", path);
	fclose(file);
	return data;
}

/* The length in front of a frame makes room for the packet information. */
static void
play_paced(int device, uint8_t *data, size_t size, int64_t rate)
{
	static const uint8_t info[4] = { 0, 0, 0x08, 0x00 };
	struct pacing pacing;
	size_t at, len;

	pacing_start(&pacing, rate);
	for (at = 0; at + 8 <= size; at += 4 + len) {
		len = frame_size(data + at);
		if (len < 4 || len > size - at - 4)
			errx(1, "a frame is cut");
		memcpy(data + at, info, sizeof(info));
		write_packet(device, data + at, 4 + len);
		if (pacing_due(&pacing, data[at + 7]))
			pacing_wait(&pacing);
	}
	printf("%.6f\n", (double)(pacing_clock() - pacing.begin) / 1e6);
	fflush(stdout);
}

static void
obey(int device)
{
	char line[4096], path[4096];
	uint8_t *data;
	long long rate;
	size_t size;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (sscanf(line, "%lld %4095s", &rate, path) != 2 || rate <= 0)
			errx(1, "not a rate and a file: %s", line);
		data = load(path, &size);
		play_paced(device, data, size, rate);
		free(data);
	}
}

int
main(int argc, char *argv[])
{
	const char *name = "tun0";
	long gap = 0;
	int ch, device, commands = 0;

	while ((ch = getopt(argc, argv, "cg:i:")) != -1) {
		switch (ch) {
		case 'c':
			commands = 1;
			break;
		case 'g':
			gap = strtol(optarg, NULL, 10);
			break;
		case 'i':
			name = optarg;
			break;
		default:
			fprintf(stderr,
			    "usage: tunplay [-c | -g microseconds] [-i device] "
			    "<frames\n");
			return 1;
		}
	}
	device = make_device(name);
	bring_up(name);
	if (commands)
		obey(device);
	else
		play(device, gap);
	close(device);
	return 0;
}
