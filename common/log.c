/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "log.h"

/* Long enough for a path and its remedy; longer lines are cut. */
#define LINE_MAX_BYTES 1024

static const char *log_name = "pflowd";
static int log_syslog;	       /* to syslog, not to stderr */
static int log_verbose;	       /* 1: debug lines, too */
static int log_open_line;      /* a progress line is not ended */
static log_sink *log_function; /* instead of stderr and syslog */
static void *log_function_arg;
static log_sink *log_watcher; /* as well, for warnings */
static void *log_watcher_arg;

void
log_init(const char *name, int verbose)
{
	log_name = name;
	log_verbose = verbose;
}

void
log_verbosity(int verbose)
{
	log_verbose = verbose;
}

void
log_to_syslog(void)
{
	openlog(log_name, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	log_syslog = 1;
}

void
log_to(log_sink *sink, void *arg)
{
	log_function = sink;
	log_function_arg = arg;
}

void
log_watch(log_sink *sink, void *arg)
{
	log_watcher = sink;
	log_watcher_arg = arg;
}

void
log_line_open(int open)
{
	log_open_line = open;
}

/*
 * Each line is one write, so that lines of several processes on one terminal do
 * not mix.
 */
static void
write_stderr(const char *line)
{
	fprintf(stderr, "%s%s: %s\n", log_open_line ? "\n" : "", log_name,
	    line);
	fflush(stderr);
	log_open_line = 0;
}

void
log_line(int priority, const char *line)
{
	if (priority == LOG_DEBUG && log_verbose < 1)
		return;
	if (log_function != NULL)
		log_function(log_function_arg, priority, line);
	else if (log_syslog)
		syslog(priority, "%s", line);
	else
		write_stderr(line);
}

/* Log a line, with ": " and the reason unless that is NULL. */
static void write_line(int, const char *, va_list, const char *)
    LOG_FORMAT(2, 0);

static void
write_line(int priority, const char *fmt, va_list ap, const char *why)
{
	char line[LINE_MAX_BYTES];

	if (vsnprintf(line, sizeof(line), fmt, ap) < 0)
		return;
	if (why != NULL) {
		strlcat(line, ": ", sizeof(line));
		strlcat(line, why, sizeof(line));
	}
	log_line(priority, line);
	if (priority <= LOG_WARNING && log_watcher != NULL)
		log_watcher(log_watcher_arg, priority, line);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(LOG_DEBUG, fmt, ap, NULL);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(LOG_INFO, fmt, ap, NULL);
	va_end(ap);
}

void
log_warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(LOG_WARNING, fmt, ap, NULL);
	va_end(ap);
}

void
log_settled(const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (log_watcher != NULL)
		log_watcher(log_watcher_arg, LOG_NOTICE, line);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;
	int saved = errno;

	va_start(ap, fmt);
	write_line(LOG_WARNING, fmt, ap, strerror(saved));
	va_end(ap);
	errno = saved;
}

void
fatal(const char *fmt, ...)
{
	va_list ap;
	int saved = errno;

	va_start(ap, fmt);
	write_line(LOG_CRIT, fmt, ap, strerror(saved));
	va_end(ap);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(LOG_CRIT, fmt, ap, NULL);
	va_end(ap);
	exit(1);
}
