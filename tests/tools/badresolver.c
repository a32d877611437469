/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * In place of getaddrinfo(3): a resolver whose code is an attacker's once it
 * has looked up a name of the domain "test".  It sets no alarm.  The first
 * label says what it does:
 *
 *   sleep   nothing, for ever
 *   junk    an error that is no number of getaddrinfo's, but text
 *   text    an answer that is longer, of text
 *   link    bytes that are no message
 *   family  an address that is no address
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <netdb.h>

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bytes.h"
#include "common/msg.h"
#include "pflowd/process/link.h"
#include "pflowd/process/privsep.h"
#include "pflowd/parent/resolver_child.h"

/* In memory, as an int, "evil". */
#define EVIL 0x6c697665

static struct msg_conn parent;

unsigned int
alarm(unsigned int seconds)
{
	(void)seconds;
	return 0;
}

static void
answer(const void *data, size_t len)
{
	msg_init(&parent, PRIVSEP_FD, 65536, 0);
	msg_send(&parent, MSG_RESOLVE_ADDR, 0, data, len, -1);
}

/* For ever; what the parent does about it is what is tested. */
static void
linger(void)
{
	for (;;)
		poll(NULL, 0, 1000);
}

static int
attack(const char *name)
{
	struct resolver_answer a;
	char text[sizeof(a) + 64];

	memset(&a, 0, sizeof(a));
	memset(text, 'e', sizeof(text));
	if (strncmp(name, "junk.", 5) == 0)
		return EVIL;
	if (strncmp(name, "text.", 5) == 0)
		answer(text, sizeof(text));
	else if (strncmp(name, "link.", 5) == 0 &&
	    write(PRIVSEP_FD, text, sizeof(text)) == -1)
		_exit(1);
	else if (strncmp(name, "family.", 7) == 0) {
		a.addr.ss_family = AF_UNIX;
		a.addrlen = sizeof(a.addr);
		answer(&a, sizeof(a));
	}
	linger();
	return 0;
}

/* An address, of which there is one list at a time. */
static int
numeric(const char *name, const char *port, struct addrinfo **list)
{
	static struct sockaddr_storage ss;
	static struct addrinfo found;
	struct sockaddr_in *in = (struct sockaddr_in *)&ss;
	uint8_t bytes[2];

	memset(&ss, 0, sizeof(ss));
	memset(&found, 0, sizeof(found));
	if (inet_pton(AF_INET, name, &in->sin_addr) != 1)
		return EAI_NONAME;
	in->sin_family = AF_INET;
	put_be16(bytes, (uint16_t)(port != NULL ? atoi(port) : 0));
	memcpy(&in->sin_port, bytes, sizeof(bytes));
	found.ai_family = AF_INET;
	found.ai_addr = (struct sockaddr *)&ss;
	found.ai_addrlen = sizeof(*in);
	*list = &found;
	return 0;
}

int
getaddrinfo(const char *name, const char *port, const struct addrinfo *hints,
    struct addrinfo **list)
{
	size_t len = strlen(name);

	if (!(hints->ai_flags & AI_NUMERICHOST) && len > 5 &&
	    strcmp(name + len - 5, ".test") == 0)
		return attack(name);
	return numeric(name, port, list);
}

void
freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}
