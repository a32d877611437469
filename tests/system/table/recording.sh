#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# pflowd -w, which asks a pf of the tests (tools/pfsim).

. tests/lib.sh
. tests/system/table/table.sh
need_table 'recording' 34

REC=$DIR/states.rec

# record ARGUMENT ...: in the background, as $recorder.
record() {
	PFSIM=$DIR/pf "$TOOLS/pflowd_sim" -w "$REC" -f "$DIR/conf" "$@" \
	    2>"$DIR/err" &
	recorder=$!
	started $recorder
}

# dumps: how many there are, if the whole can be read.
dumps() {
	"$PFLOWD" -r "$REC" -f "$DIR/conf" >"$DIR/flows" 2>"$DIR/summary" ||
	    echo "a replay fails with $?"
	row "$DIR/summary" 'dumps of the state table'
}

larger_than() {
	[ "$(wc -c <"$REC")" -gt "$1" ]
}

printf 'interval 1\ninterim 0\njoin no\n' >"$DIR/conf"
pf -n 100 -T 5

# So many dumps, and no more.
umask 0
record -c 2
wait $recorder
is 'two dumps: exit status' 0 $?
umask 022
is 'two dumps: in it' 2 "$(dumps)"
is 'two dumps: all are whole' 0 "$(row "$DIR/summary" 'not whole')"
has 'two dumps: with states' "$DIR/flows" ' alive$'
has 'two dumps: the log' "$DIR/err" "recording pf's state table every 1 s in $REC\$"
is 'two dumps: one line' 1 "$(wc -l <"$DIR/err" | tr -d ' ')"
is 'two dumps: mode and owner' '600 root' "$(stat -c '%a %U' "$REC")"

# What is there stays as it is.
cp "$REC" "$DIR/before"
record
wait $recorder
is 'a file that exists: exit status' 1 $?
has 'a file that exists: remedy' "$DIR/err" \
    "^pflowd_*[a-z]*: -w $REC: exists: remove it, or use another name\$"
same 'a file that exists: stays' "$DIR/before" "$REC"
rm "$REC"
ln -s "$DIR/elsewhere" "$REC"
record
wait $recorder
is 'a link: exit status' 1 $?
is 'a link: is not followed' 1 "$([ -e "$DIR/elsewhere" ]; echo $?)"
rm "$REC"

# Without a number, until a signal: the dump that has begun is completed.
for signal in TERM INT HUP; do
	record -d
	until_true 10 larger_than 1000
	stop $signal $recorder
	is "$signal: exit status" 0 $?
	is "$signal: whole dumps" 0 "$([ "$(dumps)" -ge 1 ]; echo $?)"
	is "$signal: all are whole" 0 "$(row "$DIR/summary" 'not whole')"
	rm "$REC"
done

# The dumper writes, and not as root.
record
until_true 10 larger_than 1000
dumper=$(pgrep -P $recorder)
is 'the dumper: its user' _pflowd "$(stat -c %U "/proc/$dumper")"
kill -KILL "$dumper"
wait $recorder
is 'a dumper that is killed: exit status' 1 $?
has 'a dumper that is killed: says so' "$DIR/err" "$REC: the dumper failed\$"
rm "$REC"

# A kernel that does not answer: a second signal does not wait.
pf_do 'hang 1'
record
until_true 10 larger_than 0
interrupted() {
	kill -INT $recorder
	ended $recorder
}
until_true 2 interrupted
is 'two signals: it ends at once' 0 $?
wait $recorder
is 'two signals: exit status' 1 $?
pf_do 'hang 0'
rm -f "$REC"

# A file system that is full.
mkdir "$DIR/small"
if mount -t tmpfs -o size=4k tmpfs "$DIR/small" 2>/dev/null; then
	REC=$DIR/small/states.rec
	record
	wait $recorder
	is 'a full file system: exit status' 1 $?
	has 'a full file system: says so' "$DIR/err" \
	    "$REC: No space left on device\$"
	REC=$DIR/states.rec
	umount "$DIR/small"
else
	skip 'a full file system' 'cannot mount one'
fi

# A limit of the size of files is an error, not the end by a signal.
(
	ulimit -f 8
	record
	wait $recorder
)
has 'a limit of size: says so' "$DIR/err" "$REC: File too large\$"
rm -f "$REC"

# pf that comes later.
stop TERM "$PF"
rm -f "$DIR/pf"
record
until_true 10 grep -q 'will retry' "$DIR/err"
stop INT $recorder
is 'no pf: exit status' 1 $?
has 'no pf: says so' "$DIR/err" "$REC: nothing was recorded\$"
is 'no pf: leaves no file' 1 "$([ -e "$REC" ]; echo $?)"
record -c 1
until_true 10 grep -q 'will retry' "$DIR/err"
pf -n 100 -T 5
wait $recorder
is 'pf comes: exit status' 0 $?
is 'pf comes: is recorded' 1 "$(dumps)"
