#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Every system call of the parent, the engines, the resolver and the dumpers,
# through start, capture, clients, reload, a name, the interface's end and return,
# a killed engine and stop; then dumps of the state table.  What each does once it is confined is in tests/system/sandbox/calls,
# with what allows it elsewhere; and what the BSDs refuse of a locked descriptor
# is not asked of it here.

. tests/lib.sh
. tests/firewall.sh
need_firewall trace 22 strace unshare

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
LIST=tests/system/sandbox/calls

ctl() {
	"$PFLOWCTL" -s "$DIR/sock" "$@" >"$DIR/ctl.out" 2>&1
}

frame() {
	frames <<'END'
frame version=3
state dir=in packets=3,3 bytes=300,300
END
}

says() {
	until_true 20 grep -q "$1" "$DIR/err"
}

runs() {
	[ "$(grep -c 'engine is running again' "$DIR/err")" -ge "$1" ] &&
	    ctl show
}

conf() {
	cat >"$DIR/conf" <<-END
		interface $IF linktype pfsync
		socket "$DIR/sock"
	END
	cat >>"$DIR/conf"
	chmod 600 "$DIR/conf"
}

# traced PROGRAM TRACE LINE: which it logs when it is ready.
traced() {
	echo 'nameserver 127.0.0.1' >"$DIR/resolv.conf"
	strace -qq -ff -o "$DIR/$2" unshare -m sh -c '
	    mount --bind "$0/resolv.conf" /etc/resolv.conf
	    exec "$1" -d -v -v -f "$0/conf"' "$DIR" "$1" \
	    >"$DIR/out" 2>"$DIR/err" 8>&- &
	TRACED=$!
	started $TRACED
	says "$3"
	PARENT=$(pgrep -P $TRACED)
	started "$PARENT"
}

firewall
conf <<END
collector 127.0.0.1 port 9
collector ::1 port 9 { protocol ipfix }
END
traced "$PFLOWD" trace 'listening on'
frame
until_true 20 test -s "$DIR/out"
is 'trace: a state is captured' 0 $?
ctl test
for command in show 'show counters' 'show collectors' 'show config' \
    'log verbose'; do
	# shellcheck disable=SC2086
	ctl $command
	is "trace: $command" 0 $?
done
timeout -s INT 1 "$PFLOWCTL" -s "$DIR/sock" monitor >/dev/null
conf <<END
collector 127.0.0.1 port 9 { dscp 8 }
collector collector.test port 9 { protocol netflow9 }
END
ctl reload
is 'trace: reload' 0 $?
kill -USR1 "$PARENT"
frame
exec 8>&-
says 'collector.test.*: '
says 'disappeared'
firewall
until_true 30 runs 1
is 'trace: the interface came again' 0 $?
kill -KILL "$(pgrep -P "$PARENT" -f -- '-X engine$')"
until_true 30 runs 2
is 'trace: an engine was killed' 0 $?
"$TOOLS/pfsyncgen" -r -n 3000 -v 3 -k 6 >&8
frame
ctl show
stop TERM "$PARENT" 2>/dev/null
wait $TRACED
FIRST=$PARENT

# The state table: dumpers and engines take turns.
"$TOOLS/pfsim" -l "$DIR/pf" -S 2000 -n 200 -t "$DIR/truth" &
SIM=$!
until_true 10 test -S "$DIR/pf"
cat >"$DIR/conf" <<END
source table
interval 1
socket "$DIR/sock"
collector 127.0.0.1 port 9
END
PFSIM=$DIR/pf
export PFSIM
# dumps N: more than so many have been read.
dumps() {
	[ "$("$PFLOWCTL" -s "$DIR/sock" -j show counters |
	    sed -n 's/.*"dumps": \([0-9]*\).*/\1/p')" -gt "$1" ]
}
traced "$TOOLS/pflowd_sim" dump "reading pf's state table"
until_true 20 dumps 2
is 'trace: dumps are read' 0 $?
kill -KILL "$(pgrep -P "$PARENT" -f -- '-X dumper$')"
until_true 20 dumps 4
is 'trace: a dumper was killed' 0 $?
kill -KILL "$(pgrep -P "$PARENT" -f -- '-X engine$')"
until_true 20 dumps 6
is 'trace: an engine of the table was killed' 0 $?
ctl reload
stop TERM "$PARENT" 2>/dev/null
wait $TRACED
stop TERM $SIM

