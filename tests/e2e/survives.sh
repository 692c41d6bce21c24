# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# survives.sh - whole applications, killed at random moments and restarted.

# survives ROUNDS COMMAND...: the command writes its results into the folder `result`. It is killed so often, unless it
# has ended before, but once at least.
survives() {
	local rounds=$1 round began took
	shift
	mkdir -p "$scratch/plain/result" result
	began=$(date +%s%3N)
	(cd "$scratch/plain" && "$@") >"$scratch/plain.log" 2>&1 || fail "without Holdfast: status $?"
	took=$(($(date +%s%3N) - began))
	start application "$@"
	for ((round = 1; round <= rounds; round++)); do
		pause_part $took $((rounds * 3))
		hold checkpoint application </dev/null >>"$scratch/commands.log" 2>&1 || break
		pause_part $took $((rounds * 3))
		alive "$front" || break
		kill_job
		restart
	done
	((round > rounds)) || await 20 "the checkpoint works: $(tail -n 1 "$scratch/commands.log")" ended
	finish
	((round > 1)) || fail "the job was killed at least once"
	diff -r --exclude="*.holdfast-cut-*" "$scratch/plain/result" result >&2 || fail "the results are the same after $((round - 1)) kills"
}

ended() {
	! alive "$front"
}

# pause_part MS PARTS: for a random part of such a part of the time.
pause_part() {
	pause $(($1 / $2 < 1000 ? $1 / $2 + 1 : 1000))
}
