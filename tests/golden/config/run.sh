#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Golden configurations: NAME.in with NAME.ok, what -nv prints of it, which
# must print to itself, and NAME.warn, if it warns; or with NAME.err, every
# error.  "sh tests/golden/config/run.sh update" writes these files anew, for
# review.  With -d -v -v they need no collector.

. tests/lib.sh
unset ASAN_OPTIONS

CONFIG=$PWD/tests/golden/config

# What a test was told, without where the tree is.
without_place() {
	sed "s|$CONFIG/||g; s|$DIR/||g" "$1"
}

# The socket of this configuration of the tree is taken for the usual one.
usual_socket() {
	sed "s|^socket \"$SOCKET\"\$|socket \"/var/run/pflowd.sock\"|" "$1"
}
SOCKET=$(sed -n 's/^#define PFLOWD_SOCKET "\(.*\)"$/\1/p' config.h)

# Where the state table is the default, it is taken for the default of Linux.
usual_source() {
	if grep -q '^#define PFLOWD_SOURCE CONF_TABLE$' config.h &&
	    ! grep -q '^source\|^interface' "$CONFIG/$1.in"; then
		sed '1s/.*/source pfsync/; 2s/.*/interface "pfsync0"/; 3s/.*/join no/; 4d'
	else
		cat
	fi
}

# golden NAME: leaves what it got and its exit status in $DIR.
golden() {
	status=0
	"$PFLOWD" -dnvvf "$CONFIG/$1.in" >"$DIR/out" 2>"$DIR/err" || status=$?
	usual_socket "$DIR/out" | usual_source "$1" >"$DIR/$1.ok"
	without_place "$DIR/err" >"$DIR/$1.err"
	if [ "$update" ]; then
		rm -f "$CONFIG/$1.ok" "$CONFIG/$1.err" "$CONFIG/$1.warn"
		kind=err
		[ $status = 0 ] && kind=ok
		cp "$DIR/$1.$kind" "$CONFIG/$1.$kind"
		[ $status = 0 ] && [ -s "$DIR/$1.err" ] &&
			cp "$DIR/$1.err" "$CONFIG/$1.warn"
	elif [ -f "$CONFIG/$1.ok" ]; then
		is "config/$1: exit status" 0 $status
		same "config/$1" "$CONFIG/$1.ok" "$DIR/$1.ok"
		warned=/dev/null
		[ -f "$CONFIG/$1.warn" ] && warned=$CONFIG/$1.warn
		same "config/$1: warnings" "$warned" "$DIR/$1.err"
		"$PFLOWD" -dnvvf "$DIR/$1.ok" >"$DIR/again" 2>"$DIR/err"
		is "config/$1: warnings of what it prints" \
		    "$(wc -l <"$warned")" "$(wc -l <"$DIR/err")"
		same "config/$1: prints to itself" "$DIR/$1.ok" "$DIR/again"
	else
		is "config/$1: exit status" 1 $status
		same "config/$1" "$CONFIG/$1.err" "$DIR/$1.err"
		same "config/$1: nothing printed" /dev/null "$DIR/$1.ok"
	fi
}

update=
[ "$1" = update ] && update=yes
for script in "$CONFIG"/*.in; do
	golden "$(basename "$script" .in)"
done
[ "$update" ] && exit 0

# good NAME FILE [ARGUMENT ...]: no error and no word; what -nv prints is in
# $DIR/out.
good() {
	name=$1 file=$2
	shift 2
	"$PFLOWD" -n -f "$file" "$@" >"$DIR/out" 2>&1
	is "$name: exit status" 0 $?
	same "$name: nothing said" /dev/null "$DIR/out"
	"$PFLOWD" -nv -f "$file" "$@" >"$DIR/printed" 2>&1
	usual_socket "$DIR/printed" >"$DIR/out"
}

# bad NAME FILE WANTED [ARGUMENT ...]: this one line, and exit status 1.
bad() {
	name=$1 file=$2 wanted=$3
	shift 3
	"$PFLOWD" -n -f "$file" "$@" >"$DIR/out" 2>&1
	is "$name: exit status" 1 $?
	without_place "$DIR/out" >"$DIR/said"
	is "$name" "$wanted" "$(cat "$DIR/said")"
}

# What is shipped is good.
good 'the sample' pflowd.conf.sample
awk -v dir="$DIR" '
/^\.Sh / { examples = $2 == "EXAMPLES" }
/^\.Ed/ { inside = 0 }
inside { sub(/^\\&/, ""); gsub(/\\e/, "\\"); print >file }
/^\.Bd -literal/ && examples { inside = 1; file = dir "/example." ++n }
' man/pflowd.conf.5
for example in "$DIR"/example.*; do
	good "the manual: ${example##*/}" "$example"
