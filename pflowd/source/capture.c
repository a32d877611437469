/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/stat.h>
#include <pcap.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "capture_pipe.h"
#include "chunk_stream.h"
#include "compressed.h"

/*
 * Match deletions, and frames that are reported to the user: clears, whose
 * counters are lost, and versions that pflowd cannot use.
 */
#define FILTER "link[2] == 3 or link[2] == 0 or link[0] < 2 or link[0] > 4"

#define SNAPLEN 9216
#define FILE_BUFFER (64 * 1024)
#define TIMEOUT_MS 50

/* LINKTYPE_USER0 to USER15: each program gives them a meaning of its own. */
#define LINK_USER0 147
#define LINK_USER15 162

struct capture {
	pcap_t *pcap; /* NULL: a pipe whose header was not read yet */
	struct capture_pipe *pipe;   /* NULL: not a pipe */
	struct chunk_stream *chunks; /* NULL: not of a dumper */
	FILE *file;		     /* regular file; libpcap owns it */
	char *buffer;		     /* of file */
	off_t size;
	int any_link;
	enum link_layer layer;
	int live;
	enum capture_absence absence;
	char error[PCAP_ERRBUF_SIZE + 256];
	char name[]; /* a copy: the configuration is freed earlier */
};

static void
explain_link(struct capture *c, int link)
{
	const char *name = pcap_datalink_val_to_name(link);
	const char *remedy = "";

	if (name == NULL || (link >= LINK_USER0 && link <= LINK_USER15))
		remedy = " (if it is pfsync, use -y pfsync)";
	else if (c->live)
		remedy = ": use a pfsync(4) interface, such as pfsync0";
	snprintf(c->error, sizeof(c->error), "%s%s: link type is %s (%d), %s%s",
	    c->live ? "interface " : "", c->name,
	    name != NULL ? name : "unknown", link,
	    c->live ? "not pfsync" : "which pflowd cannot read", remedy);
}

/* The filter of a live capture finds pfsync alone. */
static int
check_link(struct capture *c)
{
	int link = pcap_datalink(c->pcap);

	c->layer = c->any_link ? LINK_PFSYNC : link_layer_of(link);
	if (c->layer == LINK_PFSYNC || (c->layer != LINK_UNKNOWN && !c->live))
		return 0;
	explain_link(c, link);
	return -1;
}

static struct capture *
capture_new(const char *name, int any_link)
{
	struct capture *c;

	if ((c = calloc(1, sizeof(*c) + strlen(name) + 1)) == NULL)
		return NULL;
	memcpy(c->name, name, strlen(name));
	c->any_link = any_link;
	return c;
}

static void
explain_activation(struct capture *c, int status)
{
	switch (status) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		c->absence = CAPTURE_MISSING;
		snprintf(c->error, sizeof(c->error),
		    "interface %s does not exist; waiting for it (ifconfig %s "
		    "create)",
		    c->name, c->name);
		break;
	case PCAP_ERROR_PERM_DENIED:
		snprintf(c->error, sizeof(c->error),
		    "no permission to capture on %s: start as root", c->name);
		break;
	case PCAP_ERROR_IFACE_NOT_UP:
		c->absence = CAPTURE_DOWN;
		snprintf(c->error, sizeof(c->error),
		    "interface %s is down; waiting for it (ifconfig %s up)",
		    c->name, c->name);
		break;
	default:
		snprintf(c->error, sizeof(c->error), "interface %s: %s",
		    c->name, pcap_geterr(c->pcap));
	}
}

static int
activate(struct capture *c)
{
	int status;

	pcap_set_snaplen(c->pcap, SNAPLEN);
	pcap_set_promisc(c->pcap, 0);
	pcap_set_timeout(c->pcap, TIMEOUT_MS);
	pcap_set_buffer_size(c->pcap, CAPTURE_BUFFER);
	pcap_set_immediate_mode(c->pcap, capture_os_immediate());
	if ((status = pcap_activate(c->pcap)) >= 0)
		return 0;
	explain_activation(c, status);
	return -1;
}

static int
set_filter(struct capture *c)
{
	struct bpf_program program;
	int status;

	status = pcap_compile(c->pcap, &program, FILTER, 1,
	    PCAP_NETMASK_UNKNOWN);
	if (status == 0) {
		status = pcap_setfilter(c->pcap, &program);
		pcap_freecode(&program);
	}
	if (status == -1)
		snprintf(c->error, sizeof(c->error), "interface %s: filter: %s",
		    c->name, pcap_geterr(c->pcap));
	return status;
}

/* Must be last: a locked descriptor refuses other settings, even to root. */
static int
lock_filter(struct capture *c)
{
	if (capture_os_lock(pcap_fileno(c->pcap)) == 0)
		return 0;
	snprintf(c->error, sizeof(c->error),
	    "interface %s: cannot lock the capture filter", c->name);
	return -1;
}

