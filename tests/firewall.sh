# shellcheck shell=sh disable=SC2034
#
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# A firewall for the tests that need one: a tun device plays pfsync0.  After
# tests/lib.sh.

# need_firewall NAME COUNT [PROGRAM ...]: skip so many tests, and end, where
# there is none, or no such program.
need_firewall() {
	what=$1 count=$2 reason=
	shift 2
	for program; do
		command -v "$program" >/dev/null || reason="no $program"
	done
	if [ "$(id -u)" != 0 ]; then
		reason='not root'
	elif ! [ -c /dev/net/tun ] || ! "$TOOLS/tunplay" -i "pfchk$$" \
	    </dev/null >/dev/null 2>&1; then
		reason='no tun device'
	elif ! id _pflowd >/dev/null 2>&1; then
		reason='no user _pflowd: make setup'
	fi
	[ -z "$reason" ] || skip_all "$what" "$count" "$reason"
}

IF=$(echo "pftest$$" | cut -c1-15)

# Frames written to descriptor 8 are seen on $IF until it is closed, which
# destroys the interface.
firewall() {
	mkfifo "$DIR/frames"
	"$TOOLS/tunplay" -i "$IF" <"$DIR/frames" >/dev/null 2>"$DIR/tun.err" &
	FIREWALL=$!
	started $FIREWALL
	exec 8>"$DIR/frames"
	rm "$DIR/frames"
	until_true 5 test -e "/sys/class/net/$IF"
	{ echo 1 >"/proc/sys/net/ipv6/conf/$IF/disable_ipv6"; } 2>/dev/null
	until_true 5 grep -q 0x1 "/sys/class/net/$IF/flags"
}

# start_daemon FILE [ARGUMENT ...]: pflowd $PARENT, with this configuration, in
# the foreground; it logs to $DIR/err.
start_daemon() {
	rm -f "$DIR/err" # of the one before
	"$PFLOWD" -d -f "$@" >"$DIR/out" 2>"$DIR/err" 8>&- 9>&- &
	PARENT=$!
	started $PARENT
	until_true 10 grep -q 'listening on' "$DIR/err"
}

frames() {
	"$TOOLS/pfsyncgen" -r >&8
}

status_of() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}
