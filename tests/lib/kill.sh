# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# kill.sh - end processes all at once, as a power failure does: or one would see another die, and act on it.

# Whether a thread of these processes still runs. SIGSTOP takes effect when the thread that gets it does.
any_runs() {
	local pid thread stat

	for pid; do
		for thread in "/proc/$pid/task/"*; do
			read -r stat <"$thread/stat" || continue # it is gone
			stat=${stat##*) }
			[[ $stat == [TtZX]* ]] || return 0
		done
	done 2>/dev/null
	return 1
}

# kill_at_once PID...
kill_at_once() {
	local tries

	kill -STOP "$@" 2>/dev/null
	for ((tries = 0; tries < 200; tries++)); do
		any_runs "$@" || break
		sleep 0.005
	done
	kill -KILL "$@" 2>/dev/null
}
