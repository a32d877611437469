#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What pflowd costs beside the bare limits, on the same machine and data in the
# same run: reading a capture and touching each byte of it, and sending as many
# full datagrams, each by itself.  CPU seconds of all processes, medians of the
# rounds, in which everything has its turn; a ratio is of one round, as a
# machine that others use, too, is fast in one and slow in the next.
# Instructions are counted by instructions.sh, rules by rules.sh.

. tests/lib.sh
. tests/firewall.sh

STATES=${STATES:-1000000}
ROUNDS=${ROUNDS:-9}
BENCH=tests/bench

median() {
	sort -n "$DIR/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# tell WHAT FIGURE BESIDE RATIO GOAL ROUNDS-THAT-REACH-IT
tell() {
	printf '%-32s %11s %11s %6s %6s %6s\n' "$@"
}

# goal STATES-A-FRAME: the kernel may segment what pflowd sends, but not what
# the limit sends.  Each frame is exported by itself, which instructions.sh
# bounds; with one state in a frame, that is the difference of the goals.
goal() {
	case $(sed -n 's/^SEND = //p' config.mk)$1 in
	send_segments*6) echo '<0.75' ;;
	send_segments*1) echo '<0.85' ;;
	*6) echo '<1.15' ;;
	*1) echo '<1.25' ;;
	esac
}

# sums NAME ...: the seconds of all in a round, a line each.
sums() {
	(cd "$DIR" && paste -d ' ' "$@") | awk '{
		for (i = sum = 0; i < NF; i += 2)
			sum += $(i + 1)
		printf "%.3f\n", sum
	}'
}

# compare WHAT GOAL NAME BESIDE ...: a row, of what is beside it the sum.
compare() {
	what=$1 goal=$2 name=$3
	shift 3
	sums "$@" >"$DIR/beside"
	paste -d ' ' "$DIR/$name" "$DIR/beside" |
	    awk '{ print $1 / $NF }' >"$DIR/ratio"
	reached=$(awk -v goal="${goal#<}" '$1 < goal { n++ }
	    END { print n + 0 }' "$DIR/ratio")
	tell "$what" "$(median "$name")" "$(median beside)" \
	    "$(printf %.2f "$(median ratio)")" "$goal" "$reached/$ROUNDS"
	[ $((reached * 4)) -lt "$ROUNDS" ] ||
	    [ $((reached * 4)) -gt $((ROUNDS * 3)) ] ||
	    echo '  (too noisy to tell: rounds differ about the goal)'
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
		"$BENCH/table" "$STATES" 6 >"$DIR/table"
		cut -d ' ' -f 1 "$DIR/table" | sed 's/$/ 0/' >>"$DIR/table.bare"
		cut -d ' ' -f 2 "$DIR/table" | sed 's/$/ 0/' >>"$DIR/table.ours"
		cut -d ' ' -f 3 "$DIR/table" >>"$DIR/table.turn"
		cut -d ' ' -f 5 "$DIR/table" >>"$DIR/table.memory"
		cut -d ' ' -f 6 "$DIR/table" >>"$DIR/table.recovery"
		cut -d ' ' -f 7 "$DIR/table" | sed 's/$/ 0/' >>"$DIR/table.joined"
	done
}

# hour: an hour of dumps, one each 5 s, in each of which a fortieth is new.
hour() {
	"$BENCH/table" 100000 720 40 >"$DIR/table"
	tell '100,000 states, 5 s, of a core' \
	    "$(awk '{ printf "%.2f %%", $7 / 719 / 5 * 100 }' "$DIR/table")" \
	    '' '' '<1.50' ''
	# shellcheck disable=SC2046
	tell '  KiB after 1 hour (6 minutes)' $(awk '{
		print $5, $4, sprintf("%.2f", $5 / $4) }' "$DIR/table") \
	    '<1.05' ''
}

for k in 6 1; do
	"$TOOLS/pfsyncgen" -n "$STATES" -k $k >"$DIR/pcap.$k"
done
"$TOOLS/pfsyncgen" -r -v 3 -n 60000 -k 6 >"$DIR/raw"
rounds

cat <<END
$STATES states, two records each; CPU seconds, medians of $ROUNDS rounds.  The ratio
is the figure's to what is beside it, which a row names in parentheses, in the
same round; in the last column are the rounds that reach the goal.

END
tell '' figure beside ratio goal rounds
for k in 6 1; do
	compare "replay, $k a frame (read and send)" "$(goal $k)" \
	    replay.$k read.$k send
done
compare 'netflow9 (netflow5)' '<1.30' netflow9 replay.6
compare 'ipfix (netflow5)' '<1.30' ipfix replay.6
compare 'biflow (netflow5)' '<1.00' biflow replay.6
compare 'four collectors (one)' '<2.20' four replay.6
compare 'state table (compare 5 dumps)' '<2.00' table.ours table.bare
compare '  join and interim (without)' '<1.25' table.joined table.ours
tell '  memory, bytes a state' "$(awk -v n="$STATES" \
    -v k="$(median table.memory)" 'BEGIN { printf "%d", k * 1024 / n }')" \
    '' '' '<320' ''
tell '  longest turn, ms' "$(median table.turn)" '' '' '<20' ''
tell '  another engine takes over, s' "$(median table.recovery)" '' '' '<1' ''
hour
tell 'replay, states a second' "$(awk -v n="$STATES" \
    -v s="$(median replay.6)" 'BEGIN { printf "%.2f M", n / s / 1e6 }')" \
    '' '' '' ''
tell 'in memory, states a second' "$(median memory) M" '' '' '>15 M' ''
tell 'replay, most memory, MiB' "$(awk '$2 > m { m = $2 }
    END { printf "%.1f", m / 1024 }' "$DIR/replay.6")" '' '' '' ''
(
	need_firewall 'bench: live' 1 python3
	python3 "$BENCH/live_run.py" "$DIR" "$IF"
)
