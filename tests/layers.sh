#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Print the order of pflowd's folders: each may include those after it.  Exit 1
# and a line for each include, or call, that is where it may not be.

set -u
cd "$(dirname "$0")/.." || exit 1

# The grammar, not what yacc makes of it.
sources=$(find common pflowd pflowctl -name '*.[chy]' ! -path pflowd/conf/parse.c |
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

# Each folder may include its own headers ("x.h") and those of folders after it
# ("folder/x.h").
ORDER='parent engine export process source track conf flow os common'
echo "pflowd.c $ORDER"
awk -v order="$ORDER" '
BEGIN {
	for (n = split(order, name, " "); n > 0; n--)
		rank[name[n]] = n
	rank["pflowctl"] = rank["os"]
}
match($0, /#include "[a-z]*\//) {
	split($0, at, /[\/:]/)
	to = substr($0, RSTART + 10, RLENGTH - 11)
	from = at[1] == "pflowd" && at[2] in rank ? at[2] : at[1]
	if (from in rank && !(rank[to] > rank[from]))
		print $0 "    <- " from " may not include " to
}' "$code" >>"$breaches"

only '#include <pcap' 'pflowd/(source|os)/capture[a-z_]*\.c' \
    'libpcap is for pflowd/source/capture*.c'
only '#include <event2\/' \
    'pflowd/(engine/(meter|engine|engine_report|engine_start|control|control_listen|control_states)|export/sendqueue(_send)?|parent/(parent|recorder|replay|resolver_ask)|process/watch)\.c' \
    'libevent is for what has a loop'
only "$(call fork vfork execv execve execvp execl execlp posix_spawn system \
    popen chroot setuid setgid seteuid setegid setreuid setregid setresuid \
    setresgid setgroups initgroups)" 'pflowd/(process/privsep|os/setids_[a-z]*)\.c' \
    'processes and privileges are for privsep.c'
only "$(call 'ntoh[a-z]*' 'hton[a-z]*' '[bl]e[0-9]+toh' 'hto[bl]e[0-9]+' \
    '[bl]e[0-9]+dec' '[bl]e[0-9]+enc' 'bswap_?[0-9]+')" 'common/bytes\.h' \
    'byte order is for common/bytes.h'
only "$(call printf vprintf puts putchar)|[ (,]stdout[,)]" \
    'pflowd/(flow/flowprint|pflowd)\.c|pflowctl/[a-z_]*\.[ch]' \
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
