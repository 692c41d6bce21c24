# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Real applications, killed at random moments and restarted: their results are those of an uninterrupted run.

# survives ROUNDS COMMAND...: the command writes its results into the folder `result`.
survives() {
	local rounds=$1 round began took
	shift
	mkdir -p "$scratch/plain/result" result
	began=$(date +%s%3N)
	(cd "$scratch/plain" && "$@") >"$scratch/plain.log" 2>&1 || fail "without Holdfast: status $?"
	took=$(($(date +%s%3N) - began))
	start application "$@"
	for ((round = 1; round <= rounds; round++)); do
		pause_part $took $((rounds * 2))
		alive "$front" || break
		checkpoint
		pause_part $took $((rounds * 2))
		kill_job
		restart
	done
	finish
	((round > 1)) || fail "the job was killed at least once"
	diff -r --exclude="*.holdfast-cut-*" "$scratch/plain/result" result >&2 || fail "the results are the same after $((round - 1)) kills"
}

# pause_part MS PARTS: for a random part of such a part of the time.
pause_part() {
	pause $(($1 / $2 < 1000 ? $1 / $2 + 1 : 1000))
}

test_bash() {
	survives 3 bash -c '
		main=$$
		for ((n = 1; n <= 400; n++)); do
			[[ $$ == "$main" && $(echo $PPID) == "$PPID" ]] || exit 3
			echo "$n $((n * n)) $(seq $n | wc -l)" >>result/squares
		done &
		for ((n = 1; n <= 400; n++)); do
			read -r first rest < <(echo "$n of many")
			echo "$first" >>result/numbers
			sleep 0.01
		done
		wait'
}

test_pipeline() {
	seq 400000 | gzip >"$scratch/numbers.gz"
	survives 3 bash -c '
		set -o pipefail
		for round in 1 2 3; do
			gzip -dc ../numbers.gz | awk "{ print (\$1 * 7919) % 1000003 }" | sort -n -S 200M | gzip -n >result/$round.gz || exit
		done'
}

test_python_threads() {
	survives 3 /usr/bin/python3 "$here/programs/threads.py" result/sums
}

test_numpy() {
	survives 3 /usr/bin/python3 "$here/programs/power.py" result/eigenvalues
}

test_multiprocessing() {
	survives 3 /usr/bin/python3 "$here/programs/pool.py" result/primes
}

test_gcc() {
	/usr/bin/python3 "$here/programs/sources.py" "$scratch/source" 24
	survives 3 bash -c 'cp -r ../source . && make -s -j2 -C source && cp source/program result && source/program >result/output'
}
