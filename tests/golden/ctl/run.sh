#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# pflowctl against a stand-in for pflowd: each command in each format, and what
# a user is told when something is wrong.  With "update" as its argument what
# pflowctl says becomes what is expected: read the difference.

. tests/lib.sh
unset ASAN_OPTIONS

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
GOLD=tests/golden/ctl
SOCKET=$DIR/sock
UPDATE=${1-}
SERVER=

# serve MODE: from now on the stand-in is of this mode.
serve() {
	[ -z "$SERVER" ] || stop TERM "$SERVER" 2>/dev/null
	rm -f "$SOCKET"
	"$TOOLS/ctlserve" -m "$1" "$SOCKET" 2>"$DIR/server.err" &
	SERVER=$!
	started "$SERVER"
	until_true 10 test -S "$SOCKET" || echo "no stand-in" >&2
}

ctl() {
	"$PFLOWCTL" -s "$SOCKET" "$@"
}

# golden FILE WORD ...: exit 0, nothing on stderr, and this on stdout.
golden() {
	file=$1
	shift
	ctl "$@" >"$DIR/$file" 2>"$DIR/err"
	is "$file: exit status" 0 $?
	is "$file: no errors" '' "$(cat "$DIR/err")"
	[ "$UPDATE" != update ] || cp "$DIR/$file" "$GOLD/$file"
	same "$file" "$GOLD/$file" "$DIR/$file"
	case $file in
	*.json) parses_as_json "$file" ;;
	*.metrics)
		parses_as_metrics "$file"
		is "$file: each metric once" '' \
		    "$(grep '^# TYPE' "$DIR/$file" | sort | uniq -d)"
		;;
	esac
}

parses_as_json() {
	if ! command -v python3 >/dev/null; then
		skip "$1: is JSON" "no python3"
	elif python3 -m json.tool "$DIR/$1" >/dev/null 2>"$DIR/err"; then
		ok "$1: is JSON"
	else
		failed "$1: is JSON" "$(head -n 1 "$DIR/err")"
	fi
}

PARSE='
import sys
from prometheus_client.parser import text_string_to_metric_families
seen = set()
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.documentation, family.name
    assert family.type != "unknown", family.name
    for sample in family.samples:
        series = (sample.name, tuple(sorted(sample.labels.items())))
        assert series not in seen, series
        seen.add(series)
assert seen
'
# Debian packages the parser for its own python3, which need not be the first.
parses_as_metrics() {
	python=/usr/bin/python3
	if ! $python -c 'import prometheus_client.parser' \
	    2>/dev/null; then
		skip "$1: is for Prometheus" \
		    "no python3-prometheus-client: make setup"
	elif $python -c "$PARSE" <"$DIR/$1" 2>"$DIR/err"; then
		ok "$1: is for Prometheus"
	else
		failed "$1: is for Prometheus" "$(tail -n 1 "$DIR/err")"
	fi
}

# monitored FILE LINES OPTION ...: a monitor that is interrupted, once it has
# shown so many lines.
monitored() {
	file=$1 lines=$2
	shift 2
	"$PFLOWCTL" -s "$SOCKET" "$@" monitor >"$DIR/$file" \
	    2>"$DIR/err" &
	pid=$!
	started $pid
	until_true 10 sh -c "test \$(wc -l <'$DIR/$file') -ge $lines" ||
	    echo "no flows" >&2
	stop TERM $pid
	is "$file: exit status when interrupted" 0 $?
	[ "$UPDATE" != update ] || cp "$DIR/$file" "$GOLD/$file"
	same "$file" "$GOLD/$file" "$DIR/$file"
}

# fails NAME PATTERN WORD ...: exit 1 and one line on stderr with PATTERN.
fails() {
	name=$1 pattern=$2
	shift 2
	ctl "$@" >"$DIR/out" 2>"$DIR/err" </dev/null
	is "$name: exit status" 1 $?
	has "$name: says so" "$DIR/err" "$pattern"
	is "$name: in one line" 1 "$(wc -l <"$DIR/err" | tr -d ' ')"
	is "$name: and nothing else" '' "$(cat "$DIR/out")"
}