done
is 'the manual: has examples' 0 "$(test -f "$DIR/example.3"; echo $?)"

# The command line overrides the file.
cat >"$DIR/macro" <<'END'
dmz = "em2"
collector 192.0.2.1
export in on $dmz
END
good '-D' "$DIR/macro" -D dmz=em7
has '-D: overrides' "$DIR/out" '^export in on "em7"$'
good '-D: empty value' "$DIR/empty.ok" -D dmz= -e 192.0.2.1
bad '-D: no name' "$DIR/macro" \
    'pflowd: -D 1x: not a macro name: use letters, digits and _' -D 1x=y
bad '-D: no value' "$DIR/macro" 'pflowd: -D dmz: must be macro=value' -D dmz
cat >"$DIR/all" <<'END'
interface em3 linktype pfsync
collector 192.0.2.1 { ignore proto icmp }
socket "/tmp/a"
socket "/tmp/b" restricted
ignore in
END
good '-i' "$DIR/all" -i em4
has '-i: overrides' "$DIR/out" '^interface "em4" linktype pfsync$'
good '-e' "$DIR/all" -e 192.0.2.2 -e '[::1]:9'
has '-e: overrides' "$DIR/out" '^collector "::1" port 9 {$'
is '-e: in place of the file' 2 "$(grep -c '^collector' "$DIR/out")"
is '-e: rules of the file, not of its collectors' 1 \
    "$(grep -c ignore "$DIR/out")"
cat >"$DIR/out-rule" <<'END'
join yes
collector 192.0.2.1 {
	ignore out
}
END
good '-e: no warning of their rules' "$DIR/out-rule" -e 192.0.2.2
good '-s' "$DIR/all" -s relative
has '-s: overrides' "$DIR/out" "^socket \"$PWD/relative\"\$"
has '-s: leaves the restricted one' "$DIR/out" '^socket "/tmp/b" restricted$'
good 'a default socket' "$DIR/macro"
has 'a default socket: printed' "$DIR/out" '^socket ".*pflowd.sock"$'
bad '-e twice' "$DIR/all" 'pflowd: -e [0::1]:9: given twice' -e '[::1]:9' -e '[0::1]:9'
bad '-e: a port' "$DIR/all" 'pflowd: -e h:0: bad port 0: must be from 1 to 65535' -e h:0
bad '-e: no port' "$DIR/all" 'pflowd: -e h:: bad port "": must be from 1 to 65535' -e h:
bad '-e: a host' "$DIR/all" 'pflowd: -e [a:b]:1: not a collector: use host, host:port or [IPv6 address]:port' -e '[a:b]:1'
no_address='not an address: use four numbers from 0 to 255 without leading zeros, or a name'
for host in 10.1 1.2.3 1.2.3.4.5 300.1.1.1 010.0.0.1 0x7f.1 017700000001 1.2.3.4.
do
	bad "-e: $host" "$DIR/all" "pflowd: -e $host: $no_address" -e "$host"
	bad "-e: $host, port" "$DIR/all" "pflowd: -e $host:9: $no_address" \
	    -e "$host:9"
done
for host in 0.0.0.0 :: '[::]:9' '[0::0.0.0.0]'; do
	bad "-e: $host" "$DIR/all" \
	    "pflowd: -e $host: unspecified address: use the collector's address" \
	    -e "$host"
