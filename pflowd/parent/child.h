/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The life of a child process: its start, its link, its end, and its successor.
 * One more kind of child needs a row in privsep.c, a table of the messages that
 * it may send, a struct child_kind and a struct child.
 */

#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>
#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "process/privsep.h"

struct event_base;
struct watch;

enum child_state {
	CHILD_NONE,    /* no process: a successor may start */
	CHILD_KILLED,  /* but not reaped yet; its messages are ignored */
	CHILD_STARTED, /* its build has not been checked yet */
	CHILD_OPENING, /* it has what it needs, and may still be root */
	CHILD_RUNNING
};

/* Why a child was killed, or not even started. */
enum child_fault {
	CHILD_NOT_STARTED, /* errno has the reason */
	CHILD_OTHER_BUILD, /* pflowd was replaced while it runs */
	CHILD_INVALID,	   /* it sent what it must not send */
	CHILD_FULL,	   /* it does not read its messages */
	CHILD_LATE,	   /* its deadline passed */
	CHILD_NO_MEMORY	   /* it could not be given what it needs */
};

/*
 * A message that a child may send: with exactly this size, in these states.
 * Any other message is the end of the child.
 */
struct child_message {
	uint32_t type;
	size_t len;
	enum child_state from;
	enum child_state to;
	void (*handle)(void *arg, struct msg *); /* msg->fd: if kept, set -1 */
};

/* What all children of a kind have in common. */
struct child_kind {
	const char *name; /* in messages, with its article */
	const char *late; /* "it ..." if its deadline passed */
	enum privsep_role role;
	size_t queue;		/* most bytes queued for it */
	int sends_fds;		/* until takes_fds of the link is cleared */
	uint32_t stop;		/* message that ends it; 0: it is killed */
	unsigned int start_max; /* seconds until child_running() */
	const struct child_message *messages;
	size_t nmessages;
	/* Its build is ours: send it what it needs. */
	void (*begun)(void *arg);
	/* It is killed for a fault (ended() follows), or was not started. */
	void (*failed)(void *arg, enum child_fault);
	/* It is reaped, with a status of waitpid(2). */
	void (*ended)(void *arg, int status);
};

struct child {
	LIST_ENTRY(child) siblings;
	const struct child_kind *kind;
	void *arg;
	struct event_base *base;
	struct msg_conn link;
	enum child_state state;
	pid_t pid;		/* 0: none, or reaped: no signal may be sent */
	int out;		/* its standard output, or -1; the owner's */
	int wanted;		/* start another one when it is reaped */
	int stopping;		/* it was asked to end */
	int faulty;		/* it was killed for a fault */
	unsigned int delay;	/* before the next start, in seconds */
	uint64_t started_us;	/* of clock_us() */
	uint64_t until_us;	/* its deadline; 0: none */
	uint64_t start_us;	/* the next start of child_start_in() */
	struct watch *readable; /* on the link, like writable */
	struct watch *writable;
	struct watch *deadline;
	struct watch *start;
};

/* All children of a process, for child_reap(). */
LIST_HEAD(child_list, child);

/* A child that is not started yet.  -1: out of memory. */
int child_init(struct child *, struct child_list *, struct event_base *,
    const struct child_kind *, void *arg);

/* Kill the process, if there is one, and forget the child. */
void child_free(struct child *);

/*
 * Start a process.  If the last one is killed but not reaped yet, start the
 * next one then.  -1 and errno: it cannot be started.
 */
int child_start(struct child *);

/* The same, after a delay; failed() is called if it cannot be started. */
void child_start_in(struct child *, unsigned int seconds);

/* Seconds until that start, rounded up; 0: it is due. */
unsigned int child_starts_in(const struct child *);

/*
 * Seconds to wait before the next start, which doubles for the one after it:
 * delay, then 1, 2, 4 ... 64.
 */
unsigned int child_back_off(struct child *);

/* Begin with a process that runs already.  The link is the child's then. */
void child_attach(struct child *, pid_t, int link);

/* Its start is over, and so is the time limit for it. */
void child_running(struct child *);

/* Kill it unless it ends in time.  A deadline can only come closer. */
void child_deadline(struct child *, unsigned int seconds);

/*
 * Ask it to end, within a time limit, and cancel a start.  One that has not
 * begun, or that knows no message for it, is killed.
 */
void child_stop(struct child *);

/* Kill it, as it is not needed any more, or for a fault. */
void child_end(struct child *);
void child_kill(struct child *, enum child_fault);

/* What it did, as "is of another build"; not of CHILD_NOT_STARTED. */
const char *child_fault_text(const struct child *, enum child_fault);

/* How it ended, as "killed by signal 9 (Killed)", or "exited unexpectedly". */
#define CHILD_END 64
const char *child_end_text(int status, char text[CHILD_END]);

/* True if it ran for a minute: its successor starts without delay. */
int child_was_healthy(const struct child *);

/* True if it ended as it should: by itself, or not by its own fault. */
int child_ended_well(const struct child *, int status);

/*
 * Queue a message for it.  -1: there is no child to receive it, or out of
 * memory.
 */
int child_send(struct child *, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd);

/* Write the messages that msg_put() has queued. */
void child_write(struct child *);

/* Call after SIGCHLD: reap all that have ended. */
void child_reap(struct child_list *);

#endif
