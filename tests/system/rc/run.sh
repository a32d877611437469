#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The scripts that start pflowd, as they are installed, each under a stand-in
# for its system's rc.subr and with a stand-in for pflowd.

# Under nohup(1) no shell could trap SIGHUP, as the stand-in does.
if [ -z "${DEFAULT_HUP-}" ]; then
	DEFAULT_HUP=1 exec python3 -c 'import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.execvp("sh", ["sh"] + sys.argv[1:])' "$0" "$@"
fi

. tests/lib.sh

RC_CONF=$DIR/rc.conf RC_PIDFILE=$DIR/run/pflowd.pid
export RC_CONF RC_PIDFILE
mkdir -p "$DIR/prefix/sbin" "$DIR/run"

# Writes down what it is called with; -n says what $DIR/verdict has, and with -v
# prints the configuration.
cat >"$DIR/prefix/sbin/pflowd" <<END_OF_PFLOWD
#!/bin/sh
for argument; do
	printf '<%s>' "\$argument"
done >>"$DIR/calls"
echo >>"$DIR/calls"
if [ "\$1" = -n ]; then
	case " \$* " in
	*' -v '*) echo 'collector 192.0.2.10' ;;
	esac
	[ "\$(cat "$DIR/verdict")" = 0 ] || echo 'what is wrong' >&2
	exit "\$(cat "$DIR/verdict")"
fi
(
	trap 'echo HUP >>"$DIR/signals"' HUP
	trap 'echo TERM >>"$DIR/signals"; rm "$RC_PIDFILE"; exit 0' TERM
	: >"$DIR/up"
	while sleep 0.02; do
		:
	done
) >/dev/null 2>&1 &
echo \$! >"$RC_PIDFILE"
while ! [ -e "$DIR/up" ]; do
	sleep 0.02
done
END_OF_PFLOWD
chmod 755 "$DIR/prefix/sbin/pflowd"

# path SYSTEM: where the script is installed.
path() {
	case $1 in
	netbsd) echo "$DIR/prefix/share/examples/rc.d/pflowd" ;;
	openbsd) echo /etc/rc.d/pflowd ;;
	freebsd) echo "$DIR/prefix/etc/rc.d/pflowd" ;;
	esac
}

rc() {
	sh "$DIR/script" "$1" >"$DIR/out" 2>&1
}

configuration_is() {
	case $1 in
	good) echo 0 >"$DIR/verdict" ;;
	bad) echo 1 >"$DIR/verdict" ;;
	esac
	: >"$DIR/calls"
}

# enabled SYSTEM YES-OR-NO
enabled() {
	flags="-v -D 'via=a b'"
	case $1-$2 in
	netbsd-*) echo "pflowd=$2" ;;
	freebsd-*) echo "pflowd_enable=$2" ;;
	openbsd-NO) flags=NO ;;
	esac >"$RC_CONF"
	echo "pflowd_flags=\"$flags\"" >>"$RC_CONF"
}

calls_are() {
	is "$1" "$2" "$(tr '\n' ' ' <"$DIR/calls")"
}

pid() {
	cat "$RC_PIDFILE" 2>/dev/null
}

test_script() {
	system=$1
	file=$DIR/dest$(path "$system")
	status=check
	[ "$system" = openbsd ] || status=status
	rm -rf "$DIR/dest" "$DIR/signals" "$DIR/up"

	"${MAKE:-make}" -s -f build.mk install-rcd RCD="$system" \
	    DESTDIR="$DIR/dest" PREFIX="$DIR/prefix" RUNDIR="$DIR/run" \
	    >"$DIR/out" 2>&1
	is "$system: installed" 755 "$(stat -c %a "$file" 2>/dev/null ||
	    stat -f %Lp "$file")"
	sh -n "$file"
	is "$system: syntax" 0 $?
	sed "s|/etc/rc\.d/rc\.subr|tests/system/rc/rc.subr.$system|
	    s|/etc/rc\.subr|tests/system/rc/rc.subr.$system|" "$file" >"$DIR/script"

	configuration_is good
	enabled "$system" NO
	rc start
	is "$system: not enabled: start" 1 $?
	calls_are "$system: not enabled: does nothing" ''

	enabled "$system" YES
	configuration_is bad
	rc start
	is "$system: bad configuration: start" 1 $?
	calls_are "$system: bad configuration: only tested" \
	    '<-n><-v><-D><via=a b> '
	rc configtest
	is "$system: bad configuration: configtest" 1 $?
	has "$system: bad configuration: says what is wrong" "$DIR/out" wrong

	configuration_is good
	rc configtest
	is "$system: configtest" 0 $?
	is "$system: configtest: the configuration is not printed" '' \
	    "$(grep collector "$DIR/out")"
	rc $status
	is "$system: $status when down" 1 $?
	configuration_is good
	rc start
	is "$system: start" 0 $?
	is "$system: start: the configuration is not printed" '' \
	    "$(grep collector "$DIR/out")"
	started "$(pid)"
	calls_are "$system: start: tests, then starts" \
	    '<-n><-v><-D><via=a b> <-v><-D><via=a b> '
	rc $status
	is "$system: $status" 0 $?

	configuration_is good
	rc start
	calls_are "$system: start when up: does nothing" ''

	rc reload
	is "$system: reload" 0 $?
	until_true 5 test -s "$DIR/signals"
	is "$system: reload: by SIGHUP" HUP "$(cat "$DIR/signals")"
	configuration_is bad
	rc reload
	is "$system: bad configuration: reload" 1 $?
	before=$(pid)
	rc restart
	is "$system: bad configuration: restart" 1 $?
	is "$system: bad configuration: still runs" "$before" "$(pid)"
	is "$system: bad configuration: no signal" HUP "$(cat "$DIR/signals")"

	configuration_is good
	rm "$DIR/up"
	rc restart
	is "$system: restart" 0 $?
	is "$system: restart: another process" yes \
	    "$([ -n "$(pid)" ] && [ "$(pid)" != "$before" ] && echo yes)"
	started "$(pid)"
	rc stop
	is "$system: stop" 0 $?
	is "$system: stop: by SIGTERM, and waits" 'HUP TERM TERM ' \
	    "$(tr '\n' ' ' <"$DIR/signals")"
	is "$system: stop: is gone" '' "$(pid)"
	rc $status
	is "$system: $status after it" 1 $?
	configuration_is good
	rc reload
	is "$system: reload when down" 1 $?
	is "$system: reload when down: starts nothing" '' "$(pid)"
}

test_script netbsd
test_script openbsd
test_script freebsd