# fails_json NAME FILE WORD ...: exit 1 and, on stdout alone, this object.
fails_json() {
	name=$1 file=$2
	shift 2
	ctl -j "$@" >"$DIR/$file" 2>"$DIR/err" </dev/null
	is "$name, -j: exit status" 1 $?
	is "$name, -j: nothing on stderr" '' "$(cat "$DIR/err")"
	[ "$UPDATE" != update ] || cp "$DIR/$file" "$GOLD/$file"
	same "$file" "$GOLD/$file" "$DIR/$file"
	parses_as_json "$file"
}

# plain NAME FILE: no byte that a terminal would do anything with.
plain() {
	is "$1" '' "$(LC_ALL=C tr -d '\11\12\40-\176' <"$2")"
}

SHOWS='summary collectors counters interfaces rules config sources'
for mode in plain empty hostile; do
	serve $mode
	prefix=
	[ $mode = plain ] || prefix=$mode-
	for what in $SHOWS; do
		golden "$prefix$what.txt" show $what
		golden "$prefix$what.json" -j show $what
		plain "$prefix$what.txt: printable" "$DIR/$prefix$what.txt"
	done
	golden "${prefix}all.metrics" show metrics
	golden "${prefix}all.json" -j show metrics
done

serve table
golden table-summary.txt show
golden table-summary.json -j show
golden table-sources.txt show sources
golden table-sources.json -j show sources
golden table-all.metrics show metrics
golden table-counters.txt show counters
golden table-counters.json -j show counters

serve hostile
monitored hostile-monitor.txt 4
plain 'hostile-monitor.txt: printable' "$DIR/hostile-monitor.txt"
monitored hostile-monitor.json 5 -j
fails 'hostile end' 'pflowctl: a"' log brief
plain 'hostile end: printable' "$DIR/err"
fails_json 'hostile end' hostile-error.json log brief
fails_json 'hostile reload' hostile-reload.json reload
ctl reload 2>"$DIR/err"
is 'hostile reload: exit status' 1 $?
plain 'hostile reload: printable' "$DIR/err"

serve plain
monitored monitor.txt 4
is 'monitor: what was lost' \
    '(12 flows not shown: reader is too slow)' "$(cat "$DIR/err")"
monitored monitor.json 5 -j
is 'monitor -j: no errors' '' "$(cat "$DIR/err")"
while read -r line; do
	echo "$line" >"$DIR/line.json"
	parses_as_json line.json
done <"$DIR/monitor.json"

# Words, and shorter ones.
same_as() {
	expected=$1
	shift
	ctl "$@" >"$DIR/out" 2>&1
	same "$*: as $expected" "$GOLD/$expected" "$DIR/out"
}
same_as summary.txt show
same_as summary.txt s
same_as summary.txt sh su
same_as collectors.txt sho col
same_as counters.txt s cou
same_as interfaces.json -j s i
same_as all.metrics s m

# The manual's crontab, as cron(8) reads it: variables, then five fields and a
# command for sh, in which % would be a newline.  pflowctl is that of this tree.
mkdir "$DIR/cron" "$DIR/cron/bin"
cat >"$DIR/cron/bin/pflowctl" <<END
#!/bin/sh
exec $PWD/$PFLOWCTL -s $SOCKET "\$@"
END
chmod 755 "$DIR/cron/bin/pflowctl"
sed -n '/^\.Xr crontab 5/,/^\.Ed/p' man/pflowctl.8 | sed '1,/^\.Bd/d; /^\.Ed/d' |
    sed "s|/usr/local/sbin|$DIR/cron/bin|; s|^DIR=.*|DIR=$DIR/cron|" \
	>"$DIR/crontab"
is 'crontab: a line' 1 "$(grep -c '^\* \* \* \* \* ' "$DIR/crontab")"
is 'crontab: one line and variables' '' \
    "$(grep -v '^[A-Z]*=[^ ]*$' "$DIR/crontab" | grep -v '^\* \* \* \* \* [^%]*$')"
command=$(sed -n 's/^\* \* \* \* \* //p' "$DIR/crontab")
# shellcheck disable=SC2046
(cd / && env -i $(grep '^[A-Z]*=' "$DIR/crontab") sh -c "$command") \
    >"$DIR/out" 2>&1
