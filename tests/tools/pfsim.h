/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A model of pf's state table, whose traffic is known.  pfsim_model.c has the
 * model, pfsim_connection.c a log of the connections that its states are of,
 * pfsim_layout.c what each system's kernel says of a state, pfsim_write.c a
 * recording of it, and pfsim_live.c answers a dumper (statedump_sim.c).
 * Nothing of pflowd's decoder or tracking is used.
 */

#ifndef PFSIM_H
#define PFSIM_H

#include <stdint.h>
#include <stdio.h>

/* Layouts, as in recordings. */
enum sim_layout {
	SIM_OPENBSD = 1,
	SIM_NETBSD,
	SIM_DRAGONFLY,
	SIM_FREEBSD,
	SIM_FREEBSD_V2,
	SIM_NETLINK
};

#define SIM_RECORD 512	      /* bytes of a state at most */
#define SIM_TIMEOUTS 18	      /* pf's, with: */
#define SIM_OF_STATES 11      /* ... those of states here */
#define SIM_ADAPTIVE_START 16 /* ... numbers of states */
#define SIM_ADAPTIVE_END 17
#define SIM_VERSION 20230404 /* of FreeBSD's V2 */
#define SIM_DUMPS (1 << 16)

/*
 * A connection: what crossed the firewall from its client, [0], and its server,
 * as received, and its states.  Freed with the last of these.
 */
struct sim_connection {
	uint32_t number;   /* of all; 0: free */
	uint32_t state[2]; /* in, out: index + 1; 0: none */
	uint64_t packets[2];
	uint64_t bytes[2];
	uint64_t dropped[2]; /* bytes, between its states */
	uint64_t first;	     /* packet that is not in the log */
	uint64_t last;
	uint64_t until;	   /* it goes on, at least; 0: not known */
	uint8_t forwarded; /* has both states */
	uint8_t unlogged;
};

/* What a dump showed of a state. */
struct sim_shown {
	uint64_t packets[2];
	uint64_t bytes[2];
	uint32_t dump; /* 0: none did */
};

/* A state.  Times are ms of a clock that is never set. */
struct sim_state {
	uint64_t id;
	uint64_t created;
	uint64_t last; /* packet */
	uint64_t packets[2];
	uint64_t bytes[2];
	struct sim_shown shown;	 /* in the last dump that showed it */
	struct sim_shown before; /* in the one before, which was read */
	uint64_t shown_at;
	uint32_t lag;		/* ms, from its timeout to its removal */
	uint32_t shown_expires; /* s */
	uint32_t dumps;		/* that showed it */
	uint32_t number;	/* its host's */
	uint32_t serial;	/* of all of all time, from 1 */
	uint32_t connection;	/* index */
	uint16_t port;
	uint8_t proto;
	uint8_t direction; /* 1 in, 2 out */
	uint8_t timeout;   /* index, as in pf.conf's order of TCP to other */
	uint8_t level[2];
	uint8_t used;
	uint8_t rule;	 /* 1 has timeouts of its own */
	uint8_t rdr;	 /* its server is inside, by another address */
	uint8_t closing; /* no packet follows */
	uint8_t inet6;
	uint8_t own;	/* of the firewall itself: nothing is translated */
	uint8_t logged; /* a dump showed it */
};

/*
 * Clients 10.x.y.z, or fd00::.  Their server is outside: there they have
 * another address, by nat.  Or it is inside, and has another one outside, by
 * rdr.  As pf's: lan is behind the firewall, gwy the same seen from outside.
 */
struct sim_hosts {
	uint8_t lan[16], gwy[16], ext[16];
	uint16_t lan_port, gwy_port, ext_port;
};

/* Whether a dump has been read. */
enum sim_fate {
	SIM_READ,
	SIM_VOID,   /* by nobody to its end */
	SIM_PERHAPS /* the last that its reader has had */
};

