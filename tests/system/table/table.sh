# shellcheck shell=sh disable=SC2034
#
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The daemon on a modelled pf (tests/tools/pfsim), whose traffic is known, for
# the tests of this folder and soak-table.sh.  After tests/lib.sh.

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}

# need_table NAME COUNT: skip so many tests, and end, where it cannot be.
need_table() {
	reason=
	if [ "$(id -u)" != 0 ]; then
		reason='not root'
	elif ! id _pflowd >/dev/null 2>&1; then
		reason='no user _pflowd: make setup'
	fi
	[ -z "$reason" ] || skip_all "$1" "$2" "$reason"
}

# pf ARGUMENT ...: a pf; its pid is in $PF, and what it has done in $DIR/truth,
# once it has ended.
pf() {
	"$TOOLS/pfsim" -l "$DIR/pf" -t "$DIR/truth" "$@" &
	PF=$!
	started $PF
	until_true 10 test -S "$DIR/pf"
}

pf_do() {
	"$TOOLS/pfsim" -l "$DIR/pf" -c "$*"
}

# pf_has NAME: a number of its status.
pf_has() {
	pf_do status | sed -n "s/^$1 //p"
}

# conf LINE ...: the configuration, with a collector at $PORT.  INTERVAL is the
# seconds between dumps, INTERIM those between records of a living connection
# (0: none), and JOIN is yes if its two states become one record.
conf() {
	{
		echo 'source table'
		echo "interval ${INTERVAL:-1}"
		echo "interim ${INTERIM:-0}"
		echo "join ${JOIN:-no}"
		echo "collector 127.0.0.1 port $PORT"
		echo "socket \"$DIR/sock\""
		for line; do
			echo "$line"
		done
	} >"$DIR/conf"
}

# daemon: $PARENT, in the foreground, which logs to $DIR/err.
daemon() {
	rm -f "$DIR/err"
	PFSIM=$DIR/pf "$TOOLS/pflowd_sim" -d -f "$DIR/conf" >"$DIR/out" \
	    2>"$DIR/err" &
	PARENT=$!
	started $PARENT
	until_true 10 ctl show
}

# child engine|dumper: its pid.
child() {
	pgrep -f -P "$PARENT" "X $1"
}

ctl() {
	timeout 20 "$PFLOWCTL" -s "$DIR/sock" "$@"
}

# counter KEY: of the accounting.
counter() {
	ctl -j show counters | sed -n "s/^ *\"$1\": \([0-9]*\),*\$/\1/p" |
	    head -n 1
}

# counted KEY N: at least so many.
counted() {
	now=$(counter "$1")
	[ "${now:-0}" -ge "$2" ]
}

# dumps_go_on [SECONDS]: two more whole dumps, within 10 s.
dumps_go_on() {
	until_true "${1:-10}" counted dumps $(($(counter dumps) + 2))
}

shows() {
	ctl show >"$DIR/show" 2>&1 && grep -q -e "$1" "$DIR/show"
}

logs() {
	grep -q -e "$1" "$DIR/err"
}

# All states of pf have gone, and pflowd knows.
all_ended() {
	[ "$(pf_has quiet)" = 1 ] && [ "$(pf_has states)" = 0 ] &&
	    [ "$(counter states_tracked)" = 0 ]
}

# settle SECONDS [killed]: wait for that, read what the collector was sent, and
# judge it: $DIR/sums is what the judge says.  Ends all three.
settle() {
	until_true "$1" all_ended
	ctl -j show counters >"$DIR/counters"
	stop TERM "$PARENT"
	status=$?
	stop TERM "$JUDGE" # a gap in its sequence may be a crash
	stop TERM "$PF" || status="pfsim: $?"
	joined=
	[ "${JOIN:-no}" = no ] || joined=joined
	python3 tests/system/table/judge.py "$DIR/truth" "$DIR/judge.out" \
	    "$DIR/counters" ${2:+"$2"} $joined >"$DIR/sums" 2>&1 || status="$status, sums differ"
	python3 tests/system/random/sums.py <"$DIR/counters" >>"$DIR/sums" ||
	    status="$status, the accounting does not add up"
}
