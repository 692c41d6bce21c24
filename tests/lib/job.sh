# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# job.sh - a test program, or some of them together, as a job: start, checkpoint, kill, restart, finish. Sourced by
# tests/run and tests/stress.
#
# A caller works in a subshell of its own for each job: job_open sets the globals below, and whatever goes wrong ends
# that subshell through job_fail, which says in which phase and shows the state.

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
workloads=$tests/workloads
# shellcheck source=tests/lib/kill.sh
. "$tests/lib/kill.sh"
holdfast=${HOLDFAST:-$tests/../scripts/holdfast}
beats_to_see=3
# How often the harness looks: each time is a process more.
poll_s=${HARNESS_POLL_S:-0.05}

# Milliseconds since the epoch.
now_ms() {
	local t=${EPOCHREALTIME/[.,]/}
	echo $((t / 1000))
}

# job_open SECONDS PROGRAM...: makes its folder in $base; nothing is started yet. No phase may take longer than that.
job_open() {
	limit=$1
	shift
	programs=("$@")
	name=$1
	(($# == 1)) || name=$1-and-$(($# - 1))
	scratch=$(mktemp -d "${base:?}/$name.XXXXXX")
	work=$scratch/work
	begin start
	started=
	runs=0
	mkdir -p "${programs[@]/#/$work/}"
	opened_ms=$(now_ms)
	trap job_close EXIT
}

# Nothing of the job stays, but its folder: processes, and shared memory that it named after its folder.
job_close() {
	local prefix=${scratch//\//_}

	job_kill
	rm -f "/dev/shm/${prefix#_}"_* "/dev/shm/sem.${prefix#_}"_*
}

# begin PHASE
begin() {
	phase=$1
	deadline=$((SECONDS + limit))
}

# job_marker NAME WORD: what stands after `// WORD:` in the program's source.
job_marker() {
	sed -n "s|^// $2: *||p" "$workloads/$1.c"
}

# The numbers of all processes that belong to this job: its marks are its folder in their environment, or as their
# working directory.
job_processes() {
	{
		grep -lzsF -- "$scratch/" /proc/[0-9]*/environ
		find /proc/[0-9]*/cwd -maxdepth 0 -lname "$scratch/*" 2>/dev/null
	} | cut -d/ -f3 | sort -unr
}

# SIGKILL to all of it, until nothing is left.
job_kill() {
	local pids tries=0

	while mapfile -t pids < <(job_processes) && ((${#pids[@]})); do
		kill_at_once "${pids[@]}"
		((++tries > 100)) && break
		sleep 0.05
	done
	if [[ $started ]]; then
		wait "$started" 2>/dev/null
		started=
	fi
}

job_state() {
	local pids

	mapfile -t pids < <(job_processes)
	if ((${#pids[@]})); then
		ps -o pid,ppid,pgid,sid,stat,nlwp,wchan:20,args -p "$(IFS=,; echo "${pids[*]}")"
	else
		echo "no process of the job is left"
	fi
	find "$scratch/store" -maxdepth 2 -type d 2>/dev/null
	for file in "$scratch"/runtime/*/runner.log "$work"/*/failed "$work"/*/output "$scratch"/out.* "$scratch"/err.* \
		"$scratch"/command.log; do
		[[ -s $file ]] || continue
		echo "--- ${file#"$scratch"/}"
		tail -n 15 "$file"
	done
}

# job_fail REASON: says what happened where, and ends the subshell.
job_fail() {
	job_state >"$scratch/state.txt" 2>&1
	printf 'FAILED %s %s: %s\n%s\n' "${programs[*]}" "$phase" "$1" \
		"$(sed 's/^/    /' "$scratch/state.txt"; echo "    kept in $scratch")"
	job_kill
	exit 1
}

# What a program found wrong, if one did.
job_verdict() {
	local program

	for program in "${programs[@]}"; do
		[[ ! -s $work/$program/failed ]] || job_fail "$program: $(head -n 1 "$work/$program/failed")"
	done
}

# A reason to stop waiting, if there is one.
job_check() {
	local status

	job_verdict
	if ! kill -0 "$started" 2>/dev/null; then
		wait "$started"
		status=$?
		started=
		job_fail "ended with status $status"
	fi
	((SECONDS < deadline)) || job_fail "hung${awaited:+: $awaited}"
}

# wait_for COMMAND...: until it succeeds.
wait_for() {
	until "$@"; do
		job_check
		sleep "$poll_s"
	done
}

# How often this program has checked itself.
beat_of() {
	local text=0

	read -r text <"$work/$1/beat"
	echo $((10#${text:-0}))
} 2>/dev/null

# beat_above PROGRAM NUMBER
beat_above() {
	(($(beat_of "$1") > $2))
}

# Until every program has made some full checks from now on.
job_beats() {
	local program from=() awaited

	begin "$1"
	for program in "${programs[@]}"; do from+=("$(beat_of "$program")"); done
	for program in "${programs[@]}"; do
		awaited=$program
		wait_for beat_above "$program" $((from[0] + beats_to_see - 1))
		from=("${from[@]:1}")
	done
}

# start COMMAND...: in the background, in the job's environment and folder; its output goes to out.N and err.N. The
# shell around it is not part of the job: it stays to tell the status, and keeps bash's word of a kill to itself.
start() {
	((++runs))
	(
		if [[ $(job_marker "${programs[0]}" needs) == *tty* ]]; then
			on_terminal "$@"
		else
			"${environment[@]}" "$@" </dev/null >"$scratch/out.$runs" 2>"$scratch/err.$runs"
		fi
		exit $?
	) 2>/dev/null &
	started=$!
}

# The caller's terminal is one of script(1), of a size that the program knows. Its keyboard is a FIFO that stays open.
on_terminal() {
	local keyboard

	rm -f "$scratch/keyboard"
	mkfifo "$scratch/keyboard"
	exec {keyboard}<>"$scratch/keyboard"
	"${environment[@]}" script -qfec "stty rows 41 cols 97; exec ${*@Q}" /dev/null \
		<&"$keyboard" >"$scratch/out.$runs" 2>"$scratch/err.$runs"
}

# Sets `environment` and `command`. A program that is alone is the root process of the job.
job_environment() {
	local folder=$work

	command=("$tests/lib/together" "${programs[@]/#/$workloads/build/}")
	if ((${#programs[@]} == 1)); then
		folder=$work/$name
		command=("$workloads/build/$name")
	fi
	environment=(env -C "$folder" "WORKLOAD_DIR=$folder" "HOLDFAST_RUNTIME=$scratch/runtime"
		"XDG_STATE_HOME=$scratch/state" "HOLDFAST_STORE=$scratch/store")
}

# Waits until every program is set up and checks itself.
job_await_ready() {
	local awaited

	begin "set-up"
	for awaited in "${programs[@]}"; do
		wait_for test -e "$work/$awaited/ready"
	done
	job_beats "first checks"
}

job_start_plain() {
	job_environment
	start "${command[@]}"
	job_await_ready
}

job_start() {
	job_environment
	# Programs that keep the processors busy would hold up the commands of Holdfast.
	start "$holdfast" run --interval none --name "$name" -- nice -n 15 "${command[@]}"
	job_await_ready
}

# holdfast_command ARGUMENT...: one that ends by itself.
holdfast_command() {
	local left=$((deadline - SECONDS)) status

	"${environment[@]}" timeout -k 5 $((left > 1 ? left : 1)) "$holdfast" "$@" \
		</dev/null >>"$scratch/command.log" 2>&1
	status=$?
	((status != 124 && status != 137)) || job_fail "hung"
	((status == 0)) || job_fail "holdfast $1 ended with status $status: $(tail -n 1 "$scratch/command.log")"
}

# job_checkpoint PHASE OPTION...
job_checkpoint() {
	begin "$1"
	shift
	job_verdict
	holdfast_command checkpoint "$name" "$@"
}

# A checkpoint that must be refused with this text, and the job goes on.
job_checkpoint_refused() {
	begin "checkpoint, to be refused"
	if "${environment[@]}" timeout 60 "$holdfast" checkpoint "$name" </dev/null >>"$scratch/command.log" 2>&1; then
		job_fail "it was not refused"
	fi
	tail -n 1 "$scratch/command.log" | grep -qF -- "$1" || job_fail "refused, but not because of '$1'"
	job_beats "checks after the refusal"
}

# job_restart PHASE: the beats are set back, so that only the restarted programs' own are seen.
job_restart() {
	local awaited

	begin "$1"
	for awaited in "${programs[@]}"; do
		printf '%020d\n' 0 1<>"$work/$awaited/beat"
	done
	start "$holdfast" restart "$name"
	for awaited in "${programs[@]}"; do
		wait_for beat_above "$awaited" 0
	done
	job_beats "checks after $1"
}

# job_output PROGRAM: where its output goes. A restarted job's regular file is its own, and so still the first; a
# terminal is that of whoever restarts it.
job_output() {
	if ((${#programs[@]} > 1)); then
		echo "$work/$1/output"
	elif [[ $(job_marker "${programs[0]}" needs) == *tty* ]]; then
		echo "$scratch/out.$runs"
	else
		echo "$scratch/out.1"
	fi
}

# Lets the programs end, and wants the `pass` of each, the exit status and nothing left behind.
job_finish() {
	local status program

	begin finish
	(cd "$work" && touch "${programs[@]/%//finish}")
	while kill -0 "$started" 2>/dev/null; do
		((SECONDS < deadline)) || job_fail "hung"
		sleep "$poll_s"
	done
	wait "$started"
	status=$?
	started=
	job_verdict
	for program in "${programs[@]}"; do
		tr -d '\r' <"$(job_output "$program")" | tail -n 1 | grep -qx pass || job_fail "$program did not print pass"
	done
	((status == 0)) || job_fail "ended with status $status"
	begin "end"
	wait_for_nothing_left
}

wait_for_nothing_left() {
	local until=$((SECONDS + 10))

	while [[ $(job_processes) ]]; do
		((SECONDS < until)) || job_fail "processes are left behind"
		sleep 0.1
	done
}

# The MiB of the largest checkpoint must be below the program's marker `image-below`, where it has one.
job_check_image() {
	local limit size

	limit=$(job_marker "${programs[0]}" image-below)
	[[ $limit ]] || return 0
	size=$(du -sm --apparent-size "$scratch/store" | cut -f1)
	((size < limit)) || job_fail "the store has $size MiB, expected less than $limit"
}

job_seconds() {
	local ms=$(($(now_ms) - opened_ms))
	printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}
