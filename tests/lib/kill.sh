# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# kill.sh - end processes all at once, as a power failure does: or one would see another die, and act on it.

# stat_of FOLDER: sets `stat`. A name may have a line's end in it.
stat_of() {
	stat=
	read -rd '' stat <"$1/stat"
	[[ $stat ]]
}

# all_in STATES PID...: whether each thread is in one of these states (proc_pid_stat(5)).
all_in() {
	local states=$1 pid thread stat

	for pid in "${@:2}"; do
		for thread in "/proc/$pid/task/"*; do
			stat_of "$thread" || continue # it is gone
			stat=${stat##*) }
			[[ $stat == ["$states"]* ]] || return 1
		done
	done 2>/dev/null
}

# oldest_first PID...: parents before their children.
oldest_first() {
	local pid stat fields

	for pid in "$@"; do
		stat_of "/proc/$pid" || continue
		read -ra fields <<<"${stat##*) }"
		echo "${fields[19]} $pid" # when it started
	done 2>/dev/null | sort -n -k 1,1 -k 2,2 | cut -d ' ' -f 2
}

# kill_at_once PID...: parents are stopped first, or one would see its child stopped. SIGSTOP takes effect when the thread
# that gets it runs, which takes long on a busy machine; and a parent that is told of its child's stop may let it go on
# before it stops itself. Who waits for its child of a vfork (D) or whom the kernel driver has stopped (I) does not stop at
# all, nor does it run. Children are killed first: the end of a parent would let a stopped group go on, with a hangup that
# is ignored where the tests run under nohup(1).
kill_at_once() {
	local tries states=TtZX parents_first children_first

	mapfile -t parents_first < <(oldest_first "$@")
	((${#parents_first[@]})) || return 0
	mapfile -t children_first < <(printf '%s\n' "${parents_first[@]}" | tac)

	for ((tries = 0; tries < 3000; tries++)); do
		((tries == 200)) && states+=DI
		kill -STOP "${parents_first[@]}" 2>/dev/null
		all_in "$states" "$@" && break
		sleep 0.005
	done
	kill -KILL "${children_first[@]}" 2>/dev/null
}
