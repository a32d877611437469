#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What pflowd costs beside the bare limits, on the same machine and data in the
# same run: reading a capture and touching each byte of it, and sending as many
# full datagrams, each by itself.  CPU seconds of all processes, medians of the
# rounds, in which everything has its turn.  Instructions are counted by
# instructions.sh, rules by rules.sh.

. tests/lib.sh
. tests/firewall.sh

STATES=${STATES:-1000000}
ROUNDS=${ROUNDS:-5}
BENCH=tests/bench
NOISE=15 # percent between the fastest and the slowest of the limits' rounds

median() {
	sort -n "$DIR/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# tell WHAT FIGURE BESIDE RATIO GOAL
tell() {
	printf '%-36s %11s %11s %7s %6s\n' "$@"
}

# goal STATES-A-FRAME: the kernel may cut what pflowd sends; the limit's not.
goal() {
	case $(sed -n 's/^SEND = //p' config.mk)$1 in
	send_segments*) echo '<0.75' ;;
	*6) echo '<1.15' ;;
	*1) echo '<1.25' ;;
	esac
}

ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

sinks() {
	PORTS=
	SINKS=
	for n in $(seq "$1"); do
		"$BENCH/udpsink" >"$DIR/sink.$n" &
		started $!
		SINKS="$SINKS $!"
		until_true 5 test -s "$DIR/sink.$n"
		PORTS="$PORTS $(head -n 1 "$DIR/sink.$n")"
	done
}

# run NAME SINKS COMMAND ...: with the sinks' ports behind it.  A run whose
# datagrams found no room there is void.
run() {
	name=$1
	sinks "$2"
	shift 2
	# shellcheck disable=SC2086
	"$BENCH/cpu" "$DIR/$name" "$@" $PORTS >/dev/null 2>&1
	status=$?
	sleep 0.2
	[ $status = 0 ] || echo "void: $name exited $status"
	for sink in $SINKS; do
		stop TERM "$sink"
	done
	lost=$(tail -q -n 1 "$DIR"/sink.* | awk '{ n += $2 } END { print n }')
	rm -f "$DIR"/sink.*
	[ "$lost" = 0 ] || echo "void: no room for $lost datagrams of $name"
}

# A configuration of collectors on the ports, and pflowd with it.
cat >"$DIR/replay" <<'END'
pcap=$1 settings=$2
shift 2
for port; do
	printf 'collector 127.0.0.1 port %d {\nprotocol %b\n}\n' \
	    "$port" "$settings"
done >"$pcap.conf"
exec "$PFLOWD" -R 0 -r "$pcap" -f "$pcap.conf"
END
export PFLOWD

replay() {
	run "$1" "$2" sh "$DIR/replay" "$DIR/pcap.$3" "$4"
}

rounds() {
	for _ in $(seq "$ROUNDS"); do
		for k in 6 1; do
			"$BENCH/cpu" "$DIR/read.$k" "$BENCH/pcaptouch" \
			    "$DIR/pcap.$k" >/dev/null
			replay "replay.$k" 1 $k netflow5
		done
		run send 1 sh -c 'exec "$0" "$2" "$1"' "$BENCH/udpblast" \
		    $(((STATES * 2 + 29) / 30))
		replay netflow9 1 6 netflow9
		replay ipfix 1 6 ipfix
		replay biflow 1 6 'ipfix\nbiflow'
		replay four 4 6 netflow5
		"$BENCH/memory" netflow5 100 <"$DIR/raw" >>"$DIR/memory"
	done
}

# Whether the limits themselves took about as long each time.
judge_noise() {
	for name in read.6 read.1 send; do
		sort -n "$DIR/$name" | awk -v name=$name -v most=$NOISE '
		{ v[NR] = $1 }
		END {
			spread = 100 * (v[NR] - v[1]) / v[int((NR + 1) / 2)]
			if (spread > most)
				printf "too noisy to tell: rounds of \"%s\" " \
				    "differ by %.0f %%\n", name, spread
		}'
	done
}

for k in 6 1; do
	"$TOOLS/pfsyncgen" -n "$STATES" -k $k >"$DIR/pcap.$k"
done
"$TOOLS/pfsyncgen" -r -v 3 -n 60000 -k 6 >"$DIR/raw"
rounds

cat <<END
$STATES states, two records each; CPU seconds, medians of $ROUNDS rounds.  The ratio
is the figure's to what is beside it, which a row names in parentheses.

END
tell '' figure beside ratio goal
send=$(median send)
for k in 6 1; do
	limit=$(awk -v a="$(median read.$k)" -v b="$send" \
	    'BEGIN { printf "%.3f", a + b }')
	figure=$(median replay.$k)
	tell "replay, $k a frame (read and send)" "$figure" "$limit" \
	    "$(ratio "$figure" "$limit")" \
	    "$(goal $k)"
done
five=$(median replay.6)
for protocol in netflow9 ipfix biflow; do
	goal='<1.30'
	[ $protocol != biflow ] || goal='<1.00'
	figure=$(median $protocol)
	tell "$protocol (netflow5)" "$figure" "$five" \
	    "$(ratio "$figure" "$five")" $goal
done
figure=$(median four)
tell 'four collectors (one)' "$figure" "$five" "$(ratio "$figure" "$five")" \
    '<2.20'
tell 'replay, states a second' "$(awk -v n="$STATES" -v s="$five" \
    'BEGIN { printf "%.2f M", n / s / 1e6 }')" '' '' ''
tell 'in memory, states a second' "$(median memory) M" '' '' '>15 M'
tell 'replay, most memory, MiB' "$(awk '$2 > m { m = $2 }
    END { printf "%.1f", m / 1024 }' "$DIR/replay.6")" '' '' ''
(
	need_firewall 'bench: live' 1 python3
	python3 "$BENCH/live_run.py" "$DIR" "$IF"
)
judge_noise