done
bad '-e: broadcast' "$DIR/all" 'pflowd: -e 255.255.255.255:9: broadcast address: use the address of a host or a multicast group' -e 255.255.255.255:9
# Names that only look like that, and groups of hosts.
for host in 1.2.3.4.example 10.1a 0x7f.0xg 1e3 224.0.0.1 'ff02::1%em0'; do
	good "-e: $host" "$DIR/all" -e "$host"
done
bad '-i: empty' "$DIR/all" 'pflowd: -i "": not an interface name' -i ''
bad '-i: long' "$DIR/all" \
    'pflowd: -i abcdefghijklmnop: interface name is too long' -i abcdefghijklmnop
bad '-s: the restricted one' "$DIR/all" \
    'pflowd: -s /tmp/b: already the path of the restricted socket' -s /tmp/b
long=/$(awk 'BEGIN { for (i = 0; i < 103; i++) printf "s" }')
bad '-s: long' "$DIR/all" "pflowd: -s $long: longer than 103 bytes" -s "$long"
set --
while [ $# -lt 130 ]; do set -- "$@" -e "h$#"; done
bad '-e: too many' "$DIR/all" 'pflowd: -e h128: more than 64 collectors' "$@"
set --
while [ $# -lt 130 ]; do set -- "$@" -D "h$#=x"; done
bad '-D: too many' "$DIR/all" 'pflowd: -D h128=x: more than 64 macros' "$@"
"$PFLOWD" -n -f tests/golden/config/rules.in extra >"$DIR/out" 2>&1
is 'an argument too many: exit status' 1 $?
has 'an argument too many: usage' "$DIR/out" '^usage'

# What would not start for want of a collector is no good configuration.
echo 'hold 3' >"$DIR/none"
bad 'no collector' "$DIR/none" \
    'pflowd: no collector: define one with -e host[:port] or in none, or print the flows with -d -v -v'
bad 'no collector, and -d -v' "$DIR/none" \
    'pflowd: no collector: define one with -e host[:port] or in none, or print the flows with -d -v -v' \
    -d -v
good 'no collector, but -e' "$DIR/none" -e 192.0.2.1
good 'no collector, but a replay' "$DIR/none" -r x
"$PFLOWD" -n -d -v -v -f "$DIR/none" >/dev/null 2>"$DIR/err"
is 'no collector, but -d -v -v: exit status' 0 $?
same 'no collector, but -d -v -v: nothing said' /dev/null "$DIR/err"

# Includes are relative to the file, wherever it is read from.
program=$PFLOWD
case $program in
/*) ;;
*) program=$PWD/$program ;;
esac
(cd / && "$program" -dnvvf "$CONFIG/include.in") >"$DIR/printed" 2>&1
usual_socket "$DIR/printed" | usual_source include >"$DIR/out"
same 'include: from another directory' "$CONFIG/include.ok" "$DIR/out"
(cd "$CONFIG/inc" && "$program" -dnvvf ../include.in) >"$DIR/printed" 2>&1
usual_socket "$DIR/printed" | usual_source include >"$DIR/out"
same 'include: by a relative path' "$CONFIG/include.ok" "$DIR/out"

# Nothing is looked up: these do not exist.
cat >"$DIR/absent" <<'END'
interface absent0
socket "/nonsuch/directory/s"
collector no-such-host.invalid { source 192.0.2.77 }
ifindex absent1 5
export on absent2
END
good 'what does not exist' "$DIR/absent"

# Files that are refused.
bad 'no such file' "$DIR/absent-file" 'absent-file: No such file or directory'
mkdir "$DIR/directory"
bad 'a directory' "$DIR/directory" 'directory: not a regular file'
mkfifo "$DIR/fifo"
bad 'a pipe that nobody writes' "$DIR/fifo" 'fifo: not a regular file'
echo 'hold 3' >"$DIR/open"
chmod 646 "$DIR/open"
bad 'a file that everyone may write' "$DIR/open" \
    'open: writable by everyone: chmod o-w open'
echo 'include "open"' >"$DIR/includes"
bad 'an included file that everyone may write' "$DIR/includes" \
    'includes:1: open: writable by everyone: chmod o-w open'
if [ "$(id -u)" = 0 ]; then
	chmod 644 "$DIR/open"
	chown 65534 "$DIR/open"
	bad 'a file of another user' "$DIR/open" \
	    'open: owned by user 65534: chown root open'
	bad 'an included file of another user' "$DIR/includes" \
	    'includes:1: open: owned by user 65534: chown root open'
else
	skip 'a file of another user' 'not root'
	skip 'an included file of another user' 'not root'
fi

# Limits.
lines() {
	awk -v n="$1" -v text="$2" 'BEGIN {
		parts = split(text, part, "%")
		for (i = 1; i <= n; i++) {
			line = part[1]
			for (j = 2; j <= parts; j++)
				line = line i part[j]
			print line
		}
	}'
}
lines 65536 '#xxxxxxxxxxxxx%' | head -c 1048576 >"$DIR/large"
good '1 MiB' "$DIR/large" -e 192.0.2.1
echo x >>"$DIR/large"
bad 'more than 1 MiB' "$DIR/large" 'large: larger than 1 MiB'
lines 4096 'export rule %' >"$DIR/rules"
good '4096 rules' "$DIR/rules" -e 192.0.2.1
is '4096 rules: printed' 4096 "$(grep -c '^export' "$DIR/out")"
lines 2 'ignore rule %' >>"$DIR/rules"
bad '4097 rules' "$DIR/rules" \
    'rules:4097: more than 4096 rules: each combination of list members is one'
{
	echo 'export to any port {'
	lines 65 %
	echo '} rule {'
	lines 64 %
	echo '}'
} >"$DIR/product"
bad 'a product of 4160 rules' "$DIR/product" \
    'product:132: more than 4096 rules: each combination of list members is one'
{
	echo 'export from {'
	lines 40000 '10.0.0.0'
	echo '} to {'
	lines 40000 '::1'
	echo '}'
} >"$DIR/product"
bad 'a product of 1,600 million rules' "$DIR/product" \
    'product:80003: more than 4096 rules: each combination of list members is one'
lines 4097 'macro% = x' >"$DIR/macros"
bad '4097 macros' "$DIR/macros" \
    'macros:4097: macro "macro4097": more than 4096 macros'
{
	echo 'm1 = ""'
	lines 10 'm = "$m% $m% $m% $m% $m% $m% $m% $m%"' |
	    awk '{ $1 = "m" NR + 1; print }'
	echo 'm = $m11'
} >"$DIR/bomb"
bad 'a bomb of macros' "$DIR/bomb" \
    'bomb:12: macro "$m1": macros used more than 65536 times'
{
	printf 'm ='
	lines 5000 ' x' | tr -d '\n'
} >"$DIR/value"
bad 'a long value' "$DIR/value" \
    'value:1: macro value "x x x x x x x x x x x x x x x x ..." is longer than 8191 bytes'
lines 1025 'include "leaf"' >"$DIR/bomb"
: >"$DIR/leaf"
bad 'a bomb of files' "$DIR/bomb" 'bomb:1024: leaf: more than 1024 files'
lines 17 'include "deep%"' | awk -v dir="$DIR" '
    { print >(dir "/deep" NR - 1) } END { print "" >(dir "/deep" NR) }'
"$PFLOWD" -nf "$DIR/deep0" >"$DIR/out" 2>&1
has 'files too deep' "$DIR/out" \
    'deep16: files or macros nested deeper than 16$'
lines 65 'collector h%' >"$DIR/collectors"
bad '65 collectors' "$DIR/collectors" \
    'collectors:65: collector h65: more than 64 collectors'
lines 513 'ifindex em% 1' >"$DIR/ifindexes"
bad '513 interfaces' "$DIR/ifindexes" \
    'ifindexes:513: ifindex "em513": more than 512 interfaces'
awk 'BEGIN { printf "export from "; for (i = 0; i < 20000; i++) printf "{" }' \
    >"$DIR/braces"
"$PFLOWD" -nf "$DIR/braces" >"$DIR/out" 2>&1
is '20,000 braces: exit status' 1 $?
