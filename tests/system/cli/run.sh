#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The command line, and what a user is told when something is wrong.

. tests/lib.sh

gen() {
	"$TOOLS/pfsyncgen" "$@"
}
gen <tests/golden/pcap/v3.in >"$DIR/v3.pcap"

# fails NAME PATTERN ARGUMENT ...: exit 1 and one line on stderr with PATTERN.
fails() {
	name=$1 pattern=$2
	shift 2
	"$PFLOWD" "$@" >"$DIR/out" 2>"$DIR/err" </dev/null
	is "$name: exit status" 1 $?
	has "$name: says so" "$DIR/err" "$pattern"
	is "$name: in one line" 1 "$(wc -l <"$DIR/err" | tr -d ' ')"
}

fails 'no such file' 'nothing.pcap: No such file' -r "$DIR/nothing.pcap"
fails 'a directory' 'is a directory' -r "$DIR"
fails 'no capture' 'not a capture' -r tests/system/cli/run.sh
: >"$DIR/empty"
fails 'empty file' 'empty: not a capture' -r "$DIR/empty"
fails 'empty pipe' 'standard input: not a capture' -r -
fails 'bad port' 'bad port 65536: must be from 1 to 65535' -e 127.0.0.1:65536 -r x
fails 'no port' 'bad port' -e 127.0.0.1: -r x
fails 'no host' 'not a collector' -e :2055 -r x
fails 'bracket' 'not a collector' -e '[::1' -r x
fails 'unknown host' 'no-such-host.invalid:2055: .*name that resolves' \
    -e no-such-host.invalid -r "$DIR/v3.pcap"
printf 'hold 3\ncollector no-such-host.invalid\n' >"$DIR/conf"
fails 'unknown host of a file' "$DIR/conf:2: collector no-such-host.invalid" \
    -f "$DIR/conf" -r "$DIR/v3.pcap"
printf 'hold 3\ncollector 127.0.0.1 { source 192.0.2.77 }\n' >"$DIR/conf"
fails 'source not ours' "$DIR/conf:2: collector .*is not an address of this host" \
    -f "$DIR/conf" -r "$DIR/v3.pcap"
fails 'no directory for a socket' \
    "control socket $DIR/no/sock: No such file or directory" \
    -s "$DIR/no/sock" -r "$DIR/v3.pcap"
fails 'no socket in its place' \
    "control socket $DIR/v3.pcap: not a socket: remove it or" \
    -s "$DIR/v3.pcap" -r "$DIR/v3.pcap"
mkdir "$DIR/others"
chmod 777 "$DIR/others"
fails 'a socket where others may write' \
    "control socket $DIR/others/sock: $DIR/others is writable by others .*chmod" \
    -s "$DIR/others/sock" -r "$DIR/v3.pcap"
is 'a socket where others may write: is not made' '' "$(ls "$DIR/others")"
mkdir "$DIR/own"
ln -s own "$DIR/way"
"$PFLOWD" -s "$DIR/way/sock" -r "$DIR/v3.pcap" >"$DIR/out" 2>"$DIR/err"
is 'a socket in a directory of ours: exit status' 0 $?
ln -s loop "$DIR/loop"
fails 'a socket by a link that goes round' \
    "control socket $DIR/loop/sock: Too many levels of symbolic links" \
    -s "$DIR/loop/sock" -r "$DIR/v3.pcap"
fails 'bad rate' '-R fast: .*0 for no limit' -R fast -r x
fails 'bad link type' '-y ether: .*pfsync' -y ether -r x
fails 'no number of dumps' '-c 0: .*use a number of dumps' -c 0 -w x
fails 'a recording on a pipe' '-w -: a recording needs a file' -w -
fails 'two recordings' '-w y: -w can be given only once' -w x -w y
printf 'interface pfsync0\n' >"$DIR/conf"
fails 'a recording with source pfsync' \
    "-w $DIR/x: needs source table, but $DIR/conf has source pfsync" \
    -n -w "$DIR/x" -f "$DIR/conf"
printf 'interval 3\n' >"$DIR/conf"
"$PFLOWD" -nv -w "$DIR/x" -c 2 -f "$DIR/conf" >"$DIR/out" 2>&1
is 'a recording that is only checked: exit status' 0 $?
has 'a recording that is only checked: source' "$DIR/out" '^source table$'
is 'a recording that is only checked: no file' 1 "$([ -e "$DIR/x" ]; echo $?)"
if [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ]; then
	fails 'a recording without pf' 'this system has no pf' \
	    -w "$DIR/x" -f "$DIR/conf"
	is 'a recording without pf: no file' 1 "$([ -e "$DIR/x" ]; echo $?)"