is 'crontab: exit status' 0 $?
is 'crontab: says nothing' '' "$(cat "$DIR/out")"
same 'crontab: the metrics' $GOLD/all.metrics "$DIR/cron/pflowd.prom"
is 'crontab: nothing else' 'bin pflowd.prom' "$(cd "$DIR/cron" && echo *)"
same_as rules.txt s r
golden test.txt test 192.0.2.10:2055
golden test.json -j test 192.0.2.10:2055
ctl test >"$DIR/tests.txt" 2>"$DIR/err"
is 'test, one fails: exit status' 1 $?
[ "$UPDATE" != update ] || cp "$DIR/tests.txt" "$GOLD/tests.txt"
same 'tests.txt' "$GOLD/tests.txt" "$DIR/tests.txt"
same_as test.txt te 192.0.2.10:2055
fails 'test: too long a name' 'collector name is too long' test \
    "$(printf '%0264d' 0)"
fails 'test: one name only' 'unknown word' test a b
ctl reload >"$DIR/out" 2>&1
is 'reload: exit status' 0 $?
is 'reload: silent' '' "$(cat "$DIR/out")"
golden collector.txt show collectors 192.0.2.20:9995
same_as collector.txt show coll 192.0.2.20
golden collector.json -j show collectors FLOWS.example.org
fails 'show collectors: unknown name' \
    'no such collector; see pflowctl show collectors$' show collectors 192.0.2.2
for words in log l; do
	ctl $words >"$DIR/out" 2>&1
	is "$words: exit status" 0 $?
	is "$words: the level" verbose "$(cat "$DIR/out")"
done
golden states.txt -n 2 show states
golden states.json -j show states
golden states-tcp.txt show states octets in proto tcp 'from any port >= 5'
serve hostile
golden hostile-states.txt show states
golden hostile-states.json -j show states
plain 'hostile-states.txt: printable' "$DIR/hostile-states.txt"
serve plain
fails 'show states: an unknown word' 'unexpected word "frm": expected octets,' \
    show states in frm any
fails 'show states: no address' '"host" is not an address' \
    show states from host
fails 'show states: a scope' 'is not an address' show states from fe80::1%em0
fails 'show states: a prefix' 'prefix length must be from 0 to 32' \
    show states from 10.0.0.0/33
fails 'show states: a list' '"{": lists are not possible here' \
    show states proto '{ tcp udp }'
fails 'show states: no word' '"port" needs another word' show states to any port
fails 'show states: a port' 'port "x": must be a name in' show states to port x
fails 'show states: a range' 'port "": must be a name in' show states to port 1:
fails 'show states: a protocol' 'proto "x": must be a name in' \
    show states proto x
fails 'show states: a rule' 'rule "x": must be a number' show states rule x
fails 'show states: an interface' 'too long a name' show states on "$(
    printf '%016d' 0)"
fails 'show states: too long' 'too long a filter' show states "$(
    printf '%01100d' 0)"
for rows in 0 1001 x ''; do
	fails "-n '$rows'" 'must be from 1 to 1000 rows$' -n "$rows" show states
done
golden log.json -j log
golden reload-good.json -j reload
golden log-verbose.json -j log verbose
golden stop.json -j stop
serve plain
ctl stop >"$DIR/out" 2>&1
is 'stop: exit status' 0 $?
is 'stop: silent' '' "$(cat "$DIR/out")"
serve plain
fails 'stop is not shortened' 'unknown word "sto": expected' sto
ctl l v >"$DIR/out" 2>&1
is 'log verbose: exit status' 0 $?
is 'log verbose: silent' '' "$(cat "$DIR/out")"
fails 'log brief' '^pflowctl: brief it was$' log brief
COMMANDS='expected check, help, log, monitor, reload, show, stop, test$'
fails 'no command' "missing command: $COMMANDS"
fails 'unknown word' "unknown word \"start\": $COMMANDS" start
fails 'empty word' 'unknown word "": expected check' ''
fails 'ambiguous word' \
    'ambiguous word "co" after "show": expected collectors, config, counters$' s co
fails 'unknown second word' 'unknown word "x" after "show": expected collectors,' \
    show x
fails 'a word too many' 'unknown word "x" after "show rules": it takes' \
    show rules x
