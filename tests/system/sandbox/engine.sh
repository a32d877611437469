#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What an attacker who runs code in the engine gets: a pflowd whose engine is
# compromised tries each thing, in its place, with its privileges.  Whatever
# becomes of the engine, the thing is not done, and the parent goes on.

. tests/lib.sh
. tests/firewall.sh
ATTEMPTS='read list write remove directory socket connect fork exec exec-self
    ptrace kill root chroot code link third frame hand-over owner flags
    terminal'
need_firewall 'compromised engine' 59

COMPROMISED=$TOOLS/compromised
PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
COLLECTOR=127.0.0.1:9
firewall

# daemon: one that has just begun to listen.
daemon() {
	rm -f "$DIR/err"
	"$COMPROMISED" -d -i "$IF" -y pfsync -s "$DIR/sock" -e "$COLLECTOR" \
	    >"$DIR/out" 2>"$DIR/err" 8>&- &
	PARENT=$!
	started $PARENT
	until_true 10 grep -q 'listening on' "$DIR/err"
	ENGINE=$(pgrep -P $PARENT)
}

attempt() {
	echo 'frame version=3'
	echo "state id=$1 dir=in af=24 packets=1,1 bytes=40,40"
}

# It says so, or has ended.
over() {
	grep -q "attempt $1: " "$DIR/err" || ended "$ENGINE"
}

sandbox=$("$PFLOWD" -V | sed -n 's/^sandbox: //p')
daemon
n=0
for name in $ATTEMPTS; do
	attempt $n | frames
	n=$((n + 1))
	until_true 10 over "$name" || echo "nothing came of $name"
	said=$(sed -n "s/.*attempt $name: //p" "$DIR/err")
	case $name,$sandbox,$said in
	link,*,done|link,*,)
		ok "compromised engine: $name"
		;;
	*,done)
		# Without a sandbox user and directory are what is there.
		case $name,$sandbox in
		fork,none|connect,none|socket,none|code,none|list,none|\
		exec-self,none|third,none|frame,none|hand-over,none|\
		owner,none|flags,none)
			skip "compromised engine: no $name" 'no sandbox'
			;;
		*)
			failed "compromised engine: no $name" 'it is done'
			;;
		esac
		;;
	*)
		ok "compromised engine: no $name (${said:-killed})"
		;;
	esac
	[ ! -e "/proc/$PARENT/status" ] || ! ended $PARENT
	is "compromised engine: $name: the parent goes on" 0 $?
	if ended "$ENGINE"; then
		stop TERM $PARENT
		daemon
	fi
done

# A flood for the log is cut, and other lines come again when it is over.
attempt $n | frames
quiet_again() {
	attempt 0 | frames
	sleep 0.5 # that not all which is let through be this
	grep -q 'attempt read: ' "$DIR/err"
}
until_true 20 quiet_again
is 'compromised engine: flood: other lines come again' 0 $?
has 'compromised engine: flood: what was too much is told' "$DIR/err" \
    'log lines of the engine were suppressed'
lines=$(grep -c ': flood' "$DIR/err")
is "compromised engine: flood: $lines lines of 100000" 1 $((lines < 10000))

# What an engine does to that which it shares ends with it.
runs_again() {
	[ "$(grep -c 'engine is running again' "$DIR/err")" -gt "$before" ]
}
dies() {
	before=$(grep -c 'engine is running again' "$DIR/err")
	attempt "$2" | frames
	until_true 20 runs_again
	is "compromised engine: $1: another engine runs" 0 $?
	"$PFLOWCTL" -s "$DIR/sock" show >"$DIR/show"
	is "compromised engine: $1: it answers" 0 $?
}
stop TERM $PARENT
judge -o sum
COLLECTOR=127.0.0.1:$PORT
daemon
dies poison $((n + 2))
has 'compromised engine: poison: the counters start anew' "$DIR/err" \
    'are inconsistent: counting from zero'
has 'compromised engine: poison: states' "$DIR/show" '^states  *0 seen'
dies wreck $((n + 1))
frames <<'END'
frame version=3
state dir=in packets=3,3 bytes=300,300
END
stop TERM $PARENT
is 'compromised engine: exit status of the parent' 0 $?

daemon
attempt $((n + 3)) | frames
until_true 20 grep -q -e 'attempt reloads: ' -e 'running again' "$DIR/err"
reloaded=$(grep -c 'configuration reloaded' "$DIR/err")
is "compromised engine: reloads: $reloaded of 2000" 1 $((reloaded < 300))
stop TERM $PARENT
daemon
attempt $((n + 4)) | frames
until_true 20 grep -q 'appeared' "$DIR/err"
is 'compromised engine: dogged: is replaced' 0 $?
kill -TERM $PARENT
until_true 10 ended $PARENT
is 'compromised engine: dogged: TERM is the end' 0 $?
wait $PARENT
daemon
attempt $((n + 4)) | frames
until_true 20 grep -q 'appeared' "$DIR/err"
kill -KILL $PARENT
wait $PARENT 2>/dev/null
if [ "$sandbox" = none ]; then
	kill -KILL "$ENGINE"
	skip 'compromised engine: does not outlive its parent' 'no sandbox'
else
	until_true 5 ended "$ENGINE"
	is 'compromised engine: does not outlive its parent' 0 $?
fi
stop TERM "$JUDGE"
is 'compromised engine: wreck: the next one exports' 2 \
    "$(sed -n 's/^records //p' "$DIR/judge.out")"
