/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture_pipe.h"

/* A record that does not fit is damaged: valid captures have none so large. */
#define BUFFER (512 * 1024)

/* libpcap's savefile format: pcap-savefile(5). */
#define PCAP_FILE_HEADER 24
#define PCAP_RECORD_HEADER 16
#define PCAP_MAGIC 0xa1b2c3d4U
#define PCAP_MAGIC_NS 0xa1b23c4dU
#define PCAP_MAGIC_PATCHED 0xa1b2cd34U /* Kuznetzov's: longer records */
#define PCAP_PATCHED_HEADER 24

/* pcapng: draft-ietf-opsawg-pcapng. */
#define NG_BLOCK_MIN 12
#define NG_SECTION 0x0a0d0d0aU
#define NG_BYTE_ORDER 0x1a2b3c4dU
enum {
	NG_INTERFACE = 1,
	NG_PACKET_OLD = 2,
	NG_PACKET_SIMPLE = 3,
	NG_PACKET = 6
};

enum format {
	UNKNOWN, /* not enough has arrived */
	PCAP,
	PCAPNG,
	FOREIGN /* or damaged: passed to libpcap, which reports the error */
};

/*
 * Offsets in buffer: libpcap has read up to given and may read up to whole; the
 * item behind whole is incomplete up to end.
 */
struct capture_pipe {
	int fd;
	int ended;
	int headed;
	int error;   /* errno of a failed read, which also ends the pipe */
	int swapped; /* little-endian */
	enum format format;
	size_t header;	      /* bytes of a pcap record's header */
	size_t skip;	      /* bytes left of a block that is removed */
	unsigned int packets; /* whole packets not yet read by libpcap */
	size_t given;
	size_t whole;
	size_t end;
	uint8_t buffer[BUFFER];
};

struct capture_pipe *
capture_pipe_new(int fd)
{
	struct capture_pipe *p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return NULL;
	p->fd = fd;
	return p;
}

void
capture_pipe_free(struct capture_pipe *p)
{
	if (p == NULL)
		return;
	close(p->fd);
	free(p);
}

int
capture_pipe_fd(const struct capture_pipe *p)
{
	return p->fd;
}

/* After the end, and if the format is foreign, pass all bytes to libpcap. */
static int
give(void *arg, char *to, int len)
{
	struct capture_pipe *p = arg;
	size_t limit = p->ended || p->format == FOREIGN ? p->end : p->whole;
	size_t n = limit - p->given;

	if (n > (size_t)len)
		n = (size_t)len;
	memcpy(to, p->buffer + p->given, n);
	p->given += n;
	return (int)n;
}

FILE *
capture_pipe_stream(struct capture_pipe *p)
{
	return funopen(p, give, NULL, NULL, NULL);
}

static uint32_t
get32(const struct capture_pipe *p, size_t at)
{
	const uint8_t *b = p->buffer + at;

	return p->swapped ? get_le32(b) : get_be32(b);
}

static int
is_pcap(uint32_t magic)
{
	return magic == PCAP_MAGIC || magic == PCAP_MAGIC_NS ||
	    magic == PCAP_MAGIC_PATCHED;
}

static void
recognize(struct capture_pipe *p)
{
	uint32_t magic;

	if (p->end < 4)
		return;
	magic = get_be32(p->buffer);
	if (magic == NG_SECTION) {
		p->format = PCAPNG;
	} else if (is_pcap(magic) || is_pcap(get_le32(p->buffer))) {
		p->format = PCAP;
		p->swapped = !is_pcap(magic);
		p->header = get32(p, 0) == PCAP_MAGIC_PATCHED ?
		    PCAP_PATCHED_HEADER :
		    PCAP_RECORD_HEADER;
	} else {
		p->format = FOREIGN;
	}
}

/* Length of the item at p->whole; 0: not known yet. */
static size_t
pcap_item(struct capture_pipe *p, size_t have)
{
	if (!p->headed)
		return PCAP_FILE_HEADER;
	if (have < p->header)
		return 0;
	return (size_t)get32(p, p->whole + 8) + p->header;
}

