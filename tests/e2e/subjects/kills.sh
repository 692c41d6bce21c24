# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Holdfast itself is killed at random moments, 100 times in all (ROUNDS=long; else half of that): no committed checkpoint
# is lost, no job is left frozen, no process and no file is left behind.

# rounds NUMBER: of the long run.
rounds() {
	[[ ${ROUNDS-} == long ]] && echo "$1" || echo $((($1 + 1) / 2))
}

# A job of two processes that count; it ends when the file `end` is there.
start_counters() {
	start counters bash -c '
		counter() { while [[ ! -e end ]]; do echo $((++n)) >"count$1"; sleep 0.01; done; }
		counter 1 & counter 2; wait'
	goes_on
	known=()
}

# Both have counted since `marker` was touched.
counts() {
	[[ count1 -nt marker && count2 -nt marker ]]
}

goes_on() {
	touch marker
	await 30 "the job goes on" counts
}

# What was committed is there and good, but for what was pruned (3 are kept).
nothing_lost() {
	local now

	mapfile -t now < <(committed)
	((!${#known[@]})) || ((${#now[@]} >= (${#known[@]} < 3 ? ${#known[@]} : 3))) || fail "had ${known[*]}, now ${now[*]}"
	((!${#known[@]})) || ((now[-1] >= known[-1])) || fail "had ${known[*]}, now ${now[*]}"
	known=("${now[@]}")
}

no_partial() {
	[[ ! $(find "$scratch/store" -name '*.partial') ]] || fail "left: $(find "$scratch/store" -name '*.partial')"
}

# killed_after MS PID: SIGKILL within so many milliseconds.
killed_after() {
	pause "$1"
	kill -KILL "$2" 2>/dev/null
	return 0
}

runner_of_job() {
	cat "$scratch"/runtime/*/runner.pid 2>/dev/null
}

end_counters() {
	hold verify counters >&2 || fail "verify: status $?"
	touch end
	await 30 "the job ends" no_process
	wait
	no_partial
}

test_checkpoint_command() {
	local round last

	last=$(rounds 43)
	start_counters
	for ((round = 1; round <= last; round++)); do
		meanwhile checkpoint counters
		killed_after 900 "$command"
		wait "$command"
		goes_on
		nothing_lost
	done
	checkpoint
	no_partial
	end_counters
}

# The command in front is the job's coordinator; the next command takes the job over.
test_coordinator() {
	local round last

	last=$(rounds 5)
	start_counters
	for ((round = 1; round <= last; round++)); do
		meanwhile checkpoint counters
		killed_after 900 "$front"
		wait "$front" "$command"
		goes_on
		checkpoint
		nothing_lost
		no_partial
		kill_job
		restart
	done
	end_counters
}

test_runner() {
	local round last

	last=$(rounds 12)
	start_counters
	for ((round = 1; round <= last; round++)); do
		meanwhile checkpoint counters
		pause 900
		kill -KILL "$(runner_of_job)"
		wait "$command"
		goes_on
		checkpoint
		nothing_lost
		no_partial
	done
	end_counters
}

# A restart that was killed has either brought the job back or left nothing, and can be made again.
test_restart() {
	local round last

	last=$(rounds 40)
	start_counters
	checkpoint
	for ((round = 1; round <= last; round++)); do
		kill_job
		in_front restart counters >/dev/null 2>&1
		killed_after 999 "$front"
		wait "$front"
		await 30 "the job runs or is gone" settled
		nothing_lost
	done
	kill_job
	restart
	goes_on
	checkpoint
	end_counters
}

# Nothing runs, or the job goes on by itself.
settled() {
	no_process && return 0
	touch marker
	sleep 0.3
	counts
}
