# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# kill.sh - end processes all at once, as a power failure does: or one would see another die, and act on it.

# all_in STATES PID...: whether each thread is in one of these states (proc_pid_stat(5)).
all_in() {
	local states=$1 pid thread stat

	for pid in "${@:2}"; do
		for thread in "/proc/$pid/task/"*; do
			read -r stat <"$thread/stat" || continue # it is gone
			stat=${stat##*) }
			[[ $stat == ["$states"]* ]] || return 1
		done
	done 2>/dev/null
}

# kill_at_once PID...: SIGSTOP takes effect when the thread that gets it runs, which takes long on a busy machine; and a
# parent that is told of its child's stop may let it go on before it stops itself. Who waits for its child of a vfork
# does not stop at all (D), nor does it run. Children come first: the end of a parent would let a stopped group go on,
# with a hangup that is ignored where the tests run under nohup(1).
kill_at_once() {
	local tries states=TtZX

	for ((tries = 0; tries < 3000; tries++)); do
		((tries == 200)) && states+=D
		kill -STOP "$@" 2>/dev/null
		all_in "$states" "$@" && break
		sleep 0.005
	done
	kill -KILL "$@" 2>/dev/null
}