static size_t
pcapng_item(struct capture_pipe *p, size_t have)
{
	size_t len;

	if (have < NG_BLOCK_MIN)
		return 0;
	if (get_be32(p->buffer + p->whole) == NG_SECTION)
		p->swapped = get_le32(p->buffer + p->whole + 8) ==
		    NG_BYTE_ORDER;
	len = get32(p, p->whole + 4);
	return len < NG_BLOCK_MIN ? SIZE_MAX : len;
}

/* True if libpcap needs a block.  Statistics and names are removed. */
static int
pcapng_matters(const struct capture_pipe *p)
{
	switch (get32(p, p->whole)) {
	case NG_SECTION:
	case NG_INTERFACE:
	case NG_PACKET_OLD:
	case NG_PACKET_SIMPLE:
	case NG_PACKET:
		return 1;
	}
	return 0;
}

/* Count a whole item, by its type. */
static void
pcapng_found(struct capture_pipe *p)
{
	switch (get32(p, p->whole)) {
	case NG_SECTION:
		break;
	case NG_INTERFACE:
		p->headed = 1;
		break;
	default:
		p->packets++;
	}
}

/* Remove the bytes to skip that have arrived. */
static void
skip_some(struct capture_pipe *p)
{
	size_t have = p->end - p->whole;
	size_t n = p->skip < have ? p->skip : have;

	memmove(p->buffer + p->whole, p->buffer + p->whole + n, have - n);
	p->end -= n;
	p->skip -= n;
}

static void
pcap_found(struct capture_pipe *p)
{
	if (p->headed)
		p->packets++;
	p->headed = 1;
}

/* Find the items that have arrived whole. */
static void
scan(struct capture_pipe *p)
{
	size_t have, len;

	if (p->format == UNKNOWN)
		recognize(p);
	while (p->format == PCAP || p->format == PCAPNG) {
		skip_some(p);
		have = p->end - p->whole;
		len = p->format == PCAP ? pcap_item(p, have) :
					  pcapng_item(p, have);
		if (len == 0 || p->skip > 0)
			return;
		if (p->format == PCAPNG && len != SIZE_MAX &&
		    !pcapng_matters(p)) {
			p->skip = len;
			continue;
		}
		if (len > BUFFER)
			p->format = FOREIGN;
		if (len > have)
			return;
		if (p->format == PCAP)
			pcap_found(p);
		else
			pcapng_found(p);
		p->whole += len;
	}
}

/*
 * A full buffer without a packet would never be emptied: pass it to libpcap,
 * which reports the error.
 */
static void
check_full(struct capture_pipe *p)
{
	if (p->end == BUFFER && p->packets == 0)
		p->format = FOREIGN;
}

void
capture_pipe_fill(struct capture_pipe *p)
{
	ssize_t n;

	memmove(p->buffer, p->buffer + p->given, p->end - p->given);
	p->whole -= p->given;
	p->end -= p->given;
	p->given = 0;
	if (p->ended || p->end == BUFFER)
		return;
	do {
		n = read(p->fd, p->buffer + p->end, BUFFER - p->end);
	} while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n == -1)
		p->error = errno;
	if (n <= 0)
		p->ended = 1;
	else
		p->end += (size_t)n;
	scan(p);
	check_full(p);
}

int
capture_pipe_headed(const struct capture_pipe *p)
{
	return p->headed || p->ended || p->format == FOREIGN;
}

int
capture_pipe_ready(const struct capture_pipe *p)
{
	return p->packets > 0 || p->ended || p->format == FOREIGN;
}

struct bytes
capture_pipe_start(const struct capture_pipe *p)
{
	const struct bytes start = { p->buffer, p->end };

	return start;
}

const char *
capture_pipe_fault(const struct capture_pipe *p)
{
	if (p->error != 0)
		return strerror(p->error);
	return p->ended && p->skip > 0 ? "ends in the middle of a block" : NULL;
}

int
capture_pipe_empty(const struct capture_pipe *p)
{
	return p->ended && p->error == 0 && p->format == UNKNOWN && p->end == 0;
}

void
capture_pipe_took(struct capture_pipe *p)
{
	if (p->packets > 0)
		p->packets--;
}
