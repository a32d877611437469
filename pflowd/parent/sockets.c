/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <netdb.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/address.h"
#include "common/log.h"
#include "config.h"
#include "conf/ifindex.h"
#include "os/pathmtu.h"
#include "os/sandbox.h"
#include "process/descriptors.h"
#include "socketdir.h"
#include "sockets.h"

#define BACKLOG 16

/*
 * Convert the source to a socket address, with the current index of its
 * interface.  -1: no such interface.
 */
static int
source_addr(const struct conf_collector *c, struct sockaddr_storage *ss,
    socklen_t *len)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICHOST };
	struct addrinfo *list;

	if (getaddrinfo(c->source, NULL, &hints, &list) != 0)
		return -1;
	memset(ss, 0, sizeof(*ss));
	memcpy(ss, list->ai_addr, list->ai_addrlen);
	*len = list->ai_addrlen;
	freeaddrinfo(list);
	return 0;
}

static in_port_t *
port_of(struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET ?
	    &((struct sockaddr_in *)ss)->sin_port :
	    &((struct sockaddr_in6 *)ss)->sin6_port;
}

/*
 * Bind the port of the previous socket, so that the collector sees the same
 * exporter, or any port if it is in use.
 */
static int
bind_port(int fd, const struct conf_collector *c, struct sockaddr_storage *ss,
    socklen_t len)
{
	*port_of(ss) = c->source_port;
	if (c->source_port != 0 && bind(fd, (struct sockaddr *)ss, len) == 0)
		return 0;
	*port_of(ss) = 0;
	return bind(fd, (struct sockaddr *)ss, len);
}

/* The address or interface may not exist yet, or no longer. */
static int
is_absent(int error)
{
	return error == EADDRNOTAVAIL || error == ENODEV || error == ENXIO;
}

/* Temporary: another user can use up all ports, but not forever. */
static int
is_passing(int error)
{
	return error == EADDRINUSE || error == EAGAIN || error == ENOBUFS ||
	    error == ENOMEM;
}

static enum sockets_result
bind_source(int fd, const struct conf_collector *c, char *why, size_t whylen)
{
	struct sockaddr_storage ss;
	socklen_t len;

	if (c->source[0] == '\0') {
		memset(&ss, 0, sizeof(ss));
		ss.ss_family = c->addr.ss_family;
		if (c->source_port != 0)
			bind_port(fd, c, &ss, c->addrlen);
		return SOCKETS_OPEN;
	}
	if (source_addr(c, &ss, &len) == -1) {
		snprintf(why, whylen, "source %s: interface does not exist",
		    c->source);
		return SOCKETS_NO_SOURCE;
	}
	if (ss.ss_family != c->addr.ss_family) {
		snprintf(why, whylen,
		    "source %s: address family differs from the collector's",
		    c->source);
		return SOCKETS_WRONG;
	}
	if (bind_port(fd, c, &ss, len) == 0)
		return SOCKETS_OPEN;
	if (is_absent(errno)) {
		snprintf(why, whylen,
		    "source %s is not an address of this host", c->source);
		return SOCKETS_NO_SOURCE;
	}
	if (is_passing(errno)) {
		snprintf(why, whylen, "source %s: %s", c->source,
		    strerror(errno));
		return SOCKETS_LATER;
	}
	snprintf(why, whylen, "source %s: %s: must be an address of this host",
	    c->source, strerror(errno));
	return SOCKETS_WRONG;
}

static int
local_address(int fd, struct sockaddr_storage *ss, socklen_t *len)
{
	*len = sizeof(*ss);
	memset(ss, 0, sizeof(*ss));
	return getsockname(fd, (struct sockaddr *)ss, len);
}

int
sockets_same_source(int fd, int other)
{
	struct sockaddr_storage a, b;
	socklen_t len;

	return local_address(fd, &a, &len) == 0 &&
	    local_address(other, &b, &len) == 0 && address_same(&a, &b);
}

const char *
sockets_source(int fd, char text[SOCKETS_TEXT])
{
	struct sockaddr_storage ss;
	socklen_t len;

	if (local_address(fd, &ss, &len) == -1 ||
	    getnameinfo((struct sockaddr *)&ss, len, text, SOCKETS_TEXT, NULL,
		0, NI_NUMERICHOST) != 0)
		return "?";
	return text;
}

static in_port_t
learn_port(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len;

	return local_address(fd, &ss, &len) == 0 ? *port_of(&ss) : 0;
}

void
sockets_adjust(const struct conf_collector *c)
{
	int inet6 = c->addr.ss_family == AF_INET6;
	int tos = c->dscp << 2;

	if (setsockopt(c->fd, inet6 ? IPPROTO_IPV6 : IPPROTO_IP,
		inet6 ? IPV6_TCLASS : IP_TOS, &tos, sizeof(tos)) == -1)
		log_warn("collector %s: cannot set dscp %u", c->name, c->dscp);
}

/* Why a collector's address cannot be sent to; NULL if it can. */
static const char *
unsendable(const struct conf_collector *c)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&c->addr;
	uint8_t addr[ADDRESS_BYTES];
	int family = address_bytes(&c->addr, addr);

	if (address_is_link_local(family, addr) && in6->sin6_scope_id == 0)
		return ADDRESS_NO_SCOPE;
	if (family == 4 && ifindex_is_broadcast(addr))
		return ADDRESS_BROADCAST;
	return address_wrong(family, addr);
}

static int
set_flags(int fd)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