# Whatever follows the lock of a capture's filter changes it no more.
cat >"$DIR/locked.awk" <<'END'
{
	fd = $1
	gsub(/[^0-9]/, "", fd)
}
/^setsockopt\([0-9]+, SOL_SOCKET, SO_LOCK_FILTER/ {
	locked[FILENAME, fd] = 1
}
/^(fcntl|ioctl)\([0-9]+,.*(F_SETFL|FIONBIO|FIOASYNC|SIOCSIF)/ {
	if ((FILENAME, fd) in locked)
		print
}
END
is 'trace: nothing is set on a locked descriptor' '' \
    "$(awk -f "$DIR/locked.awk" "$DIR"/trace.*)"

# Calls as the list has them: of some, what they ask for.
cat >"$DIR/calls.awk" <<'AWK'
# word N: the Nth argument, without what follows a mark
function word(n,   text) {
	split($0, arguments, /[(,] */)
	text = arguments[n + 1]
	sub(/[|)].*/, "", text)
	return text
}
function detail(call) {
	if (call ~ /^(fcntl|ioctl)$/)
		return word(2)
	if (call == "setsockopt")
		return word(3)
	if (call == "socket")
		return word(1) "," word(2)
	if (call ~ /^send(to|msg|mmsg)$/ && /SCM_RIGHTS/)
		return "descriptor"
	if (call ~ /^send(to|msg|mmsg)$/ && /sa_family|sun_path/)
		return "address"
	if (call ~ /^open(at)?$/)
		return /O_WRONLY|O_RDWR|O_CREAT/ ? "write" : "read"
	return call ~ /^(mmap|mprotect)$/ && /PROT_EXEC/ ? "exec" : ""
}
function end_of_file(   call) {
	for (call in here)
		all[role " " call] = 1
	delete here
}
FNR == 1 {
	end_of_file()
	role = FILENAME ~ ("\\.(" parents ")$") ? "parent" : ""
	confined = 0
}
/^execve\(.*"-X", "/ {
	role = $0
	sub(/.*"-X", "/, "", role)
	sub(/".*/, "", role)
}
# An engine has two filters: confined it is by the second.  libseccomp tries
# before whether there are any, with a call that fails.
/^seccomp\(SECCOMP_SET_MODE_FILTER.*= 0$/ {
	confined = 1
	delete here
	next
}
# A program that becomes another begins anew.
/^execve\(.*= 0$/ {
	confined = 0
	delete here
	next
}
# The parent would be (OpenBSD) once the first engine is there.
role == "parent" && /^(clone|fork|vfork)/ {
	confined = 1
}
confined && /^[a-z_0-9]+\(/ {
	call = $0
	sub(/\(.*/, "", call)
	what = detail(call)
	here[call (what != "" ? "(" what ")" : "")] = 1
}
END {
	end_of_file()
	for (call in all)
		print call
}
AWK
awk -v parents="$FIRST|$PARENT" -f "$DIR/calls.awk" "$DIR"/trace.* \
    "$DIR"/dump.* | sort >"$DIR/calls"
sandbox=$("$PFLOWD" -V | sed -n 's/^sandbox: //p')
for role in parent engine resolver dumper; do
	[ "$sandbox.$role" = "$sandbox.parent" ] || [ "$sandbox" != none ] || {
		skip "trace: the $role's calls" 'this build has no sandbox'
		continue
	}
	has "trace: the $role's calls" "$DIR/calls" "^$role "
done
awk '!/^#/ && NF { print $1, $2 }' $LIST | sort >"$DIR/listed"
is 'trace: no call that is not listed' '' \
    "$(comm -23 "$DIR/calls" "$DIR/listed")"

# named PROCESS COLUMN: what the list needs there
named() {
	awk -v role="$1" -v column="$2" '!/^#/ && $1 == role && $column != "-" {
		print $column
	}' $LIST | tr ',' '\n' | sort -u
}
# promised FUNCTION: what pflowd/os/sandbox_pledge.c promises in it
promised() {
	awk -v start="^$1\\\\(" '$0 ~ start { inside = 1 }
	    /^}/ { inside = 0 }
	    inside' pflowd/os/sandbox_pledge.c |
	    sed -n '/pledge(/,/NULL/p' | grep -o '"[^"]*"' | tr -d '"' |
	    tr -s ' ' '\n' | sed '/^$/d' | sort -u
}
for role in engine resolver parent; do
	is "trace: OpenBSD: what the $role promises is what it needs" \
	    "$(promised "sandbox_$role")" "$(named $role 3)"
done
is 'trace: FreeBSD: the rights that are left are needed' \
    "$(grep -o 'CAP_[A-Z]*' pflowd/os/sandbox_capsicum.c | sort -u)" \
    "$({ named engine 4; named parent 4; } | grep CAP_ | sort -u)"
