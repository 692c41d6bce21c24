# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# survives.sh - whole applications, killed at random moments and restarted.

# survives ROUNDS COMMAND...: the command writes its results into the folder `result`. It is checkpointed every second,
# and killed so often at random moments, unless it has ended before, but once at least: soon after its first checkpoint.
survives() {
	local rounds=$1 round=0 interval=1s last=0
	shift
	mkdir -p "$scratch/plain/result" result
	(cd "$scratch/plain" && "$@") >"$scratch/plain.log" 2>&1 || fail "without Holdfast: status $?"
	# It keeps the processors busy: Holdfast's commands come first, or it would end before its first checkpoint.
	start application nice -n 15 "$@"
	while ((round < rounds)) && next_checkpoint; do
		last=$(newest)
		pause $((round ? 999 : 200))
		alive "$front" || break
		kill_job
		restart
		((++round))
	done
	finish
	((round)) || fail "the job was killed at least once"
	diff -r --exclude="*.holdfast-cut-*" "$scratch/plain/result" result >&2 || fail "the results are the same after $round kills"
}

# Waits for a checkpoint after $last, or the end of the job.
next_checkpoint() {
	await 100 "the job is checkpointed" checkpointed_or_ended
	(($(newest) > last))
}

checkpointed_or_ended() {
	(($(newest) > last)) || ! alive "$front"
}

# The number of the newest checkpoint, 0: none yet.
newest() {
	{
		echo 0
		committed
	} | tail -n 1
}