fails 'a word too many' 'unknown word "x" after "reload": it takes' r x
for seconds in 0 3601 x ''; do
	fails "-t '$seconds'" 'must be from 1 to 3600 seconds$' -t "$seconds" show
done
same_as rules.txt -t 1 show rules
"$PFLOWCTL" -x show >"$DIR/out" 2>"$DIR/err"
is 'unknown option: exit status' 1 $?
has 'unknown option: usage' "$DIR/err" '^usage: pflowctl'

# Usage that was asked for is no error, and lists each command of the manual.
for words in -h --help help hel '-j help'; do
	# shellcheck disable=SC2086
	"$PFLOWCTL" $words >"$DIR/help" 2>"$DIR/err"
	is "$words: exit status" 0 $?
	is "$words: no errors" '' "$(cat "$DIR/err")"
	has "$words: usage" "$DIR/help" '^usage: pflowctl'
done
sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' man/pflowctl.8 | sort -u >"$DIR/manual"
sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' "$DIR/help" | sort -u >"$DIR/listed"
same 'help: the commands of the manual' "$DIR/manual" "$DIR/listed"
is 'help: fits a terminal' '' "$(awk 'length > 79' "$DIR/help")"

# check STATUS NAME: the verdict, in one line.
checked() {
	for j in '' -j; do
		file=check-$2${j:+.json}
		# shellcheck disable=SC2086
		ctl $j check >"$DIR/$file" 2>"$DIR/err"
		is "check $j, $2: exit status" "$1" $?
		is "check $j, $2: no errors" '' "$(cat "$DIR/err")"
		is "check $j, $2: one line" 1 "$(wc -l <"$DIR/$file" | tr -d ' ')"
	done
	parses_as_json "check-$2.json"
	sed "s|$SOCKET|/var/run/pflowd.sock|" "$DIR/check-$2" \
	    "$DIR/check-$2.json" >>"$DIR/check.txt"
}
checked 2 plain
for mode in empty hostile table well warn drops full hangup; do
	serve $mode
	case $mode in
	well) checked 0 $mode ;;
	table|warn) checked 1 $mode ;;
	*) checked 2 $mode ;;
	esac
done
[ "$UPDATE" != update ] || cp "$DIR/check.txt" $GOLD/check.txt
same 'check' $GOLD/check.txt "$DIR/check.txt"
serve plain

if [ -w /dev/full ]; then
	ctl show >/dev/full 2>"$DIR/err"
	is 'full disk: exit status' 1 $?
	has 'full disk: says so' "$DIR/err" 'standard output: No space'
	ctl -j show >/dev/full 2>"$DIR/err"
	is 'full disk, -j: exit status' 1 $?
	has 'full disk, -j: says so' "$DIR/err" 'standard output: No space'
else
	skip 'full disk' 'no /dev/full'
fi