struct capture *
capture_open_live(const char *interface, int any_link,
    enum capture_absence *absence, char *why, size_t whylen)
{
	struct capture *c;
	char error[PCAP_ERRBUF_SIZE];

	*absence = CAPTURE_WRONG;
	if ((c = capture_new(interface, any_link)) == NULL) {
		snprintf(why, whylen, "out of memory");
		return NULL;
	}
	c->live = 1;
	if ((c->pcap = pcap_create(interface, error)) == NULL)
		snprintf(c->error, sizeof(c->error), "interface %s: %s",
		    interface, error);
	else if (activate(c) == 0 && check_link(c) == 0 && set_filter(c) == 0 &&
	    pcap_setnonblock(c->pcap, 1, c->error) == 0 && lock_filter(c) == 0)
		return c;
	*absence = c->absence;
	snprintf(why, whylen, "%s", c->error);
	capture_close(c);
	return NULL;
}

/* Explain why libpcap did not open a file, whose first bytes are these. */
static void
explain_format(struct capture *c, struct bytes start, const char *error)
{
	const struct compressed *z = compressed_format(start);

	if (z == NULL)
		snprintf(c->error, sizeof(c->error),
		    "%s: not a capture file: %s", c->name, error);
	else
		snprintf(c->error, sizeof(c->error),
		    "%s: compressed with %s: use %s file | pflowd -r -",
		    c->name, z->format, z->tool);
}

/* Let libpcap read the header.  libpcap owns the stream only on success. */
static int
open_stream(struct capture *c, FILE *file, struct bytes start)
{
	char error[PCAP_ERRBUF_SIZE];

	if (file == NULL) {
		snprintf(c->error, sizeof(c->error), "%s: out of memory",
		    c->name);
		return -1;
	}
	if ((c->pcap = pcap_fopen_offline(file, error)) == NULL) {
		fclose(file);
		explain_format(c, start, error);
		return -1;
	}
	return check_link(c);
}

static enum capture_result
say_empty(struct capture *c, const char *hint)
{
	snprintf(c->error, sizeof(c->error), "%s is empty: %s", c->name, hint);
	return CAPTURE_ERROR;
}

/* FILE_BUFFER: small reads cost system calls, large ones miss the cache. */
static int
open_regular(struct capture *c, int fd)
{
	uint8_t magic[COMPRESSED_MAGIC];
	ssize_t n = pread(fd, magic, sizeof(magic), 0);
	struct bytes start = { magic, n > 0 ? (size_t)n : 0 };

	if ((c->file = fdopen(fd, "rb")) == NULL) {
		close(fd);
		return open_stream(c, NULL, start);
	}
	capture_os_only_reader(c->file);
	if ((c->buffer = malloc(FILE_BUFFER)) != NULL)
		setvbuf(c->file, c->buffer, _IOFBF, FILE_BUFFER);
	return open_stream(c, c->file, start);
}

struct capture *
capture_open_fd(int fd, const char *name, int any_link, char *why,
    size_t whylen)
{
	struct capture *c;
	struct stat st;

	if ((c = capture_new(name, any_link)) == NULL || fstat(fd, &st) == -1) {
		snprintf(why, whylen, "%s: cannot be read: %s", name,
		    strerror(errno));
		close(fd);
		free(c);
		return NULL;
	}
	if (S_ISDIR(st.st_mode)) {
		close(fd);
		snprintf(c->error, sizeof(c->error), "%s: is a directory",
		    name);
	} else if (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)) {
		c->size = st.st_size;
		if (S_ISREG(st.st_mode) && st.st_size == 0) {
			close(fd);
			say_empty(c, "not a capture");
		} else if (open_regular(c, fd) == 0)
			return c;
	} else if ((c->pipe = capture_pipe_new(fd)) != NULL) {
		return c;
	} else {
		close(fd);
		snprintf(c->error, sizeof(c->error), "out of memory");
	}
	snprintf(why, whylen, "%s", c->error);
	capture_close(c);
	return NULL;
}

struct capture *
capture_open_dumper(int fd)
{
	struct capture *c;

	if ((c = capture_new("pf's state table", 0)) == NULL)
		return NULL;
	if ((c->chunks = malloc(sizeof(*c->chunks))) == NULL) {
		free(c);
		return NULL;
	}
	chunk_stream_init(c->chunks, fd);
	c->layer = LINK_STATES;
	return c;
}

void
capture_close(struct capture *c)
{
	if (c == NULL)
		return;
	if (c->chunks != NULL)
		chunk_stream_close(c->chunks);
	free(c->chunks);
	if (c->pcap != NULL)
		pcap_close(c->pcap);
	capture_pipe_free(c->pipe);
	free(c->buffer);
	free(c);
}

int
capture_fd(const struct capture *c)
{
	if (c->live)
		return pcap_get_selectable_fd(c->pcap);
	if (c->chunks != NULL)
		return c->chunks->fd;
	return c->pipe != NULL ? capture_pipe_fd(c->pipe) : -1;
}

