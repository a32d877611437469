#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What an attacker who runs code in the dumper gets: the end of the dumper, and
# another one.  The parent and the engine go on, and the engine believes no
# chunk that it cannot understand.

. tests/lib.sh
. tests/firewall.sh
need_firewall 'compromised dumper' 33

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
cat >"$DIR/conf" <<END
source table
interval 1
states 1000
collector 127.0.0.1 port 9
socket "$DIR/sock"
END

# daemon ATTEMPT: one whose dumper does this.
daemon() {
	rm -f "$DIR/err"
	BADDUMPER=$1 "$TOOLS/baddumper" -d -f "$DIR/conf" >"$DIR/out" \
	    2>"$DIR/err" &
	PARENT=$!
	started $PARENT
	until_true 10 "$PFLOWCTL" -s "$DIR/sock" show >"$DIR/show" 2>&1
	ENGINE=$(pgrep -f -P $PARENT 'X engine')
}

# goes_on NAME: engine and parent do.
goes_on() {
	"$PFLOWCTL" -s "$DIR/sock" show >"$DIR/show" 2>&1
	is "compromised dumper: $1: the engine answers" 0 $?
	is "compromised dumper: $1: it is the same engine" "$ENGINE" \
	    "$(pgrep -f -P $PARENT 'X engine')"
	stop TERM $PARENT
	is "compromised dumper: $1: TERM is the end" 0 $?
}

# tries NAME LINE: which the log has soon.
tries() {
	daemon "$1"
	until_true 20 grep -q "$2" "$DIR/err"
	is "compromised dumper: $1: the log says so" 0 $?
	goes_on "$1"
}

tries garbage "pf's state table: not a recording"
tries amid "pf's state table: parts of a dump are missing"
tries layout "pf's state table: states in a layout that this pflowd does not"
sed -i.auto 's/^interval 1$/interval auto/' "$DIR/conf"
tries slow "there is one each 3600 s instead of 5 s"
mv "$DIR/conf.auto" "$DIR/conf"
tries link 'dumper sent a message that is not allowed; killing it'
tries exit 'dumper exited unexpectedly'

sandbox=$("$PFLOWD" -V | sed -n 's/^sandbox: //p')
if [ "$sandbox" = seccomp ]; then
	tries escape 'dumper killed by signal 31'
else
	for n in 1 2 3 4; do
		skip "compromised dumper: escape $n of 4" "sandbox: $sandbox"
	done
fi

# States without end are those of one dump, which takes too long.
many() {
	[ "$("$PFLOWCTL" -s "$DIR/sock" -j show counters |
	    sed -n 's/.*"frames": \([0-9]*\).*/\1/p' | head -1)" -gt "$1" ]
}
daemon endless
until_true 20 many 200
until_true 20 many 2000
is 'compromised dumper: endless: the engine reads on' 0 $?
until_true 30 grep -q 'dumper does not answer; killing it' "$DIR/err"
is 'compromised dumper: endless: the dump is overdue' 0 $?
goes_on endless
