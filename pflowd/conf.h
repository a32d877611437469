/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What pflowd was told to do, and its way from the parent to the engine.
 */

#ifndef CONF_H
#define CONF_H

#include <sys/socket.h>

#include <stdint.h>

#include "flow.h"
#include "ifindex.h"
#include "record.h"

#define CONF_COLLECTORS 64 /* at most */
#define CONF_HOST 256	   /* bytes of a host name, NUL included */
#define CONF_NAME (CONF_HOST + 8)

struct conf_collector {
	char host[CONF_HOST]; /* name or address as given */
	char name[CONF_NAME]; /* host:port, for the log */
	uint16_t port;
	uint16_t mtu;	   /* of the path */
	unsigned int rate; /* datagrams a second; 0: no limit */
	uint8_t engine_id;
	struct sockaddr_storage addr; /* ss_family 0: not resolved */
	socklen_t addrlen;
	int fd; /* connected socket, or -1 */
};

struct conf {
	char interface[FLOW_IFNAME];
	int pfsync_link; /* -y: whatever link type it states */
	int debug;	 /* foreground */
	int verbose;
	unsigned int hold; /* seconds */
	struct record_rules rules;
	struct ifindex interfaces;
	unsigned int ncollectors;
	struct conf_collector collectors[CONF_COLLECTORS];
};

struct msg_link;

/* The defaults, no collector.  NULL and errno when there is no memory. */
struct conf *conf_new(void);

/* Closes the sockets that are still there. */
void conf_free(struct conf *);

/*
 * Add the collector host[:port] of -e, 2055 if there is no port.  Returns -1
 * after writing to why what is wrong with it.
 */
int conf_add_collector(struct conf *, const char *spec, char *why,
    size_t whylen);

/*
 * Open a connected socket for every collector.  Returns -1 after writing to why
 * which one failed.
 */
int conf_connect(struct conf *, char *why, size_t whylen);

/*
 * Send a configuration over a link, sockets included, and receive one, whose
 * sockets are the receiver's own.  -1, NULL: the link broke, or what came was
 * not a configuration.
 */
int conf_send(struct msg_link *, const struct conf *);
struct conf *conf_receive(struct msg_link *);

#endif
