# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # scratch: set by its users; command: for them
# lib.sh - what the end-to-end tests share. A test runs in a shell of its own, in $scratch/work; what goes wrong ends it
# through fail.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
holdfast=${HOLDFAST:-$here/../../scripts/holdfast}
# shellcheck source=tests/lib/kill.sh
. "$here/../lib/kill.sh"

# Everything that Holdfast keeps is in the test's own folder. The test's shell has none of this in its environment: it
# is the mark of the processes that Holdfast and the jobs are.
environment() {
	export LC_ALL=C
	unset XDG_RUNTIME_DIR
	marked=(env "HOLDFAST_RUNTIME=$scratch/runtime" "HOLDFAST_STORE=$scratch/store" "XDG_STATE_HOME=$scratch/state")
}

# hold ARGUMENT...: Holdfast's command line.
hold() {
	"${marked[@]}" "$holdfast" "$@"
}

fail() {
	printf 'not so: %s\n' "$*" >&2
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

needs_root() {
	((EUID == 0)) || skip "needs root"
}

# run_as_user NAME COMMAND...: this command again as an ordinary user.
run_as_user() {
	local user=$1
	shift
	exec setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups \
		env -u XDG_RUNTIME_DIR -u XDG_STATE_HOME USER="$user" LOGNAME="$user" "$@"
}

# A folder for all that a run of tests makes, which is the home of the jobs too.
make_base() {
	base=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-e2e.XXXXXX")
	export HOME=$base
}

# --- processes

# The numbers of all processes of this test, but those of its shell. A server that writes its title over its environment
# is found by its folder and the interceptor's memory.
processes() {
	{
		grep -lzsxF -- "HOLDFAST_RUNTIME=$scratch/runtime" /proc/[0-9]*/environ
		find /proc/[0-9]*/cwd -maxdepth 0 -lname "$scratch/*" -printf '%h/maps\n' 2>/dev/null |
			xargs -r grep -ls '^300040000000-'
	} | cut -d/ -f3 | sort -unr
}

# SIGKILL to all of them, until none is left: what a power failure does to the job.
end_all() {
	local tries pids

	for ((tries = 0; tries < 100; tries++)); do
		mapfile -t pids < <(processes)
		((${#pids[@]})) || return 0
		kill_at_once "${pids[@]}"
		sleep 0.05
	done
	fail "processes cannot be killed: ${pids[*]}"
}

# No process of Holdfast or of a job is left, and no half-written file.
nothing_left() {
	local files

	await 20 "all processes have ended" no_process
	files=$(find "$scratch" \( -name '*.partial' -o -name '*.tmp' -o -name '.tmp*' \) 2>/dev/null)
	[[ ! $files ]] || fail "files are left behind: $files"
}

no_process() {
	[[ ! $(processes) ]]
}

alive() {
	[[ -d /proc/$1 && $(cut -d' ' -f3 "/proc/$1/stat" 2>/dev/null) != Z ]]
}

# --- waiting

# await SECONDS WHAT COMMAND...: until the command succeeds.
await() {
	local until=$((SECONDS + $1)) what=$2
	shift 2
	until "$@"; do
		((SECONDS < until)) || fail "$what"
		sleep 0.05
	done
}

# pause MS: for a random time of at most so many milliseconds.
pause() {
	sleep "$(printf '0.%03d' $((RANDOM % $1)))"
}

# --- jobs. The last one started is $job (its name), with the command in front of it $front.

# in_front ARGUMENT...: a command of Holdfast's in the background; its number is $front.
in_front() {
	"${marked[@]}" "$holdfast" "$@" </dev/null &
	front=$!
}

# meanwhile ARGUMENT...: a command of Holdfast's in the background, which may fail; its number is $command.
meanwhile() {
	"${marked[@]}" "$holdfast" "$@" </dev/null >/dev/null 2>&1 &
	command=$!
}

# start NAME COMMAND...: a job with the name, checkpointed on demand only unless $interval says otherwise.
start() {
	job=$1
	shift
	in_front run --interval "${interval:-none}" --name "$job" -- "$@" >"$scratch/$job.out" 2>"$scratch/$job.err"
	await 60 "the job starts" entered RUNNING
}

# entered STATE: the job's record has the state, since the last restart. (Reads the file: asking Holdfast starts a JVM.)
entered() {
	local record

	record=$(grep -lsF "\"name\" : \"$job\"" "$scratch"/store/*/job.json) &&
		[[ ! $record -ot $scratch/restarting ]] && grep -q "\"state\" : \"$1\"" "$record"
}

# The job writes on to the files that were its standard output and error; what else is said goes to others.
restart() {
	touch "$scratch/restarting"
	in_front restart "$job" "$@" >>"$scratch/restart.out" 2>>"$scratch/restart.err"
	await 60 "the job is restarted" restarted
}

restarted() {
	! alive "$front" || entered RUNNING
}

checkpoint() {
	hold checkpoint "$job" "$@" </dev/null >>"$scratch/commands.log" 2>&1 ||
		fail "checkpoint: status $?: $(tail -n 1 "$scratch/commands.log")"
}

# kill_job: all of it, with its runner and the command in front.
kill_job() {
	end_all
	wait "$front" 2>/dev/null
}

# finish [STATUS]: the job ends by itself, with this status.
finish() {
	local status

	wait "$front"
	status=$?
	((status == ${1:-0})) || fail "exit status $status, expected ${1:-0}: $(tail -qn 3 "$scratch"/*.err)"
}

# --- what Holdfast says

# json EXPRESSION: a Python expression over `it`, the JSON on standard input.
json() {
	/usr/bin/python3 -c 'import json, sys; it = json.load(sys.stdin); value = eval(sys.argv[1])
print(*value if isinstance(value, list) else [value], sep="\n")' "$1"
}

# about EXPRESSION: the same over what `holdfast show` tells of the job.
about() {
	hold show "$job" --json 2>>"$scratch/commands.log" | json "$1" 2>>"$scratch/commands.log"
}

in_state() {
	[[ $(about 'it["job"]["state"]') == "$1" ]]
}

# The number of the job's root process, as the job sees it.
root_pid() {
	about '[p["pid"] for p in it["processes"] if not p["ppid"]][0]'
}

# The epochs that show tells of as committed, and those whose folders are there.
epochs() {
	about '[c["epoch"] for c in it["checkpoints"] if c["status"] == "committed"]'
}

committed() {
	find "$scratch"/store/*/ -mindepth 1 -maxdepth 1 -regex '.*/[0-9]+' -printf '%f\n' | sort -n
}

# refused STATUS PATTERN ARGUMENT...: this command of Holdfast's fails with the status and tells why in one line, which
# matches the pattern, without a stack trace.
refused() {
	local status=$1 pattern=$2 got
	shift 2
	hold "$@" </dev/null >"$scratch/refused.out" 2>"$scratch/refused.err"
	got=$?
	((got == status)) || fail "holdfast $*: status $got, expected $status: $(cat "$scratch/refused.err")"
	(($(wc -l <"$scratch/refused.err") == 1)) || fail "not one line: $(cat "$scratch/refused.err")"
	grep -qE -- "$pattern" "$scratch/refused.err" || fail "no '$pattern' in: $(cat "$scratch/refused.err")"
	! grep -qE 'Exception|^	at ' "$scratch/refused.err" || fail "a stack trace: $(cat "$scratch/refused.err")"
}

describe_state() {
	local pids

	mapfile -t pids < <(processes)
	((!${#pids[@]})) || ps -o pid,ppid,stat,nlwp,wchan:20,args -p "$(IFS=,; echo "${pids[*]}")" | cut -c1-160
	find "$scratch/store" -maxdepth 2 2>/dev/null
	tail -n 8 "$scratch"/*.err "$scratch"/*.log "$scratch"/runtime/*/runner.log 2>/dev/null
}