enum sockets_result
sockets_collector(struct conf_collector *c, char *why, size_t whylen)
{
	const char *wrong = unsendable(c);
	enum sockets_result bound;
	int fd;

	if (wrong != NULL) {
		snprintf(why, whylen, "%s", wrong);
		return SOCKETS_WRONG;
	}
	if ((fd = socket(c->addr.ss_family, SOCK_DGRAM, 0)) == -1 ||
	    set_flags(fd) == -1)
		goto later;
	if ((bound = bind_source(fd, c, why, whylen)) != SOCKETS_OPEN) {
		close(fd);
		return bound;
	}
	if (connect(fd, (struct sockaddr *)&c->addr, c->addrlen) == -1)
		goto later;
	c->fd = fd;
	c->source_port = learn_port(fd);
	c->path_mtu = pathmtu_ask(fd);
	if (c->dscp != 0)
		sockets_adjust(c);
	if (sandbox_socket(fd) == -1)
		log_warn("collector %s: cannot restrict the socket", c->name);
	return SOCKETS_OPEN;
later:
	snprintf(why, whylen, "%s", strerror(errno));
	if (fd != -1)
		close(fd);
	return SOCKETS_LATER;
}

enum sockets_result
sockets_another(struct conf_collector *c, char *why, size_t whylen)
{
	enum sockets_result result = sockets_collector(c, why, whylen);

	if (result != SOCKETS_OPEN ||
	    !descriptors_short(c->fd, descriptors_limit()))
		return result;
	close(c->fd);
	c->fd = -1;
	snprintf(why, whylen, "%s", strerror(EMFILE));
	return SOCKETS_LATER;
}

/* True if a process listens there, even with a full backlog. */
static int
answers(const struct sockaddr_un *sun)
{
	int fd, answer;

	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return 0;
	answer = fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
	    (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ||
		errno == EAGAIN || errno == EINPROGRESS);
	close(fd);
	return answer;
}

/*
 * Remove a socket of ours that nobody listens on.  Another user's is not
 * connected to, and is left to bind_path().
 */
static int
clear_path(const struct sockaddr_un *sun, char *why, size_t whylen)
{
	struct stat st;

	if (lstat(sun->sun_path, &st) == -1)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		snprintf(why, whylen,
		    "not a socket: remove it or use another path");
	else if (st.st_uid != geteuid())
		return 0;
	else if (answers(sun))
		snprintf(why, whylen,
		    "in use: pflowd is already running; use another path");
	else if (unlink(sun->sun_path) == -1)
		snprintf(why, whylen, "%s", strerror(errno));
	else
		return 0;
	return -1;
}

/*
 * In a directory like /tmp, another user can keep creating the path first.
 * Bind an unpredictable name beside it and rename it over the path.
 */
static int
bind_beside(int fd, const struct sockaddr_un *sun)
{
	struct sockaddr_un beside = *sun;
	size_t len = strlen(beside.sun_path);
	int error;

	if (snprintf(beside.sun_path + len, sizeof(beside.sun_path) - len,
		".%08x", (unsigned int)arc4random()) >=
	    (int)(sizeof(beside.sun_path) - len)) {
		errno = EADDRINUSE;
		return -1;
	}
	if (bind(fd, (const struct sockaddr *)&beside, sizeof(beside)) == -1)
		return -1;
	if (rename(beside.sun_path, sun->sun_path) == 0)
		return 0;
	error = errno;
	unlink(beside.sun_path);
	errno = error;
	return -1;
}

static int
bind_path(int fd, const struct sockaddr_un *sun, int restricted)
{
	mode_t old = umask(restricted ? 0111 : 0117);
	int result;

	result = bind(fd, (const struct sockaddr *)sun, sizeof(*sun));
	if (result == -1 && errno == EADDRINUSE)
		result = bind_beside(fd, sun);
	umask(old);
	return result;
}

static int
set_group(const struct conf_socket *s, char *why, size_t whylen)
{
	struct group *gr;

	if (s->group[0] == '\0')
		return 0;
	if ((gr = getgrnam(s->group)) == NULL)
		snprintf(why, whylen,
		    "group %s does not exist: create it (" PFLOWD_GROUPADD
		    " %s) or name another",
		    s->group, s->group);
	else if (fchownat(AT_FDCWD, s->path, (uid_t)-1, gr->gr_gid,
		     AT_SYMLINK_NOFOLLOW) == -1)
		snprintf(why, whylen, "%s", strerror(errno));
	else
		return 0;
	return -1;
}

static void
note_inode(struct conf_socket *s)
{
	struct stat st;

	if (lstat(s->path, &st) == -1)
		return;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
}

int
sockets_control(struct conf_socket *s, char *why, size_t whylen)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (strlcpy(sun.sun_path, s->path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		snprintf(why, whylen, "path is too long for a socket");
		return -1;
	}
	if (socketdir_check(s->path, why, whylen) == -1 ||
	    clear_path(&sun, why, whylen) == -1)
		return -1;
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    set_flags(fd) == -1 || bind_path(fd, &sun, s->restricted) == -1) {
		snprintf(why, whylen, "%s", strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	note_inode(s);
	if (set_group(s, why, whylen) == 0) {
		if (listen(fd, BACKLOG) == 0 && sandbox_socket(fd) == 0) {
			s->fd = fd;
			return 0;
		}
		snprintf(why, whylen, "%s", strerror(errno));
	}
	close(fd);
	sockets_remove(s);
	return -1;
}

int
sockets_gone(const struct conf_socket *s)
{
	struct stat st;

	return lstat(s->path, &st) == -1 && errno == ENOENT;
}

void
sockets_remove(const struct conf_socket *s)
{
	struct stat st;

	if (lstat(s->path, &st) == 0 && st.st_dev == s->dev &&
	    st.st_ino == s->ino)
		unlink(s->path);
}