# A pflowd that does not do what it should.
# The manual has each key, and no other; of counters with the text of their row.
manual() {
	awk '/^\.Sh/ { here = $2 == "JSON" } here && /^\.It Va/' man/pflowctl.8
}
grep -oh '"[a-z0-9_]*":' $GOLD/*.json "$DIR"/check-*.json | tr -d '":' |
    sort -u >"$DIR/printed"
manual | awk '{ print $3 }' | sort -u >"$DIR/documented"
same "each key is in the manual's JSON" "$DIR/printed" "$DIR/documented"
# A hostile pflowd has rows of each source.
awk '/^collector/ { titles++; next }
titles < 2 && !/records queued/ { sub(/ +[0-9]+$/, ""); sub(/^ +/, ""); print }' \
    $GOLD/hostile-counters.txt >"$DIR/rows"
manual | sed -n 's/^\.It Va \(.*\) Ta /\1 /p' >"$DIR/documented"
if command -v python3 >/dev/null; then
	python3 -c '
import json, sys
d = json.load(sys.stdin)
print(*d["counters"], *d["collectors"][0]["counters"], sep="\n")' \
	    <$GOLD/hostile-counters.json | paste -d' ' - "$DIR/rows" >"$DIR/counters"
	same "each counter's row is in the manual's JSON" "$DIR/counters" \
	    "$DIR/documented"
else
	skip "each counter's row is in the manual's JSON" 'no python3'
fi

serve refuse
fails 'refused' 'pflowctl: the restricted socket is for show and' show
fails 'refused monitor' 'the restricted socket is for' monitor
ctl reload >"$DIR/out" 2>"$DIR/reload.err"
is 'bad reload: exit status' 1 $?
is 'bad reload: nothing on stdout' '' "$(cat "$DIR/out")"
[ "$UPDATE" != update ] || cp "$DIR/reload.err" $GOLD/reload.txt
same 'bad reload' $GOLD/reload.txt "$DIR/reload.err"
fails_json 'bad reload' reload.json reload
fails_json 'refused' error.json show config
# What pflowd itself says is compared with it in tests/system/service/run.sh.
awk '/^\.It Cm reload/ { here = 1 }
/^\.Ed/ { here = inside = 0 }
inside { print }
here && /^\.Bd -literal/ { inside = 1 }' man/pflowctl.8 >"$DIR/sample"
same "bad reload: the manual's sample" $GOLD/reload.txt "$DIR/sample"
serve full
fails 'too many clients' 'there are 16 clients already' show
serve hangup
fails 'hangs up' 'pflowd closed the connection before its answer was complete' show
serve cut
fails 'cut off' 'does not understand' show
serve newer
fails 'newer' 'pflowd speaks version 2 .* pflowctl version 1: upgrade pflowctl' \
    show
serve older
fails 'older' 'version 0 .* upgrade pflowd, and restart it' show
fails 'older, monitor' 'version 0 .* upgrade pflowd' monitor
serve garbage
fails 'garbage' 'version [0-9]* of the control protocol' show
for mode in size type id norow; do
	serve $mode
	fails "$mode" 'does not understand: install both from one release' show
done
serve size
fails 'size, monitor' 'does not understand' monitor

ctl -j bogus >"$DIR/bogus.json" 2>&1
is 'unknown word, -j: exit status' 1 $?
has 'unknown word, -j' "$DIR/bogus.json" '^{"error": "unknown word'
parses_as_json bogus.json

serve plain
"$PFLOWCTL" -s "$SOCKET" monitor >"$DIR/out" 2>"$DIR/err" &
pid=$!
started $pid
until_true 10 grep -q 'unknown' "$DIR/out"
stop TERM "$SERVER" 2>/dev/null
wait $pid
is 'monitor: exit status when pflowd goes' 1 $?
has 'monitor: pflowd goes' "$DIR/err" 'pflowd closed the connection'

SERVER=
# A socket is replaced by one that listens, while a client waits for that.
sleeps() {
	case $(ps -o stat= -p "$1") in
	S*) ;;
	*) return 1 ;;
	esac
}
"$PFLOWCTL" -s "$SOCKET" show rules >"$DIR/out" 2>&1 &
pid=$!
started $pid
until_true 1 sleeps $pid
"$TOOLS/ctlserve" "$SOCKET" 2>"$DIR/server.err" &
SERVER=$!
started $SERVER
wait $pid
is 'replaced socket: exit status' 0 $?
same 'replaced socket' $GOLD/rules.txt "$DIR/out"
stop KILL $SERVER 2>/dev/null
SERVER=
ctl check >"$DIR/out" 2>"$DIR/err"
is 'check, nobody listens: exit status' 2 $?
has 'check, nobody listens: says so' "$DIR/out" \
    '^CRITICAL: pflowd is not running: nothing listens on'
fails 'nobody listens' "pflowd is not running: nothing listens on $SOCKET" show
rm -f "$SOCKET"
fails 'no socket' "pflowd is not running: nothing listens on $SOCKET" show
SOCKET=$DIR/$(printf '%0110d' 0)
fails 'long path' 'path is too long for a socket' show

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	SOCKET=$DIR/sock
	serve plain
	chmod 660 "$SOCKET"
	cp "$PFLOWCTL" "$DIR/pflowctl"
	PFLOWCTL="setpriv --reuid=65534 --regid=65534 --clear-groups
	    $DIR/pflowctl"
	ctl() {
		$PFLOWCTL -s "$SOCKET" "$@"
	}
	fails 'not permitted' "$SOCKET: permission denied: run as root, join" show
else
	skip 'not permitted' 'needs root and setpriv'
fi