/* pf: its table, its settings, its traffic. */
struct sim {
	struct sim_state *state;
	struct sim_connection *connection;
	uint32_t *free_connection; /* indexes */
	uint32_t nfree_connection;
	uint32_t used_connections;
	uint32_t connections; /* of all time */
	uint32_t *free;	      /* indexes */
	uint32_t nfree;
	uint32_t used;	 /* at any time */
	uint8_t *living; /* ids */
	uint32_t next_id;
	uint64_t inserts;
	uint64_t removals;
	uint64_t first_dump; /* ms; 0: not yet */
	uint64_t now;
	uint32_t clients;
	uint64_t random;
	uint32_t timeout[SIM_TIMEOUTS];
	uint32_t rule_timeout; /* s, all of a rule; 0: there is none */
	uint32_t purge;	  /* ms until an expired state is removed, at most */
	uint32_t limit;	  /* of states */
	uint32_t rate;	  /* connections a second */
	int brief;	  /* connections have few packets */
	int quiet;	  /* no packets, no kills */
	uint32_t lasting; /* s, of -j; or 0 */
	const char *without;
	FILE *truth;
	FILE *log;     /* of connections; or NULL */
	uint32_t dump; /* the last */
	uint8_t *fate; /* of dumps, enum sim_fate */
	enum sim_layout layout;
	uint32_t version;
};

/* Writes a dump as chunks of a recording, to standard output. */
struct sim_writer {
	const struct sim *sim;
	uint32_t part;
	size_t len;
	uint8_t data[65536];
};

#define SIM_EPOCH UINT64_C(1700000000000) /* wall clock at 0 */
#define SIM_CREATOR 0x1a2b3c4d

/* pfsim_model.c */
void sim_init(struct sim *);
uint32_t sim_below(struct sim *, uint32_t n); /* a random number */
int sim_does(const struct sim *, char what);
uint32_t sim_states(const struct sim *); /* that are there */

/* The second that begins at sim->now: what has expired goes; then packets. */
void sim_purge(struct sim *);
void sim_step(struct sim *);

/* So many new connections. */
void sim_connections(struct sim *, uint32_t n);

/* s to the timeout; 0: it has expired */
uint32_t sim_expires(const struct sim *, const struct sim_state *);

/* A dump of the first states begins; then, each that it shows. */
void sim_begin(struct sim *);
int sim_show(struct sim *, struct sim_state *);

/*
 * pfsim_connection.c: the index of a new connection; its states, and the
 * packets that it receives.
 */
uint32_t sim_connection(struct sim *, int forwarded);
void sim_connection_add(struct sim *, uint32_t, struct sim_state *);
void sim_connection_remove(struct sim *, const struct sim_state *,
    const char *how);
void sim_connection_packet(struct sim *, uint32_t, int way, uint32_t bytes,
    uint64_t when);

/* The state of the other direction of its connection; NULL: none. */
struct sim_state *sim_twin(const struct sim *, const struct sim_state *);

/* In the log: what time it is; a dump begins; it shows a state, or leaves it
 * out. */
void sim_log_clock(const struct sim *);
void sim_log_dump(const struct sim *);
void sim_log_shown(struct sim *, struct sim_state *);
void sim_log_left_out(const struct sim *, const struct sim_state *);

/* ... and fails. */
void sim_log_failed(const struct sim *);

/* pfsim_truth.c: a state ends; all that are left do, and the file. */
void sim_tell(const struct sim *, const struct sim_state *, const char *how);
int sim_end(struct sim *);

/* pfsim_layout.c: returns the bytes of it, SIM_RECORD at most. */
size_t sim_put(const struct sim *, const struct sim_state *, uint8_t *);
void sim_hosts(const struct sim *, const struct sim_state *,
    struct sim_hosts *);

/* pfsim_write.c */
void sim_write_header(void);
void sim_write_begin(struct sim_writer *);

/* pf's counter of states that were inserted, before and after the states. */
void sim_write_inserts(struct sim_writer *);
void sim_write_state(struct sim_writer *, const struct sim_state *);
void sim_write_end(struct sim_writer *, uint32_t status);

/* pfsim_live.c: until TERM; no traffic after so many seconds, if not 0. */
void sim_live(struct sim *, const char *socket, unsigned int seconds);

/*
 * An answer is a status (an errno), the layout, and how many bytes follow, in
 * network order.
 */
#define SIM_ANSWER (4 + 4 + 8)

/* pfsim_ask.c: send a command to one that is live, print its answer. */
int sim_ask(const char *socket, const char *command);

#endif
