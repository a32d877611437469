/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <fcntl.h>

#include "sink.h"

int
sink_open(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	return fd;
}

int
sink_sender(int sink)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(getsockname(sink, (struct sockaddr *)&in, &len), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

void
sink_collector(int sink, struct conf_collector *collector)
{
	collector->addrlen = sizeof(collector->addr);
	assert_int_equal(getsockname(sink, (struct sockaddr *)&collector->addr,
			     &collector->addrlen),
	    0);
	collector->fd = sink_sender(sink);
}

int
sink_for(struct conf_collector *collector)
{
	int sink = sink_open();

	sink_collector(sink, collector);
	return sink;
}
