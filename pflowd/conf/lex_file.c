/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Files of a configuration.
 */

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lex_local.h"

#define FILE_MAX (1024 * 1024) /* bytes */
#define FILES_MAX 1024	       /* total files */

/*
 * True if the file is being read already, so that including it would never end.
 */
static int
is_open(const struct lex *l, const struct stat *st)
{
	int i;

	for (i = 0; i < l->depth; i++)
		if (l->stack[i].path != NULL && l->stack[i].dev == st->st_dev &&
		    l->stack[i].ino == st->st_ino)
			return 1;
	return 0;
}

/* Check owner and mode: whoever can write the file controls the daemon. */
static int
check_file(struct lex *l, const char *path, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		lex_error(l, "%s: not a regular file", path);
	else if (st->st_uid != 0 && st->st_uid != getuid())
		lex_error(l, "%s: owned by user %lu: chown root %s", path,
		    (unsigned long)st->st_uid, path);
	else if (st->st_mode & S_IWOTH)
		lex_error(l, "%s: writable by everyone: chmod o-w %s", path,
		    path);
	else if (st->st_size > FILE_MAX)
		lex_error(l, "%s: larger than %d MiB", path,
		    FILE_MAX / 1024 / 1024);
	else if (is_open(l, st))
		lex_error(l, "%s: includes itself", path);
	else if (l->files++ == FILES_MAX)
		lex_error(l, "%s: more than %d files", path, FILES_MAX);
	else
		return 0;
	return -1;
}

/*
 * Read the file's text, and end it with a newline if it does not.  Returns NULL
 * after reporting the error.
 */
static char *
read_all(struct lex *l, int fd, const char *path, size_t *len)
{
	size_t size = *len;
	ssize_t n = 0;
	char *text;

	if ((text = lex_alloc(l, size + 1)) == NULL)
		return NULL;
	*len = 0;
	while (*len < size && (n = read(fd, text + *len, size - *len)) > 0)
		*len += (size_t)n;
	if (n == -1) {
		lex_error(l, "%s: %s", path, strerror(errno));
		return NULL;
	}
	if (*len == 0 || text[*len - 1] != '\n')
		text[(*len)++] = '\n';
	return text;
}

/* Resolve a relative path in the directory of the including file. */
static const char *
full_path(struct lex *l, const char *path)
{
	const char *slash = NULL;
	size_t dir;
	char *full;

	if (path[0] != '/' && l->place.path != NULL)
		slash = strrchr(l->place.path, '/');
	dir = slash == NULL ? 0 : (size_t)(slash + 1 - l->place.path);
	if ((full = lex_alloc(l, dir + strlen(path) + 1)) == NULL)
		return path;
	if (dir > 0)
		memcpy(full, l->place.path, dir);
	strcpy(full + dir, path);
	return full;
}

/* Push an open file.  fd -1: report errno.  Returns -1 after an error. */
static int
open_fd(struct lex *l, int fd, const char *path)
{
	struct lex_source *s;
	struct stat st;
	size_t len;
	char *text;

	if (fd == -1 || fstat(fd, &st) == -1) {
		lex_error(l, "%s: %s", path, strerror(errno));
		return -1;
	}
	if (check_file(l, path, &st) == -1)
		return -1;
	len = (size_t)st.st_size;
	if ((text = read_all(l, fd, path, &len)) == NULL ||
	    (s = lex_push(l, path)) == NULL)
		return -1;
	s->path = path;
	s->text = text;
	s->len = len;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return 0;
}

int
lex_open(struct lex *l, const char *path)
{
	const char *full = full_path(l, path);
	int fd, result;

	fd = open(full, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	result = open_fd(l, fd, full);
	if (fd != -1)
		close(fd);
	return result;
}
