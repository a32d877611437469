/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The configuration of pflowd: of pflowd.conf, the command line and the host.
 */

#ifndef CONF_H
#define CONF_H

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <stdint.h>

#include "flow/flow.h"
#include "ifindex.h"
#include "flow/protocol_id.h"
#include "flow/record.h"
#include "flow/rule.h"

#define CONF_COLLECTORS 64 /* maximum */
#define CONF_HOST 256	   /* bytes of a host name, including NUL */
#define CONF_NAME (CONF_HOST + 8)
#define CONF_MTU 1500	   /* bytes, unless the path MTU is smaller */
#define CONF_MTU_LEAST 576 /* IPv4 minimum, with fragments */
#define CONF_ADDRESS 64	   /* address as text, with scope and NUL */
#define CONF_SOCKETS 2	   /* maximum: one, and one restricted */
#define CONF_PATH 104	   /* bytes of a socket path, with NUL */
#define CONF_GROUP 32
#define CONF_PLACE 256 /* bytes of a place in a file, with NUL */

struct conf_collector {
	char host[CONF_HOST];	   /* name or address as configured */
	char name[CONF_NAME];	   /* host:port, for the log */
	char source[CONF_ADDRESS]; /* local address, or empty: any */
	uint16_t port;
	uint16_t mtu;	   /* configured path MTU; 0: none */
	uint16_t path_mtu; /* the system's path MTU; 0: unknown */
	unsigned int rate; /* datagrams per second; 0: no limit */
	uint8_t engine_id;
	enum protocol_id protocol;
	uint32_t domain; /* NetFlow 9 and IPFIX; 0: others */
	int biflow;	 /* IPFIX: one record for both directions */
	unsigned int templates_datagrams; /* maximum between templates */
	unsigned int templates_seconds;
	uint8_t dscp;		      /* RFC 2474 */
	struct sockaddr_storage addr; /* ss_family 0: unresolved */
	socklen_t addrlen;
	in_port_t source_port;	/* of the last socket, network order; or 0 */
	int fd;			/* connected socket, or -1 */
	char place[CONF_PLACE]; /* "file:line: ", or empty */
};

/* A control socket. */
struct conf_socket {
	char path[CONF_PATH];
	char group[CONF_GROUP]; /* empty: root's group */
	int restricted;
	int fd;	   /* listening, or -1 */
	dev_t dev; /* of the path as created: it may be replaced */
	ino_t ino;
	char place[CONF_PLACE]; /* as in a collector */
};

/* Where states come from. */
enum conf_source {
	CONF_PFSYNC, /* deletions that pfsync(4) announces */
	CONF_TABLE   /* dumps of the state table of pf(4) */
};

struct conf {
	enum conf_source source;
	int source_given;	     /* by pflowd.conf, also by an interface */
	char interface[FLOW_IFNAME]; /* of source pfsync; else empty */
	int pfsync_link;	     /* -y: ignore the stated link type */
	unsigned int interval;	     /* s between dumps; 0: auto */
	unsigned int states;	     /* tracked at most; 0: pf's own limit */
	unsigned int interim;	     /* s between pieces of a state; 0: none */
	int interim_given;	     /* else conf_interim() has a default */
	int join;		     /* twins have one report */
	int join_given;
	int debug; /* foreground */
	int verbose;
	int json;	   /* -j: a replay prints its flows as JSON */
	unsigned int hold; /* seconds */
	unsigned int
	    quiet; /* minutes without a message until a warning; 0: never */
	unsigned int lookup; /* seconds between lookups of a name */
	struct record_policy policy;
	int creator_given; /* only states created by this host: */
	uint32_t creator;
	int account_self;    /* include pflowd's own datagrams */
	uint32_t generation; /* number of reloads */
	struct ifindex interfaces;
	struct rule_self self;
	unsigned int nsockets;
	struct conf_socket sockets[CONF_SOCKETS];
	unsigned int ncollectors;
	struct conf_collector collectors[CONF_COLLECTORS];
	/* Of the first rule with `out`, as in a collector; or empty. */
	char out_place[CONF_PLACE];
	char out_place_collectors[CONF_PLACE];	   /* in a collector's block */
	struct rule_list filter;		   /* for all states */
	struct rule_list filters[CONF_COLLECTORS]; /* per collector */
};

/* Returns the defaults, without collectors; NULL and errno if out of memory. */
struct conf *conf_new(void);

/* Frees a configuration and closes the sockets it still has. */
void conf_free(struct conf *);

/*
 * The settings in force for source table, or else for source pfsync, which has
 * no interim reports.  A recording is a table.
 */
unsigned int conf_interim(const struct conf *, int table);
int conf_join(const struct conf *, int table);

/* Warn of settings and rules that do not do there what they seem to. */
void conf_warn(const struct conf *, int table);

/* Such a warning is no longer true: the configuration is replaced. */
void conf_settle(const struct conf *);

/* Warn of rules with self: a captured host's addresses are unknown. */
void conf_warn_self(const struct conf *);

/* The control socket that is not restricted, or NULL. */
struct conf_socket *conf_control(struct conf *);

/* Set the path of that socket, and create it if needed.  -1: path too long. */
int conf_set_control(struct conf *, const char *path);

/* Remove all control sockets. */
void conf_clear_sockets(struct conf *);

/* Remove all collectors and their filters. */
void conf_clear_collectors(struct conf *);

/*
 * Add a collector in the form host[:port] of -e; the default port is 2055.
 * Returns -1, with the reason in why.
 */
int conf_add_collector(struct conf *, const char *spec, char *why,
    size_t whylen);

/* Returns 4 or 6 for an address, with or without scope, 0 for a name. */
int conf_family(const char *host);

/*
 * Default domain of an exporter, never 0.  It is derived from the host name, so
 * that hosts differ and each keeps its own.
 */
uint32_t conf_domain(void);

/* Maximum datagram size, in bytes, on a path with this MTU; 0: unknown MTU. */
unsigned int conf_path_mtu(unsigned int path);

/*
 * True if both have the same host, port, source, protocol and number, so that
 * one session can serve both.
 */
int conf_same_collector(const struct conf_collector *,
    const struct conf_collector *);

/* True if both have the same rules in the same order. */
int conf_same_rules(const struct conf *, const struct conf *);

/* Copy interfaces and addresses from another configuration. */
void conf_set_host(struct conf *, const struct conf *);

/* True if both have the same interfaces and addresses. */
int conf_same_host(const struct conf *, const struct conf *);

#endif