fi
fails 'two captures' '-r y: -r can be given only once' -r x -r y
fails 'two files' '-f y: -f can be given only once' -f x -f y
if [ "$(id -u)" = 0 ]; then
	fails 'long interface' 'name is too long' -i abcdefghijklmnopq \
	    -e 127.0.0.1
	fails 'no collector' 'use -e' -d -i pfsync0
else
	fails 'capture, not root' 'needs root: start as root, or replay a' \
	    -d -i pfsync0 -e 127.0.0.1
fi

# -y is offered for what may be pfsync alone.
gen -l 105 <tests/golden/pcap/v3.in >"$DIR/wifi.pcap"
fails 'wrong link type' \
    'wifi.pcap: link type is IEEE802_11 (105), which pflowd cannot read$' \
    -r "$DIR/wifi.pcap"
gen -l 148 <tests/golden/pcap/v3.in >"$DIR/user.pcap"
fails 'link type without a meaning' '(148), which pflowd cannot read (if it is pfsync, use -y pfsync)' \
    -r "$DIR/user.pcap"
gen -l 1 <tests/golden/pcap/v3.in >"$DIR/ether.pcap"
"$PFLOWD" -r "$DIR/ether.pcap" >"$DIR/out" 2>"$DIR/err"
is 'pfsync as Ethernet: exit status' 0 $?
has 'pfsync as Ethernet: -y' "$DIR/err" 'frames are pfsync,.*: use -y pfsync'
has 'pfsync as Ethernet: nothing read' "$DIR/err" \
    'ether.pcap: no pfsync (IP protocol 240) in it'
echo 'raw 4500001c000000004011000000000000000000000000000000000000' |
    gen -l 101 >"$DIR/udp.pcap"
"$PFLOWD" -r "$DIR/udp.pcap" >"$DIR/out" 2>"$DIR/err"
is 'a capture of UDP: exit status' 0 $?
has 'a capture of UDP: says so' "$DIR/err" 'udp.pcap: no pfsync'
is 'a capture of UDP: counted' 1 "$(row "$DIR/err" 'other protocols')"
is 'a capture of UDP: no -y' 0 "$(grep -c -e '-y' "$DIR/err")"

# A snapshot length that cost states.
gen -S 96 <tests/golden/pcap/v3.in >"$DIR/snap.pcap"
"$PFLOWD" -r "$DIR/snap.pcap" >"$DIR/out" 2>"$DIR/err"
is 'cut by the snapshot length: exit status' 1 $?
has 'cut by the snapshot length: remedy' "$DIR/err" 'only 96 of .*tcpdump -s 0'
is 'cut by the snapshot length: counted' "$(row "$DIR/err" frames)" \
    "$(row "$DIR/err" 'frames cut by the snapshot length')"
gen -L 1 -S 120 <tests/golden/pcap/v3.in >"$DIR/snap.pcap"
"$PFLOWD" -r "$DIR/snap.pcap" >"$DIR/out" 2>"$DIR/err"
is 'cut on the wire: exit status' 1 $?
has 'cut on the wire: remedy' "$DIR/err" 'only 120 of .*tcpdump -s 0'

# What a compressed file is, and what reads it.
for tool in 'gzip zcat' 'bzip2 bzcat' 'xz xzcat' 'zstd zstdcat'; do
	command -v "${tool% *}" >/dev/null || continue
	"${tool% *}" -c <"$DIR/v3.pcap" >"$DIR/v3.packed"
	fails "${tool% *}" \
	    "v3.packed: compressed with ${tool% *}: use ${tool#* } file | pflowd -r -" \
	    -r "$DIR/v3.packed"
	# shellcheck disable=SC2002
	cat "$DIR/v3.packed" | "$PFLOWD" -r - >"$DIR/out" 2>"$DIR/err"
	is "${tool% *} in a pipe: exit status" 1 $?
	has "${tool% *} in a pipe" "$DIR/err" \
	    "standard input: compressed with ${tool% *}: use"
done

