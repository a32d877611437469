/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The log: stderr in the foreground, else syslog's daemon facility.  Lines name
 * the thing and the remedy, in lower case, without a newline.
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
 * Start to log to stderr.  name begins each line there and is the program name
 * in syslog; it is not copied.  verbose counts -v: 1 adds debug lines.
 */
void log_init(const char *name, int verbose);

/* Set verbose. */
void log_verbosity(int verbose);

/* Log to syslog's daemon facility from now on. */
void log_to_syslog(void);

/* Log to a function from now on, with syslog's priorities; for a child. */
typedef void log_sink(void *arg, int priority, const char *line);
void log_to(log_sink *, void *arg);

/* Log a line of another process. */
void log_line(int priority, const char *line);

/*
 * Also pass every warning of this process to a function, which must not log.
 * LOG_NOTICE: the cause of the warnings that begin with this line is gone.
 */
void log_watch(log_sink *, void *arg);

/*
 * Set open after drawing a progress line, and clear it after ending the line.
 * While open is set, the log ends the progress line before its own.
 */
void log_line_open(int open);

void log_debug(const char *, ...) LOG_FORMAT(1, 2);
void log_info(const char *, ...) LOG_FORMAT(1, 2);
void log_warnx(const char *, ...) LOG_FORMAT(1, 2);

/* Pass the beginning of warnings to the function of log_watch(). */
void log_settled(const char *, ...) LOG_FORMAT(1, 2);

/* As log_warnx, with ": " and the text of errno appended. */
void log_warn(const char *, ...) LOG_FORMAT(1, 2);

/* As log_warn and log_warnx, then exit 1: start-up and broken invariants. */
void fatal(const char *, ...) LOG_FORMAT(1, 2) LOG_NORETURN;
void fatalx(const char *, ...) LOG_FORMAT(1, 2) LOG_NORETURN;

#endif
