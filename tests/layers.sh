#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Who may use what.  Exit 1 and a line for each breach.

set -u
cd "$(dirname "$0")/.." || exit 1

# The grammar, not what yacc makes of it.
sources=$(find common pflowd pflowctl -name '*.[chy]' ! -path pflowd/parse.c |
    sort)
breaches=$(mktemp) code=$(mktemp)
trap 'rm -f "$breaches" "$code"' EXIT

# file:line:text without comments: they may name what the code must not.
# shellcheck disable=SC2086
awk '
FNR == 1 { inside = 0 }
{
	text = ""
	rest = $0
	while (rest != "") {
		mark = inside ? "*/" : "/*"
		at = index(rest, mark)
		if (at == 0)
			at = length(rest) + 1
		if (!inside)
			text = text substr(rest, 1, at - 1)
		if (at <= length(rest))
			inside = !inside
		rest = substr(rest, at + 2)
	}
	print FILENAME ":" FNR ":" text
}' $sources >"$code"

# only PATTERN FILES RULE: what matches may stand in FILES alone; both are
# extended regular expressions.
only()
{
	grep -E "^[^:]*:[0-9]*:.*$1" "$code" | grep -Ev "^($2):" |
	    sed "s|\$|    <- $3|" >>"$breaches"
}

# call NAME ...: a pattern of calls of these functions
call()
{
	echo "(^|[^A-Za-z0-9_])($(echo "$@" | tr ' ' '|'))\("
}

only '#include <pcap' 'pflowd/capture[a-z_]*\.c' \
    'libpcap is for pflowd/capture*.c'
only '#include <event2\/' \
    'pflowd/(meter|replay|parent(_flows|_link|_dispatch)?|sendqueue|engine(_start)?|control(_listen)?|lookup)\.c' \
    'libevent is for what has a loop'
only "$(call fork vfork execv execve execvp execl execlp posix_spawn system \
    popen chroot setuid setgid seteuid setegid setreuid setregid setresuid \
    setresgid setgroups initgroups)" 'pflowd/(privsep|setids_[a-z]*)\.c' \
    'processes and privileges are for privsep.c'
only "$(call 'ntoh[a-z]*' 'hton[a-z]*' '[bl]e[0-9]+toh' 'hto[bl]e[0-9]+' \
    '[bl]e[0-9]+dec' '[bl]e[0-9]+enc' 'bswap_?[0-9]+')" 'common/bytes\.h' \
    'byte order is for common/bytes.h'
only "$(call printf vprintf puts putchar)|[ (,]stdout[,)]" \
    'pflowd/(flowprint|pflowd)\.c|pflowctl/[a-z_]*\.[ch]' \
    'only flowprint.c, pflowd.c and pflowctl write to stdout'
only '#[[:space:]]*(if|ifdef|ifndef|elif)' '[^:]*\.h|common/[a-z_]*\.c' \
    'what differs by system is a file of its own'

# The brackets keep these patterns from finding themselves.
grep -rnE '(^|[^A-Za-z0-9])(TO[D]O|FIX[M]E|XX[X])($|[^A-Za-z0-9])' \
    Makefile build.mk configure common pflowd pflowctl man tests 2>/dev/null \
    --include='*.[chy]' --exclude=parse.c --include='*.sh' --include='*.[58]' \
    --include=configure --include=Makefile --include='*.mk' |
    sed 's/$/    <- do it, or leave it out/' >>"$breaches"

cat "$breaches"
test ! -s "$breaches"