"$PFLOWD" -r x -i pfsync0 >"$DIR/out" 2>"$DIR/err"
is '-r with -i: exit status' 1 $?
has '-r with -i: usage' "$DIR/err" '^usage: pflowd'
"$PFLOWD" -x >"$DIR/out" 2>"$DIR/err"
is 'unknown option: exit status' 1 $?
has 'unknown option: usage' "$DIR/err" '^usage: pflowd'
for option in -h --help; do
	"$PFLOWD" $option >"$DIR/out" 2>"$DIR/err"
	is "$option: exit status" 0 $?
	has "$option: usage" "$DIR/out" '^usage: pflowd'
	is "$option: no errors" '' "$(cat "$DIR/err")"
done
is '-h: the options of the manual' \
    "$(sed -n 's/^\.It Fl \([A-Za-z]\).*/\1/p' man/pflowd.8 | sort -u)" \
    "$("$PFLOWD" -h | sed -n 's/^  -\([A-Za-z]\) .*/\1/p' | sort -u)"
"$PFLOWD" -V >"$DIR/out" 2>"$DIR/err"
is '-V: exit status' 0 $?
has '-V: version' "$DIR/out" '^pflowd [0-9]'
has '-V: libpcap' "$DIR/out" '^libpcap version'
has '-V: sandbox' "$DIR/out" '^sandbox: '
[ "$(uname -s)" = Linux ] && ways=none || ways='DIOCGETSTATES'
has '-V: ways to read the state table' "$DIR/out" "^state table: .*$ways"
pflowctl/pflowctl -V >"$DIR/out"
has 'pflowctl -V' "$DIR/out" '^pflowctl [0-9]'

# No interface has such a name: "<ESC>[2J<newline>x".
zeros=00000000000000000000000000000000
echo "raw 03020001${zeros}1b5b324a0a78$zeros$zeros" | gen >"$DIR/clear.pcap"
"$PFLOWD" -r "$DIR/clear.pcap" >"$DIR/out" 2>"$DIR/err"
is 'states cleared: exit status' 0 $?
has 'states cleared: a name that is none' "$DIR/err" \
    "pf states were cleared (pfctl -F states)"

# Flows on stdout, the accounting on stderr: the row of states is indented more
# than that of octets.
"$PFLOWD" -r "$DIR/v3.pcap" >"$DIR/out" 2>"$DIR/err"
is 'flows: exit status' 0 $?
same 'flows: printed' tests/system/cli/v3.flows "$DIR/out"
is 'flows: counted as exported' 8 "$(row "$DIR/err" '    exported')"
"$PFLOWD" -y pfsync -r "$DIR/ether.pcap" >"$DIR/out" 2>/dev/null
same '-y: any link type' tests/system/cli/v3.flows "$DIR/out"
"$PFLOWD" -r - <"$DIR/v3.pcap" >"$DIR/out" 2>/dev/null
same '-r -: a file' tests/system/cli/v3.flows "$DIR/out"
# shellcheck disable=SC2002
cat "$DIR/v3.pcap" | "$PFLOWD" -r - >"$DIR/out" 2>/dev/null
same '-r -: a pipe' tests/system/cli/v3.flows "$DIR/out"
gen <tests/golden/pcap/inet6.in | "$PFLOWD" -r - 2>/dev/null | grep -c 2001:db8 \
    >"$DIR/out"
is 'flows: IPv6 too' 3 "$(cat "$DIR/out")"

# As JSON: an object in each line, with the numbers of the text.
"$PFLOWD" -j -r "$DIR/v3.pcap" >"$DIR/json" 2>"$DIR/err"
is '-j: exit status' 0 $?
is '-j: the accounting is on stderr' 8 "$(row "$DIR/err" '    exported')"
if command -v python3 >/dev/null; then
	python3 -c '
import json, sys
for f in map(json.loads, sys.stdin):
    print(f["time"], f["interface"] or "-", f["protocol"], "%d:%d pkts," %
          (f["packets"], f["packets_back"]), "%d:%d bytes" %
          (f["bytes"], f["bytes_back"]))' <"$DIR/json" >"$DIR/out"
	sed 's/ \([^ ]*\) \([^ ]*\) .*, \([0-9]*:[0-9]* pkts, [0-9]*:[0-9]* bytes\).*/ \1 \2 \3/' \
	    tests/system/cli/v3.flows >"$DIR/wanted"
	same '-j: the same flows' "$DIR/wanted" "$DIR/out"
