# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What passes between the caller and the job: standard streams, exit status, signals.

run() {
	hold run --interval none -- "$@"
}

# status_of EXPECTED COMMAND...
status_of() {
	local expected=$1 got
	shift
	run "$@" </dev/null >"$scratch/out" 2>"$scratch/err"
	got=$?
	((got == expected)) || fail "$*: status $got, expected $expected: $(cat "$scratch/err")"
}

test_exit_status() {
	local status

	for status in 0 1 42 255; do
		status_of "$status" bash -c "exit $status"
	done
	# shellcheck disable=SC2016
	status_of 143 bash -c 'kill -TERM $$'
	# shellcheck disable=SC2016
	status_of 137 bash -c 'kill -KILL $$'
	[[ ! -s $scratch/err ]] || fail "Holdfast says nothing of its own: $(cat "$scratch/err")"
}

test_streams() {
	local sum

	sum=$(seq 200000 | run bash -c 'cat; echo to the error >&2' 2>"$scratch/err" | cksum)
	[[ $sum == "$(seq 200000 | cksum)" ]] || fail "standard input came through to standard output"
	[[ $(cat "$scratch/err") == "to the error" ]] || fail "standard error is apart: $(cat "$scratch/err")"
}

# The reader goes away: the job sees a broken pipe, as without Holdfast.
test_broken_pipe() {
	run bash -c 'seq 1000000; echo $? >status' 2>/dev/null | head -n 1 >/dev/null
	[[ $(cat status) == 141 ]] || fail "seq ended by SIGPIPE: $(cat status)"
}

test_environment() {
	[[ $(A='b c' run bash -c 'echo "$A $PWD $(umask)"') == "b c $PWD $(umask)" ]] || fail "environment, folder and umask"
}

# signal_passes NAME: to the command in front, arrives at the job, whose exit status is the command's.
signal_passes() {
	start "signal-$1" bash -c 'trap "echo got it; exit 9" '"$1"'; echo ready; while :; do sleep 0.05; done'
	await 20 "the job is ready" grep -q ready "$scratch/$job.out"
	kill -"$1" "$front"
	finish 9
	grep -q "got it" "$scratch/$job.out" || fail "the job got SIG$1"
}

test_signals() {
	local signal

	for signal in TERM HUP USR1 USR2; do
		signal_passes "$signal"
	done
}

test_signal_after_restart() {
	start signal bash -c 'trap "echo got it; exit 9" TERM; echo ready; while :; do sleep 0.05; done'
	await 20 "the job is ready" grep -q ready "$scratch/$job.out"
	checkpoint
	kill_job
	restart
	kill -TERM "$front"
	finish 9
}

test_killed_root() {
	start killed sleep 100
	kill -KILL "$(root_pid)"
	finish 137
}
