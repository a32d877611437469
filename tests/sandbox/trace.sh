#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Every system call of the parent, the engines and the resolver, through start,
# capture, clients, reload, the interface's end and return, a killed engine and
# stop: what a locked descriptor refuses on FreeBSD is not asked of it here.

. tests/lib.sh
. tests/firewall.sh
need_firewall trace 2 strace

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}

ctl() {
	"$PFLOWCTL" -s "$DIR/sock" "$@"
}

frame() {
	frames <<'END'
frame version=3
state dir=in packets=3,3 bytes=300,300
END
}

frames_seen() {
	[ "$(ctl -j show | sed -n 's/^ *"states": \([0-9]*\).*/\1/p')" = "$1" ]
}

# A process of each role ends in a file of its own.
firewall
cat >"$DIR/conf" <<END
interface $IF linktype pfsync
socket "$DIR/sock"
collector 127.0.0.1 port 9
END
chmod 600 "$DIR/conf"
strace -qq -ff -o "$DIR/trace" "$PFLOWD" -d -f "$DIR/conf" \
    >"$DIR/out" 2>"$DIR/err" 8>&- &
TRACED=$!
started $TRACED
until_true 20 grep -q 'listening on' "$DIR/err"
PARENT=$(pgrep -P $TRACED)
started "$PARENT"
frame
until_true 10 frames_seen 1
is 'trace: a state is captured' 0 $?
kill -KILL "$(pgrep -P "$PARENT" | head -n 1)"
until_true 20 grep -q 'the engine runs again' "$DIR/err"
stop TERM "$PARENT" 2>/dev/null
wait $TRACED

# Whatever follows the lock of a capture's filter changes it no more.
cat >"$DIR/locked.awk" <<'END'
/^setsockopt\([0-9]+, SOL_SOCKET, SO_LOCK_FILTER/ {
	fd = $1
	gsub(/[^0-9]/, "", fd)
	locked[FILENAME, fd] = 1
}
match($0, /^(fcntl|ioctl)\([0-9]+,/) {
	fd = $1
	gsub(/[^0-9]/, "", fd)
	if (($0 ~ /F_SETFL|FIONBIO|FIOASYNC|SIOCSIF/) && (FILENAME, fd) in locked)
		print
}
END
is 'trace: nothing is set on a locked descriptor' '' \
    "$(awk -f "$DIR/locked.awk" "$DIR"/trace.*)"
