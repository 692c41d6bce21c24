# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Real applications, killed at random moments and restarted: their results are those of an uninterrupted run.

# shellcheck source=tests/e2e/survives.sh
. "$here/survives.sh"

# The programs run for a time that goes with it.
kills=2
[[ ${ROUNDS-} != long ]] || kills=3

test_bash() {
	survives "$kills" bash -c '
		main=$$
		for ((n = 1; n <= 1500; n++)); do
			[[ $$ == "$main" && $(echo $PPID) == "$PPID" ]] || exit 3
			echo "$n $((n * n)) $(seq $n | wc -l)"
		done >result/squares &
		for ((n = 1; n <= 1000; n++)); do
			read -r first rest < <(echo "$n of many")
			echo "$first"
			sleep 0.01
		done >result/numbers
		wait'
}

# Nothing can be preloaded into a statically linked program.
test_static_shell() {
	survives "$kills" /bin/busybox sh -c '
		n=0
		while [ $n -lt 1000 ]; do
			n=$((n + 1))
			echo "$n $(/bin/busybox seq $n | /bin/busybox wc -l) $(/bin/busybox expr $n \* $n)"
		done >result/squares &
		while [ ${#line} -lt 400 ]; do
			line=$line.
			echo "$line"
			/bin/busybox usleep 20000
		done >result/lines
		wait'
}

test_pipeline() {
	seq 1000000 | gzip >"$scratch/numbers.gz"
	survives "$kills" bash -c '
		set -o pipefail
		for ((round = 1; round <= 3 * $0; round++)); do
			gzip -dc ../numbers.gz | awk "{ print (\$1 * 7919) % 1000003 }" | sort -n -S 200M | gzip -n >result/$round.gz || exit
		done' "$kills"
}

test_python_threads() {
	survives "$kills" /usr/bin/python3 "$here/programs/threads.py" result/sums $((kills * 225000))
}

test_numpy() {
	survives "$kills" /usr/bin/python3 "$here/programs/power.py" result/eigenvalues
}

test_multiprocessing() {
	survives "$kills" /usr/bin/python3 "$here/programs/pool.py" result/primes $((kills * 600))
}

# -B: make takes a file that was half written when the job was killed for a new one.
test_gcc() {
	/usr/bin/python3 "$here/programs/sources.py" "$scratch/source" $((kills * 8))
	survives "$kills" bash -c 'cp -r ../source . && make -s -B -j2 -C source && cp source/program result && source/program >result/output'
}

# The next Java virtual machine takes away the counters (hsperfdata) of one that is gone.
test_java() {
	kill_job() {
		end_all
		wait "$front" 2>/dev/null
		java -version 2>/dev/null
	}
	survives "$kills" java -Xmx64m -XX:+UsePerfData "$here/programs/Sums.java" result/sums $((kills * 1250))
}

# Shared memory all of which is in the swap area looks, to the process, as if it had never been touched.
test_swapped() {
	local group

	needs_root
	make_swap || skip "no swap area can be made here"
	group=$(memory_group) || skip "no control group for memory can be made here"
	start swapped sh -c 'echo $$ >"$0/cgroup.procs" && exec /usr/bin/python3 "$1"' "$group" "$here/programs/idle.py"
	await 30 "the job has filled its memory" test -e filled
	put_out "$group"
	await 30 "the job's memory is in the swap area" swapped_out 16000
	checkpoint
	kill_job
	rmdir "$group"
	restart
	touch end
	finish
	[[ $(<wrong) == 0 ]] || fail "$(<wrong) of 4096 pages are other ones"
}

make_swap() {
	fallocate -l 64M "$scratch/swap" && chmod 600 "$scratch/swap" && mkswap -q "$scratch/swap" && swapon "$scratch/swap"
}

memory_group() {
	local root

	for root in /sys/fs/cgroup/memory /sys/fs/cgroup; do
		[[ -e $root/memory.force_empty || -e $root/cgroup.controllers ]] || continue
		mkdir "$root/holdfast-$$" && echo "$root/holdfast-$$" && return
	done
	return 1
}

put_out() {
	if [[ -e $1/memory.reclaim ]]; then
		echo 32M >"$1/memory.reclaim"
	else
		echo 1 >"$1/memory.force_empty"
	fi 2>/dev/null # there is not so much to be put out
	return 0
}

# swapped_out KIB
swapped_out() {
	(($(awk -v file="$scratch/swap" '$1 == file { print $4 }' /proc/swaps) > $1)) && put_out "$group"
}

# The name service's cache daemon shares its memory with who asks. It is there when the job begins, and gone, with its
# files, when it is restarted; then it is there again.
test_name_service_cache() {
	needs_root
	command -v nscd >/dev/null || skip "nscd is not installed"
	job=lookups
	in_caches_of_its_own nscd
	in_front run --interval none --name "$job" -- /usr/bin/python3 "$here/programs/lookups.py" \
		>"$scratch/$job.out" 2>"$scratch/$job.err"
	await 60 "names are looked up" test -s count
	[[ $(<mapped) == True ]] || fail "the cache is mapped"
	looked_up_after_restart true
	looked_up_after_restart nscd
	touch end
	finish
	end_all # the daemon
}

# in_caches_of_its_own COMMAND: Holdfast runs where the cache has no files but those that the command makes.
in_caches_of_its_own() {
	environment
	marked+=(unshare --mount sh -c 'mount -t tmpfs none /run/nscd && mount -t tmpfs none /var/cache/nscd && "$0" &&
		exec "$@"' "$1")
}

looked_up_after_restart() {
	environment
	checkpoint
	kill_job
	rm count
	in_caches_of_its_own "$1"
	restart
	await 30 "names are looked up after a restart" test -s count
}
