/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The state of the control sockets, shared by control_listen.c (the sockets),
 * control.c (their clients) and control_monitor.c (clients that monitor).
 */

#ifndef CONTROL_LOCAL_H
#define CONTROL_LOCAL_H

#include <sys/types.h>
#include <sys/queue.h>

#include <stdint.h>

#include "common/msg.h"
#include "control.h"
#include "search.h"
#include "show.h"

struct event;
struct request;

/* A connection to a client.  It has at most one request in progress. */
struct client {
	LIST_ENTRY(client) entry;
	struct control *control;
	struct msg_conn conn;
	struct event *readable;
	struct event *writable;
	const struct request *request; /* being answered, or NULL */
	struct show show;	       /* position in the reply */
	uint32_t id;		       /* id of the client's request */
	uint32_t serial;	       /* our id of the client's reload */
	struct event *delay;	       /* timer until the reply is ready */
	int waiting;		       /* for that timer, or a search: */
	int searches;
	struct ctl_states states; /* that it wants to see */
	uint32_t asked;		  /* its place among those that wait */
	int monitors;
	int restricted;
	uid_t user;    /* its effective one when it connected */
	int ending;    /* dropped once its queue is sent */
	uint64_t lost; /* flows not sent, nor reported as lost */
};

/* A control socket. */
struct listener {
	struct control *control;
	int fd;		      /* -1: unused */
	struct event *event;  /* assigned to each socket in turn */
	struct event *resume; /* poll again after a pause */
	int restricted;
};

struct control {
	struct meter *meter;
	struct control_hooks hooks;
	struct listener listeners[CONF_SOCKETS];
	LIST_HEAD(clients, client) clients;
	unsigned int monitors; /* clients that monitor */
	uint32_t serial;       /* of the last reload */
	struct search search;  /* for states */
	struct event *slice;   /* timer of its next steps */
	uint32_t asked;	       /* searches */
	int limit_logged;      /* the limit of clients */
	int descriptors;       /* the limit of open ones */
	int short_logged;      /* that limit */
};

/* Serve a new client.  Takes over fd, and closes it on failure. */
void control_add_client(struct control *, int fd, int restricted, uid_t);

/* Close a connection and free the client. */
void control_drop_client(struct client *);

/* Queue a message of the reply.  -1 and errno. */
int control_queue(struct client *, uint32_t type, const void *, size_t len);

/* -1 and errno; ENOBUFS if the end would not fit behind the row. */
int control_queue_row(struct client *, uint32_t type, const void *, size_t len);

/*
 * Close the connection if a reply cannot be completed: the event loop reads
 * the end.  A full queue is not an error, as it drains.
 */
void control_hang_up(struct client *);

/*
 * Complete the reply and accept the next request.  There is always room:
 * requests are refused without it, and rows leave it.
 */
void control_end_reply(struct client *, int failed, const char *text);

/* Queue rows while there is room; called again when the queue has drained. */
void control_send_rows(struct client *);

/* The states that a client wants to see follow when they are found. */
void control_start_states(struct client *, const struct msg *);

/* Make and free what searches need.  -1: out of memory. */
int control_search_init(struct control *);
void control_search_free(struct control *);

/* Flows follow from on_flow(), until the client closes its half. */
void control_start_monitor(struct client *, const struct msg *);

/* Send no more flows to a client. */
void control_stop_monitor(struct client *);

/* Queue how many flows a client lost.  -1: no room yet. */
int control_queue_lost(struct client *);

/*
 * The client has closed its half of the connection: send its queue and the
 * number of flows that it lost, and drop it when it has read them.
 */
void control_end_monitor(struct client *);

#endif