else
	skip '-j: the same flows' 'no python3'
fi
"$PFLOWD" -j -r "$DIR/v3.pcap" -e 127.0.0.1:9 2>/dev/null |
    cmp -s - "$DIR/json"
is '-j: beside a collector, too' 0 $?
"$PFLOWD" -j -i pfsync0 >"$DIR/out" 2>"$DIR/err"
is '-j without -r: exit status' 1 $?
has '-j without -r: says so' "$DIR/err" '-j needs -r'
"$PFLOWD" -r "$DIR/v3.pcap" >/dev/full 2>"$DIR/err"
is 'stdout full: exit status' 1 $?
has 'stdout full: says so' "$DIR/err" 'standard output: No space'

# A replay needs no root; and this is where a sanitizer looks for leaks.
if [ "$(id -u)" != 0 ]; then
	"$PFLOWD" -r "$DIR/v3.pcap" >"$DIR/out" 2>/dev/null
	same 'not root: flows' tests/system/cli/v3.flows "$DIR/out"
elif [ -n "${EMULATOR-}" ]; then
	skip 'not root' "$EMULATOR needs this tree, which others might not read"
elif command -v setpriv >/dev/null; then
	cp "$PFLOWD" "$DIR/pflowd"
	setpriv --reuid=65534 --regid=65534 --clear-groups env ASAN_OPTIONS= \
	    "$DIR/pflowd" -r "$DIR/v3.pcap" >"$DIR/out" 2>"$DIR/err"
	is 'not root: exit status' 0 $?
	same 'not root: flows' tests/system/cli/v3.flows "$DIR/out"
else
	skip 'not root' 'no setpriv to give up root with'
fi

# A capture that was cut gives what it has, and exit status 1.
size=$(wc -c <"$DIR/v3.pcap")
head -c $((size - 10)) "$DIR/v3.pcap" >"$DIR/cut.pcap"
"$PFLOWD" -r "$DIR/cut.pcap" >"$DIR/out" 2>"$DIR/err"
is 'cut file: exit status' 1 $?
has 'cut file: says so' "$DIR/err" 'cut.pcap: truncated'
is 'cut file: what came before' 7 "$(wc -l <"$DIR/out" | tr -d ' ')"
head -c $((size - 10)) "$DIR/v3.pcap" | "$PFLOWD" -r - >"$DIR/out" \
    2>"$DIR/err"
is 'cut pipe: exit status' 1 $?
is 'cut pipe: what came before' 7 "$(wc -l <"$DIR/out" | tr -d ' ')"

# Foreign versions: one warning, and no failure.
gen >"$DIR/v6.pcap" <<END
raw 06000014000000000000000000000000000000000000000000000000000000000000
raw 06000014000000000000000000000000000000000000000000000000000000000000
END
"$PFLOWD" -r "$DIR/v6.pcap" >"$DIR/out" 2>"$DIR/err"
is 'version 6: exit status' 0 $?
is 'version 6: one warning' 1 "$(grep -c 'pfsync version 6' "$DIR/err")"
is 'version 6: counted' 2 "$(row "$DIR/err" 'refused: version')"

# A replay does not know the firewall's own addresses, and says so once.
cat >"$DIR/self" <<'END'
ignore out
export out from ! self
collector 127.0.0.1 port 9 { export to self }
END
"$PFLOWD" -f "$DIR/self" -r "$DIR/v6.pcap" >"$DIR/out" 2>"$DIR/err"
is 'self in a replay: no failure' 0 $?
is 'self in a replay: says so once' 1 \
    "$(grep -c '^pflowd: self matches nothing in a replay: list' "$DIR/err")"
echo 'collector 127.0.0.1 port 9 { export to self }' >"$DIR/self"
"$PFLOWD" -f "$DIR/self" -r "$DIR/v6.pcap" >"$DIR/out" 2>"$DIR/err"
is "self in a replay: a collector's rules too" 1 \
    "$(grep -c 'self matches nothing' "$DIR/err")"
echo 'ignore out' >"$DIR/self"
"$PFLOWD" -f "$DIR/self" -r "$DIR/v6.pcap" >"$DIR/out" 2>"$DIR/err"
is 'self in a replay: not without' 0 "$(grep -c self "$DIR/err")"

