/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The log: stderr in the foreground, syslog's daemon facility otherwise.
 * Lines name the thing and the remedy, in lower case, without a newline.
 */

#ifndef LOG_H
#define LOG_H

#if defined(__GNUC__)
#define LOG_FORMAT(format_at, args_at) \
	__attribute__((format(printf, format_at, args_at)))
#define LOG_NORETURN __attribute__((noreturn))
#else
#define LOG_FORMAT(format_at, args_at)
#define LOG_NORETURN
#endif

/*
 * The log goes to stderr at first.  name (not copied) begins each line there
 * and names the program in syslog; verbose counts -v: 1 adds debug lines.
 */
void log_init(const char *name, int verbose);

/* How many -v are in force from now on. */
void log_verbosity(int verbose);

/* From now on to syslog's daemon facility. */
void log_to_syslog(void);

/* From now on to a function, under syslog's priorities; for a child. */
typedef void log_sink(void *arg, int priority, const char *line);
void log_to(log_sink *, void *arg);

/* A line that another process has for the log. */
void log_line(int priority, const char *line);

/*
 * Also tell this function of every warning of this process; it must not log.
 */
void log_watch(log_sink *, void *arg);

/*
 * While a progress line stands on the terminal, the log first ends it.
 * The caller sets this after drawing one and clears it after ending one.
 */
void log_line_open(int open);

void log_debug(const char *, ...) LOG_FORMAT(1, 2);
void log_info(const char *, ...) LOG_FORMAT(1, 2);
void log_warnx(const char *, ...) LOG_FORMAT(1, 2);

/* As log_warnx, with ": " and errno's text after it. */
void log_warn(const char *, ...) LOG_FORMAT(1, 2);

/* As log_warn and log_warnx, then exit 1: start-up and broken invariants. */
void fatal(const char *, ...) LOG_FORMAT(1, 2) LOG_NORETURN;
void fatalx(const char *, ...) LOG_FORMAT(1, 2) LOG_NORETURN;

#endif
