#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The tests' own: what becomes of scripts that fail, hang or meet each other.

. tests/lib.sh

# script NAME: from standard input
script() {
	{
		echo '. tests/lib.sh'
		cat
	} >"$DIR/$1.sh"
}

# check SCRIPT ...: of those; its status and output are in $status, $DIR/out
check() {
	for name; do
		shift
		set -- "$@" "$DIR/$name.sh"
	done
	TIME_LIMIT=2 sh tests/check.sh "$@" >"$DIR/out" 2>&1
	status=$?
}

last_line() {
	tail -n 1 "$DIR/out"
}

script good <<'END'
ok 'one'
ok 'two'
skip 'three' 'not here'
END
script silent <<'END'
:
END
script bad <<'END'
ok 'one'
is 'two' a b
is 'four' a b
END
script dies <<'END'
ok 'one'
exit 3
END
script hangs <<'END'
ok 'just before'
sleep 300 &
wait
END
OUTSIDE=$DIR
export OUTSIDE

check good silent
is 'check: all is well' '0 3 passed, 0 failed, 1 skipped' \
    "$status $(last_line)"
has 'check: a script without cases is one' "$DIR/out" "^ok    $DIR/silent.sh\$"
check bad good
is 'check: a failure' '1 3 passed, 2 failed, 1 skipped' "$status $(last_line)"
is 'check: failures are repeated at the end' \
    "$DIR/bad.sh: FAIL  two: wanted \"a\", got \"b\"" \
    "$(tail -n 3 "$DIR/out" | head -n 1)"
check dies good
is 'check: a script that ends in failure' \
    '1 3 passed, 1 failed, 1 skipped' "$status $(last_line)"
has 'check: and how' "$DIR/out" "FAIL  $DIR/dies.sh: exit status 3"
check "$DIR/nothing" good
is 'check: a script that is not there' '1 2 passed, 1 failed, 1 skipped' \
    "$status $(last_line)"

if command -v timeout >/dev/null; then
	check hangs good
	is 'check: a script that hangs' '1 3 passed, 1 failed, 1 skipped' \
	    "$status $(last_line)"
	has 'check: and where' "$DIR/out" \
	    'hangs.sh: did not end within 2 s, after "ok    just before"'
	cat >"$DIR/hangs_test" <<-'END'
		#!/bin/sh
		echo '[ RUN      ] first'
		echo '[       OK ] first'
		echo '[ RUN      ] second'
		exec sleep 300
	END
	chmod 755 "$DIR/hangs_test"
	RESULTS=/dev/null UNIT_LIMIT=1 sh tests/unit/run.sh "$DIR/hangs_test" >"$DIR/out"
	is 'unit: a case that hangs' \
	    'FAIL  hangs_test: did not end within 1 s: second' \
	    "$(cat "$DIR/out")"
else
	skip 'check: a script that hangs' 'no timeout(1)'
	skip 'unit: a case that hangs' 'no timeout(1)'
fi

# Each waits for the other: they run at the same time, and each as if alone.
for name in left right; do
	other=right
	[ $name = left ] || other=left
	script $name <<-END
		: >"\$OUTSIDE/$name.here"
		until_true 20 test -e "\$OUTSIDE/$other.here"
		is 'both are here' 0 \$?
		if [ "\$APART" = yes ]; then
			mkdir /var/run/pflowd.check
			is 'its own /var/run' 0 \$?
			is 'its own network' lo "\$(ls /sys/class/net)"
			is 'its own processes' 1 \$\$
		else
			skip 'its own /var/run' 'not root, or no namespaces'
			skip 'its own network' 'not root, or no namespaces'
			skip 'its own processes' 'not root, or no namespaces'
		fi
		echo "this is the end"
	END
done
JOBS=2 check left right
is 'check: several at a time, each alone' '0 0 failed' \
    "$status $(last_line | grep -o '[0-9]* failed')"
has 'check: several at a time, each alone: all cases' "$DIR/out" \
    '^[28] passed, 0 failed, [06] skipped$'
is 'check: what each says is in one piece' 2 \
    "$(grep -A 1 'its own processes' "$DIR/out" | grep -c 'this is the end')"
