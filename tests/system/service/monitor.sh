#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# pflowctl monitor with a reader that does not read: what it lost is told as
# soon as it reads again, and when it ends.

. tests/lib.sh
. tests/firewall.sh
need_firewall monitor 9 python3

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
firewall
cat >"$DIR/pflowd.conf" <<END
interface $IF linktype pfsync
socket "$DIR/sock"
collector 127.0.0.1 port 9
END
chmod 600 "$DIR/pflowd.conf"
start_daemon "$DIR/pflowd.conf"

# shown WHAT EXPRESSION: a value of pflowctl's JSON of it.
shown() {
	"$PFLOWCTL" -s "$DIR/sock" -j show "$1" | python3 -c "
import json, sys
print(json.load(sys.stdin)$2)"
}
clients_are() {
	[ "$(shown summary "['status']['clients']")" = "$1" ]
}
exported_are() {
	[ "$(shown counters "['counters']['states_exported']")" -ge "$1" ]
}

settled() {
	last=$(shown counters "['counters']['states']")
	sleep 0.5 # during which something may arrive
	[ "$last" = "$(shown counters "['counters']['states']")" ]
}

# A burst waits for a reader that is not scheduled meanwhile.
"$PFLOWCTL" -s "$DIR/sock" monitor >"$DIR/burst" 2>"$DIR/burst.err" 8>&- &
MONITOR=$!
started $MONITOR
until_true 5 clients_are 2
kill -STOP $MONITOR
"$TOOLS/pfsyncgen" -r -n 3000 -v 3 -k 6 -s 11 >&8
until_true 20 exported_are 2500
until_true 20 settled
kill -CONT $MONITOR
all_shown() {
	[ "$(wc -l <"$DIR/burst")" = \
	    "$(shown counters "['counters']['states_exported']")" ]
}
until_true 5 all_shown
is 'monitor, stopped during a burst: shows all of it' 0 $?
stop TERM $MONITOR
is 'monitor, stopped during a burst: nothing is lost' '' \
    "$(cat "$DIR/burst.err")"
until_true 5 clients_are 1

# The fifo is never without a reader, who only reads when told to.
mkfifo "$DIR/slow"
exec 7<>"$DIR/slow"

# blocked OPTION ...: a monitor in $MONITOR, more flows than can wait for it,
# and in $FLOWS how many.
blocked() {
	"$PFLOWCTL" -s "$DIR/sock" "$@" monitor >"$DIR/slow" \
	    2>"$DIR/slow.err" 7>&- 8>&- &
	MONITOR=$!
	started $MONITOR
	until_true 5 clients_are 2
	before=$(shown counters "['counters']['states_exported']")
	"$TOOLS/pfsyncgen" -r -n 30000 -v 3 -k 6 -s 11 >&8
	until_true 20 exported_are $((before + 20000))
	# What is in the firewall's queue is not sent any more.
	until_true 20 settled
	FLOWS=$(($(shown counters "['counters']['states_exported']") - before))
}

blocked -j
cat <"$DIR/slow" >"$DIR/read" 7>&- 8>&- &
READER=$!
started $READER
told() {
	awk -F '[:}]' '/^{"lost"/ { lost += $2; next } { flows++ }
END { print flows + lost }' "$DIR/read"
}
all_told() {
	[ "$(told)" = "$FLOWS" ]
}
until_true 10 all_told
is 'monitor -j, reads again: flows and losses' "$FLOWS" "$(told)"
has 'monitor -j, reads again: losses' "$DIR/read" '^{"lost":[1-9][0-9]*}$'
is 'monitor -j: nothing on stderr' '' "$(cat "$DIR/slow.err")"
stop TERM $MONITOR
is 'monitor -j: exit status' 0 $?
until_true 5 clients_are 1
is 'monitor -j, ended: its client is gone' 0 $?

stop TERM $READER 2>/dev/null
blocked
stop TERM $MONITOR
is 'monitor, ended while it is blocked: exit status' 0 $?
has 'monitor, ended while it is blocked: losses' "$DIR/slow.err" \
    '^([1-9][0-9]* flows not shown: reader is too slow)$'
