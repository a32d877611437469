# shellcheck shell=sh disable=SC2034
#
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What the test scripts share.  They are run from the top of the tree, with
# $RESULTS naming the file that counts their outcomes.

# Root on Linux gives each script a network, /var/run and processes of its own:
# it meets neither the others nor a pflowd that runs here, and what it leaves
# running ends with it.  $APART is then "yes".
apart='unshare -mnp --fork --kill-child --mount-proc sh -c'
prepare='mount -t tmpfs tmpfs /var/run && mount -t sysfs sysfs /sys &&
    ip link set lo up && exec "$@"'
APART=${TESTS_APART-}
unset TESTS_APART
if [ "$APART" = '' ] && [ "$(id -u)" = 0 ] &&
    $apart "$prepare" sh true 2>/dev/null; then
	TESTS_APART=yes
	export TESTS_APART
	exec $apart "$prepare" sh sh "$0" "$@"
fi

# A make that runs the tests is not the one that they try.
unset MAKEFLAGS MFLAGS MAKELEVEL V

PFLOWD=${PFLOWD:-pflowd/pflowd}
TOOLS=${TOOLS:-tests/tools}
RESULTS=${RESULTS:-/dev/null}
DIR=$(mktemp -d "${TMPDIR:-/tmp}/pflowd-test.XXXXXX") || exit 1
chmod 755 "$DIR"
STARTED=

# A process that has given up root is not let to look for its own leaks.
if [ "$(id -u)" = 0 ]; then
	ASAN_OPTIONS=detect_leaks=0
	export ASAN_OPTIONS
fi

ok() {
	echo "ok    $1"
	echo ok >>"$RESULTS"
}

failed() {
	echo "FAIL  $1: $2"
	echo fail >>"$RESULTS"
}

skip() {
	echo "SKIP  $1: $2"
	echo skip >>"$RESULTS"
}

# skip_all NAME COUNT WHY: skip so many, and end.
skip_all() {
	for n in $(seq "$2"); do
		skip "$1 $n of $2" "$3"
	done
	exit 0
}

# is NAME WANTED GOT
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		failed "$1" "wanted \"$2\", got \"$3\""
	fi
}

# same NAME WANTED-FILE GOT-FILE
same() {
	if cmp -s "$2" "$3"; then
		ok "$1"
	else
		failed "$1" "$3 differs from $2"
		diff "$2" "$3" | head -n 20
	fi
}

# has NAME FILE PATTERN
has() {
	if grep -q -e "$3" "$2"; then
		ok "$1"
	else
		failed "$1" "no \"$3\" in what it said:"
		head -n 20 "$2"
	fi
}

# until_true SECONDS COMMAND ...: wait for it to succeed.
until_true() {
	tries=$(($1 * 20))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || {
			echo "waited in vain: $*"
			[ ! -s "$DIR/err" ] ||
			    tail -n 20 "$DIR/err" | sed 's/^/  | /'
			return 1
		}
		sleep 0.05
	done
}

# limited SECONDS COMMAND ...: ended after so long, with exit status 124; where
# there is timeout(1).
limited() {
	if command -v timeout >/dev/null; then
		timeout -k 5 "$@"
	else
		shift
		"$@"
	fi
}

# A background process that does not outlive the test.
started() {
	STARTED="$STARTED $1"
}

# stop SIGNAL PID: and wait for its end.
stop() {
	kill -"$1" "$2" 2>/dev/null
	wait "$2"
}

# as_on_a_wire: until the end of the script, Linux cuts a message into datagrams
# (pflowd/os/send_segments.c) before a capture on lo sees it.
as_on_a_wire() {
	if ethtool -k lo 2>/dev/null | grep -q '^tx-udp-segmentation: on' &&
	    ethtool -K lo tx-udp-segmentation off 2>/dev/null; then
		LO_CHANGED=1
	fi
}

finish() {
	set +e
	[ -z "${LO_CHANGED:-}" ] || ethtool -K lo tx-udp-segmentation on
	for pid in $STARTED; do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	rm -rf "$DIR"
}
trap finish EXIT
trap 'exit 1' HUP INT PIPE TERM

# Start the judge of datagrams: its port is then in $PORT, its pid in $JUDGE,
# and what it says in $DIR/judge.out and .err.  On TERM it reads all that has
# been sent to it before.
judge() {
	rm -f "$DIR/judge.port"
	"$TOOLS/nf5recv" -p 0 -w "$DIR/judge.port" "$@" 8>&- >"$DIR/judge.out" \
	    2>"$DIR/judge.err" &
	JUDGE=$!
	started "$JUDGE"
	until_true 10 test -s "$DIR/judge.port" || echo "no judge" >&2
	PORT=$(cat "$DIR/judge.port")
}

# The port of a socket that was closed again, in $PORT.
free_port() {
	judge -o sum
	stop INT "$JUDGE" || :
}

