# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# many.sh - the test programs, some at the same time. Sourced by tests/run and tests/stress, after job.sh.

all_names() {
	grep -l '^int main' "${workloads:?}"/*.c | sed 's|.*/||; s|\.c$||'
}

# in_group NAME GROUP...: whether the program is marked `// needs: GROUP` of one of these.
in_group() {
	local name=$1 group
	shift

	for group; do
		[[ " $(job_marker "$name" needs) " != *" $group "* ]] || return 0
	done
	return 1
}

# Waits for one of the running jobs and counts its programs.
collect() {
	local job status

	wait -n -p job
	status=$?
	((failed += status, passed += size[job] - status, --running))
}

# run_many FUNCTION PARALLEL JOB...: FUNCTION PROGRAM... for each job, a word list of programs, so many at the same
# time; its exit status is how many of them failed. Says how many passed, failed and, given the number already
# `skipped`, were left out.
run_many() {
	local function=$1 parallel=$2 job programs
	shift 2

	passed=0 failed=0 running=0 size=()
	make_base
	trap 'kill $(jobs -p); wait; exit 130' INT TERM
	for job; do
		((running < parallel)) || collect
		read -ra programs <<<"$job"
		("$function" "${programs[@]}") &
		size[$!]=${#programs[@]}
		((++running))
	done
	while ((running)); do collect; done
	rmdir "$base" 2>/dev/null
	printf '%d passed, %d failed%s\n' "$passed" "$failed" "$( ((skipped)) && echo ", $skipped skipped")"
	((failed == 0))
}

# Names a folder for all that this run makes, which is the home of the jobs too; what a login has set goes.
make_base() {
	base=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-tests.XXXXXX")
	export HOME=$base
	unset XDG_RUNTIME_DIR XDG_STATE_HOME
}

# choose GROUP...: sets `names` to those asked for, or to all, less those that need one of the groups; counts `skipped`.
choose() {
	local all=() name

	skipped=0
	((${#names[@]})) || mapfile -t names < <(all_names)
	for name in "${names[@]}"; do
		[[ -e $workloads/$name.c ]] || { echo "no such test program: $name" >&2; exit 2; }
		if in_group "$name" "$@"; then
			((++skipped))
		else
			all+=("$name")
		fi
	done
	names=("${all[@]}")
}

# as_user NAME COMMAND...: this script once more as that user, if it is another.
as_user() {
	local user=$1
	shift

	[[ $user && $(id -un) != "$user" ]] || return 0
	exec setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups env USER="$user" LOGNAME="$user" "$@"
}