void
capture_fill(struct capture *c)
{
	if (c->pipe != NULL)
		capture_pipe_fill(c->pipe);
}

/* CAPTURE_FRAME: libpcap can read a packet from the pipe without blocking. */
static enum capture_result
pipe_ready(struct capture *c)
{
	if (c->pcap == NULL) {
		if (!capture_pipe_headed(c->pipe))
			return CAPTURE_NONE;
		if (capture_pipe_empty(c->pipe))
			return say_empty(c,
			    "did the command before the pipe "
			    "fail?");
		if (open_stream(c, capture_pipe_stream(c->pipe),
			capture_pipe_start(c->pipe)) == -1)
			return CAPTURE_ERROR;
	}
	return capture_pipe_ready(c->pipe) ? CAPTURE_FRAME : CAPTURE_NONE;
}

static void
set_frame(const struct capture *c, struct capture_frame *f,
    const struct pcap_pkthdr *header, const u_char *data)
{
	f->data = data;
	f->len = header->caplen;
	f->missing = header->len > header->caplen ?
	    header->len - header->caplen :
	    0;
	f->layer = c->layer;
	f->time = (uint64_t)(uint32_t)header->ts.tv_sec * 1000;
	if (header->ts.tv_usec >= 0 && header->ts.tv_usec < 1000000)
		f->time += (uint64_t)header->ts.tv_usec / 1000;
}

/* Their time is that of the dumper's clock. */
static enum capture_result
next_chunk(struct capture *c, struct capture_frame *f)
{
	switch (chunk_stream_next(c->chunks, &f->len)) {
	case 1:
		f->data = c->chunks->chunk;
		f->missing = 0;
		f->layer = c->layer;
		f->time = chunk_wall(f->data);
		return CAPTURE_FRAME;
	case 0:
		return CAPTURE_NONE;
	}
	if (c->chunks->error == NULL)
		return CAPTURE_END;
	snprintf(c->error, sizeof(c->error), "%s: %s", c->name,
	    c->chunks->error);
	return CAPTURE_ERROR;
}

/* A pipe may have ended by a read error. */
static enum capture_result
at_end(struct capture *c)
{
	const char *fault = NULL;

	if (c->pipe != NULL)
		fault = capture_pipe_fault(c->pipe);
	if (fault == NULL)
		return CAPTURE_END;
	snprintf(c->error, sizeof(c->error), "%s: %s", c->name, fault);
	return CAPTURE_ERROR;
}

enum capture_result
capture_next(struct capture *c, struct capture_frame *f)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	enum capture_result ready;

	if (c->chunks != NULL)
		return next_chunk(c, f);
	if (c->pipe != NULL && (ready = pipe_ready(c)) != CAPTURE_FRAME)
		return ready;
	switch (pcap_next_ex(c->pcap, &header, &data)) {
	case 1:
		if (c->pipe != NULL)
			capture_pipe_took(c->pipe);
		set_frame(c, f, header, data);
		return CAPTURE_FRAME;
	case 0:
		return CAPTURE_NONE;
	case PCAP_ERROR_BREAK:
		return at_end(c);
	}
	snprintf(c->error, sizeof(c->error), "%s%s: %s",
	    c->live ? "interface " : "", c->name, pcap_geterr(c->pcap));
	return CAPTURE_ERROR;
}

const char *
capture_name(const struct capture *c)
{
	return c->name;
}

const char *
capture_error(const struct capture *c)
{
	return c->error;
}

int
capture_percent(const struct capture *c)
{
	off_t at;

	if (c->file == NULL || c->size == 0 || (at = ftello(c->file)) == -1)
		return -1;
	return (int)(at * 100 / c->size);
}

int
capture_statistics(const struct capture *c, struct capture_stats *stats)
{
	struct pcap_stat s;

	memset(&s, 0, sizeof(s)); /* OpenBSD does not set ps_ifdrop */
	if (!c->live || pcap_stats(c->pcap, &s) == -1)
		return -1;
	stats->received = s.ps_recv;
	stats->dropped = s.ps_drop;
	stats->if_dropped = s.ps_ifdrop;
	return 0;
}

const char *
capture_library(void)
{
	return pcap_lib_version();
}

int
capture_kernel_fd(const struct capture *c)
{
	return pcap_fileno(c->pcap);
}

int
capture_short_buffer(const struct capture *c, uint64_t *bytes)
{
	return c->live && capture_os_buffer(pcap_fileno(c->pcap), bytes) == 0 &&
	    *bytes < CAPTURE_BUFFER;
}

int
capture_attached(const struct capture *c)
{
	return !c->live || capture_os_attached(pcap_fileno(c->pcap), c->name);
}

int
capture_counts_frames(void)
{
	return capture_os_counts_frames();
}

int
capture_kernel_frames(int fd, const struct capture_stats *stats,
    uint64_t *frames)
{
	return capture_os_kernel_frames(fd, stats, frames);
}