# udp_sockets PORT: the lines of Linux' table that are of sockets bound to it.
udp_sockets() {
	awk -v port="$(printf ':%04X' "$1")" 'substr($2, length($2) - 4) == port' \
	    /proc/net/udp /proc/net/udp6
}

# has_bound PORT: whether somebody has.
has_bound() {
	[ -n "$(udp_sockets "$1")" ]
}

# has_read PORT: whether nothing waits to be read there.
has_read() {
	[ -z "$(udp_sockets "$1" | awk '$5 !~ /:00000000$/')" ]
}

# Other systems have no such table: there the pause has to do.
wait_bound() {
	if [ -r /proc/net/udp ]; then
		until_true 20 has_bound "$1"
	else
		sleep 1
	fi
}

wait_read() {
	if [ -r /proc/net/udp ]; then
		until_true 20 has_read "$1"
	else
		sleep 1
	fi
}

# start_nfcapd DIRECTORY: a collector in $NFCAPD at a free port, in $PORT.  It
# begins another file at each multiple of -t, so only at midnight.
start_nfcapd() {
	free_port
	mkdir "$1"
	nfcapd -w "$1" -b 127.0.0.1 -p "$PORT" -t 86400 -B 33554432 \
	    >"$DIR/nfcapd.log" 2>&1 &
	NFCAPD=$!
	NFCAPD_PORT=$PORT
	started $NFCAPD
	wait_bound "$PORT"
}

stop_nfcapd() {
	wait_read "$NFCAPD_PORT"
	stop TERM $NFCAPD
}

# start_nfacctd KEYS [SETTING ...]: pmacct's collector in $NFACCTD at a free
# port, in $PORT, with what it adds up by these keys in $DIR/nfacctd.csv, once:
# at a refresh it may write twice if it ends then.
start_nfacctd() {
	free_port
	rm -f "$DIR/nfacctd.csv" "$DIR/nfacctd.log"
	{
		cat <<-END
			daemonize: false
			nfacctd_ip: 127.0.0.1
			nfacctd_port: $PORT
			nfacctd_disable_checks: false
			nfacctd_pipe_size: 33554432
			plugin_buffer_size: 1048576
			plugin_pipe_size: 67108864
			plugins: print[p]
			aggregate[p]: $1
			print_output[p]: csv
			print_output_file[p]: $DIR/nfacctd.csv
			print_output_file_append[p]: true
			print_refresh_time[p]: 86400
		END
		shift
		for setting; do
			echo "$setting"
		done
	} >"$DIR/nfacctd.conf"
	nfacctd -f "$DIR/nfacctd.conf" >"$DIR/nfacctd.log" 2>&1 &
	NFACCTD=$!
	NFACCTD_PORT=$PORT
	started $NFACCTD
	until_true 20 grep -q waiting "$DIR/nfacctd.log"
	wait_bound "$PORT"
}

# The process that writes the file outlives the one that was started.
stop_nfacctd() {
	wait_read "$NFACCTD_PORT"
	writers=$(pgrep -P $NFACCTD)
	stop INT $NFACCTD
	for writer in $writers; do
		until_true 20 ended "$writer"
	done
}

# ended PID: whether it is gone, or its parent has not looked yet.
ended() {
	case $(ps -o stat= -p "$1") in
	Z*|'') ;;
	*) return 1 ;;
	esac
}

# start_tshark ARGUMENT ...: $TSHARK captures on lo by now.
start_tshark() {
	rm -f "$DIR/tshark.err"
	tshark -i lo "$@" 2>"$DIR/tshark.err" &
	TSHARK=$!
	started $TSHARK
	until_true 20 grep -q 'Capture started' "$DIR/tshark.err"
}

# stop_tshark FILE COUNT: once so many packets are there.
stop_tshark() {
	until_true 20 packets_in "$1" "$2"
	stop INT $TSHARK
}

packets_in() {
	[ "$(tshark -r "$1" 2>/dev/null | wc -l)" -ge "$2" ]
}

# golden_replay NAME CAPTURE ARGUMENT ...: the datagrams of version 5 that a
# capture gives, in hex, a line for each header and record, pflowd's exit status
# and what it says, in $DIR/NAME.out.
golden_replay() {
	out=$DIR/$1.out capture=$2
	shift 2
	judge -o hex
	status=0
	"$PFLOWD" -r "$capture" -e "127.0.0.1:$PORT" "$@" 2>"$out.err" ||
	    status=$?
	stop TERM "$JUDGE"
	{
		awk '{
			print substr($0, 1, 48)
			for (at = 49; at <= length($0); at += 96)
				print "  " substr($0, at, 96)
		}' "$DIR/judge.out"
		echo "exit status $status"
		sed "s/$PORT/PORT/; / 0\$/d" "$out.err"
		cat "$DIR/judge.err"
	} >"$out"
}

# The value of a row of the accounting in a file, by a name that is unique.
row() {
	sed -n "s/^[^:]*pflowd: //; s/^ *$2  *\([0-9]*\)\$/\1/p" "$1" | tail -n 1
}