# What a file is of decides which settings have an effect.
gzip -dc tests/golden/recordings/freebsd-15-sctp.states2.gz |
    "$TOOLS/recording" -i 5 states2 >"$DIR/recording"

# warns NAME FILE LINE ...: the warnings of a replay with this configuration are
# in $DIR/err.
warns() {
	name=$1 file=$2
	shift 2
	printf '%s\n' "$@" >"$DIR/conf"
	"$PFLOWD" -f "$DIR/conf" -r "$file" >"$DIR/out" 2>"$DIR/err"
	is "$name: exit status" 0 $?
}
interim='^pflowd: interim 60 has no effect: pfsync announces states at their end'
warns 'interim with pfsync' "$DIR/v3.pcap" 'interim 60'
is 'interim with pfsync: says so once' 1 "$(grep -c "$interim" "$DIR/err")"
warns 'no interim with pfsync' "$DIR/v3.pcap" 'interim 0' 'ignore out'
is 'no interim with pfsync: nothing said' 0 "$(grep -c '^pflowd:' "$DIR/err")"
out="^pflowd: $DIR/conf:2: rule with \"out\" decides single states only"
warns 'join with pfsync' "$DIR/v3.pcap" 'join yes' 'ignore out'
is 'join with pfsync: says so once' 1 "$(grep -c "$out" "$DIR/err")"
warns 'interim with a recording' "$DIR/recording" 'interim 60' 'ignore out'
is 'interim with a recording: nothing said' 0 "$(grep -c "$interim" "$DIR/err")"
is 'out with a recording: says so once' 1 "$(grep -c "$out" "$DIR/err")"
warns 'no join with a recording' "$DIR/recording" 'join no' 'ignore out'
is 'no join with a recording: nothing said' 0 \
    "$(grep -c '^pflowd:' "$DIR/err")"
warns 'a pipe' - 'interim 60' <"$DIR/v3.pcap"
is 'a pipe: says so once' 1 "$(grep -c "$interim" "$DIR/err")"

# A pipe that stays open: what has arrived is exported, a half-written record
# blocks no signal, and TERM ends it in order.
judge -o text
mkfifo "$DIR/fifo"
"$PFLOWD" -r - -e "127.0.0.1:$PORT" <"$DIR/fifo" >"$DIR/out" 2>"$DIR/err" &
pid=$!
started $pid
exec 9>"$DIR/fifo"
head -c $((size - 10)) "$DIR/v3.pcap" >&9
until_true 8 test -s "$DIR/judge.out"
is 'open pipe: exported after silence' 12 \
    "$(wc -l <"$DIR/judge.out" | tr -d ' ')"
kill -USR1 $pid
until_true 5 grep -q 'states seen' "$DIR/err"
has 'open pipe: USR1 logs the counters' "$DIR/err" 'states seen  *7$'
stop TERM $pid
is 'open pipe: TERM is not the end of the capture' 1 $?
exec 9>&-
stop TERM "$JUDGE"

# Nobody has to be root for a replay; whoever is, is not for long.
if [ "$(id -u)" = 0 ]; then
	mkfifo "$DIR/open"
	"$PFLOWD" -r - <"$DIR/open" >/dev/null 2>&1 &
	pid=$!
	started $pid
	exec 9>"$DIR/open"
	owner() {
		ps -o user= -p $pid | grep -q "$1"
	}
	until_true 5 owner _pflowd
	is 'replay as root: becomes _pflowd' 0 $?
	exec 9>&-
	wait $pid || :
else
	skip 'replay as root: becomes _pflowd' 'not root'
fi

# Two hosts are two domains, and each keeps its own.
echo 'collector 192.0.2.1 { protocol ipfix }' >"$DIR/domain.conf"
domain() {
	unshare -u sh -c 'hostname "$1" && exec "$2" -nv -f "$3"' sh "$1" \
	    "$PFLOWD" "$DIR/domain.conf" | sed -n 's/^.domain //p'
}
if unshare -u true 2>/dev/null; then
	one=$(domain one)
	is 'domain: a host keeps its own' "$one" "$(domain one)"
	is 'domain: two hosts differ' 0 "$(test "$one" != "$(domain two)"
	    echo $?)"
else
	skip 'domain: a host keeps its own' 'no unshare, or not root'
	skip 'domain: two hosts differ' 'no unshare, or not root'
fi
