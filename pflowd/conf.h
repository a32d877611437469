/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What pflowd was told to do, and its way from the parent to the engine.
 */

#ifndef CONF_H
#define CONF_H

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <stdint.h>

#include "flow.h"
#include "ifindex.h"
#include "record.h"
#include "rule.h"

#define CONF_COLLECTORS 64 /* at most */
#define CONF_HOST 256	   /* bytes of a host name, NUL included */
#define CONF_NAME (CONF_HOST + 8)
#define CONF_MTU 1500	   /* bytes, unless the path is known to take less */
#define CONF_MTU_LEAST 576 /* what every path of IPv4 takes, in pieces */
#define CONF_ADDRESS 64 /* bytes of an address as text: scope, NUL included */
#define CONF_SOCKETS 2	/* at most: one, and one that is restricted */
#define CONF_PATH 104	/* bytes of a socket's path, NUL included */
#define CONF_GROUP 32
#define CONF_PLACE 256 /* bytes of a place in a file, NUL included */

struct conf_collector {
	char host[CONF_HOST];	   /* name or address as given */
	char name[CONF_NAME];	   /* host:port, for the log */
	char source[CONF_ADDRESS]; /* an address of ours, or empty: any */
	uint16_t port;
	uint16_t mtu;	   /* of the path, as it was given; 0: it was not */
	uint16_t path_mtu; /* as the system knows it; 0: it does not */
	unsigned int rate; /* datagrams a second; 0: no limit */
	uint8_t engine_id;
	char protocol[16]; /* protocol.h's name of it */
	uint32_t domain;   /* of NetFlow 9 and IPFIX; 0: of others */
	int biflow;	   /* IPFIX: one record for both directions */
	unsigned int templates_datagrams; /* at most, between templates */
	unsigned int templates_seconds;
	uint8_t dscp;		      /* RFC 2474 */
	struct sockaddr_storage addr; /* ss_family 0: not resolved */
	socklen_t addrlen;
	in_port_t source_port;	/* network order: of the last socket, or 0 */
	int fd;			/* connected socket, or -1 */
	char place[CONF_PLACE]; /* "file:line: " of it, or empty */
};

/* A control socket. */
struct conf_socket {
	char path[CONF_PATH];
	char group[CONF_GROUP]; /* empty: root's */
	int restricted;
	int fd;	   /* listening, or -1 */
	dev_t dev; /* of the path, as we made it: it may have been replaced */
	ino_t ino;
	char place[CONF_PLACE]; /* as a collector's */
};

struct conf {
	char interface[FLOW_IFNAME];
	int pfsync_link; /* -y: whatever link type it states */
	int debug;	 /* foreground */
	int verbose;
	unsigned int hold; /* seconds */
	unsigned int
	    quiet; /* minutes without a message to warn after; 0: never */
	unsigned int lookup; /* seconds between look-ups of a name */
	struct record_policy policy;
	int creator_given; /* only states that this host made: */
	uint32_t creator;
	int account_self;    /* pflowd's own datagrams too */
	uint32_t generation; /* counts the reloads */
	struct ifindex interfaces;
	struct rule_self self;
	unsigned int nsockets;
	struct conf_socket sockets[CONF_SOCKETS];
	unsigned int ncollectors;
	struct conf_collector collectors[CONF_COLLECTORS];
	struct rule_list filter;		   /* of all states */
	struct rule_list filters[CONF_COLLECTORS]; /* of each collector */
};

struct msg;
struct msg_conn;

/* The defaults, no collector.  NULL and errno when there is no memory. */
struct conf *conf_new(void);

/* Closes the sockets that are still there. */
void conf_free(struct conf *);

/* The control socket that is not restricted, or NULL. */
struct conf_socket *conf_control(struct conf *);

/* Give that socket a path, make it if there is none.  -1: path too long. */
int conf_set_control(struct conf *, const char *path);

/* Forget the control sockets. */
void conf_clear_sockets(struct conf *);

/* Forget the collectors, and what was said of each. */
void conf_clear_collectors(struct conf *);

/*
 * Add the collector host[:port] of -e, 2055 if there is no port.  Returns -1
 * after writing to why what is wrong with it.
 */
int conf_add_collector(struct conf *, const char *spec, char *why,
    size_t whylen);

/* 4 or 6 for an address, scope included, 0 for a name. */
int conf_family(const char *host);

/*
 * The domain of an exporter whose configuration gives none, never 0: from this
 * host's name, so that two hosts have two, and each keeps its own.
 */
uint32_t conf_domain(void);

/* Bytes that datagrams may have on a path that takes so many; 0: not known. */
unsigned int conf_path_mtu(unsigned int path);

/* Whether both are one session: host, port, source, protocol, and its number.
 */
int conf_same_collector(const struct conf_collector *,
    const struct conf_collector *);

/* Whether the rules of both are the same, one by one. */
int conf_same_rules(const struct conf *, const struct conf *);

/* What is in no list, as one message. */
struct conf_globals {
	char interface[FLOW_IFNAME];
	int pfsync_link;
	int debug;
	int verbose;
	unsigned int hold;
	unsigned int quiet;
	unsigned int lookup;
	struct record_policy policy;
	int creator_given;
	uint32_t creator;
	int account_self;
	uint32_t generation;
};

/* One rule, of the collector at this place or of the whole. */
struct conf_rule {
	uint32_t collector; /* or CONF_COLLECTORS */
	struct rule rule;
};

/*
 * Queue a configuration on a link, descriptors included.  -1 and errno: it
 * does not fit, or there is no memory.
 */
int conf_put(struct msg_conn *, const struct conf *);

/* Queue what the host has alone: interfaces and addresses. */
int conf_put_host(struct msg_conn *, const struct conf *);

/* Take over what another configuration says of the host. */
void conf_set_host(struct conf *, const struct conf *);

/* Whether both say the same of the host. */
int conf_same_host(const struct conf *, const struct conf *);

/*
 * Take one message of a configuration that is being received: *conf is made by
 * its beginning, and its descriptors are the receiver's own.  1: that was the
 * last one; 2: likewise, of the host alone; 0: more to come; -1 and errno: it
 * has no place here, and *conf is freed and NULL.  The message is the caller's
 * still.
 */
int conf_take(struct conf **, struct msg *);

#endif
