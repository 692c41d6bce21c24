# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What the commands tell and do.

start_sleepers() {
	start "$1" bash -c 'echo "$$" >pid; sleep 1000 & exec 9<>/dev/null; while [[ ! -e end ]]; do sleep 0.02; done; kill %1'
	await 20 "the job runs" test -s pid
}

# processor_ms COMMAND...: how much processor time it takes, which others on the machine do not change much.
processor_ms() {
	local TIMEFORMAT='%3U %3S' user system
	read -r user system < <({ time "$@" >/dev/null 2>&1; } 2>&1)
	echo $((10#${user/./} + 10#${system/./}))
}

test_help() {
	local took fastest=100000 try word

	hold --help >help || fail "--help: status $?"
	for word in run checkpoint restart jobs show inspect verify prune reindex; do
		grep -qw "$word" help || fail "--help tells of $word"
	done
	for try in 1 2 3 4 5; do
		took=$(processor_ms hold --help)
		((took >= fastest)) || fastest=$took
	done
	((fastest < 500)) || fail "--help answers within 0.5 s, not $fastest ms"
}

test_show() {
	start_sleepers shown
	checkpoint
	checkpoint
	[[ $(epochs | xargs) == "1 2" ]] || fail "two checkpoints: $(epochs | xargs)"
	[[ $(hold jobs --json | json '[(j["id"], j["name"], j["state"]) for j in it]') == "(1, 'shown', 'running')" ]] ||
		fail "jobs: $(hold jobs --json)"
	about '[p["command"] for p in it["processes"]]' | grep -qx 'sleep 1000' || fail "show has the tree of processes"
	hold show shown | grep -q committed || fail "show without --json: $(hold show shown)"
	hold inspect shown --json | json 'it' >inspected || fail "inspect"
	grep -q '/dev/null' inspected || fail "inspect tells the descriptors"
	hold inspect shown | grep -q . || fail "inspect without --json"
	hold verify shown || fail "verify: status $?"
	touch end
	finish
	in_state exited || fail "the job is known to have ended: $(about 'it["job"]["state"]')"
}

test_prune() {
	local n

	start_sleepers pruned
	for n in 1 2 3 4 5; do checkpoint; done
	[[ $(epochs | xargs) == "3 4 5" ]] || fail "the last three are kept: $(epochs | xargs)"
	hold prune --keep 1 >pruned || fail "prune: status $?"
	[[ $(epochs | xargs) == "5" ]] || fail "the last one is kept: $(epochs | xargs)"
	kill_job
	restart
	touch end
	finish
}

test_reindex() {
	start_sleepers reindexed
	checkpoint
	touch end
	finish
	rm -r "$scratch/state"
	hold reindex >told || fail "reindex: status $?"
	[[ $(epochs) == 1 ]] || fail "the store is the truth"
}

# An image can be read with ordinary tools.
test_image_is_tar() {
	local file

	start_sleepers image
	checkpoint
	file=$(find "$scratch/store" -name '*.tar.zst' | head -n 1)
	tar --zstd -tf "$file" >members || fail "tar reads $file"
	[[ $(grep -c "^mem/\|json$" members) -ge 2 ]] || fail "memory and JSON: $(cat members)"
	[[ $(stat -c %a "$file") == 600 && $(stat -c %a "$(dirname "$file")") == 700 ]] || fail "nobody else may read it"
	touch end
	finish
}

test_then_terminate() {
	start_sleepers terminated
	checkpoint --then terminate
	wait "$front"
	await 20 "nothing runs any more" no_process
	in_state terminated || fail "state: $(about 'it["job"]["state"]')"
	restart
	[[ $(root_pid) == "$(cat pid)" ]] || fail "the same process number"
	touch end
	finish
}

test_then_stop() {
	local pid

	start_sleepers stopped
	pid=$(cat pid)
	checkpoint --then stop
	[[ $(cut -d' ' -f3 "/proc/$pid/stat") == T ]] || fail "the job stands still"
	kill -CONT "-$pid"
	touch end
	finish
}

test_interval() {
	job=often
	in_front run --interval 1s --name often -- bash -c 'while [[ ! -e end ]]; do sleep 0.02; done' 2>"$scratch/often.err"
	await 60 "checkpoints are taken" three_epochs
	touch end
	finish
}

three_epochs() {
	[[ $(committed | tail -n 1) -ge 3 ]]
}

# Two jobs of one store at the same time, and jobs of another store beside them.
test_two_jobs() {
	local first

	start_sleepers one
	first=$front
	start two bash -c 'until [[ -e end_two ]]; do sleep 0.02; done'
	checkpoint
	job=one checkpoint
	[[ $(hold jobs --json | json 'len(it)') == 2 ]] || fail "two jobs"
	hold run --interval none --store "$scratch/other" -- true || fail "another store: status $?"
	[[ $(hold jobs --store "$scratch/other" --json | json '[j["id"] for j in it]') == 1 ]] || fail "its own job 1"
	touch end_two
	finish
	touch end
	job=one front=$first finish
}

# Another process gets the number of a thread while the job is restarted: it is made in a name space of its own then.
test_thread_number_taken() {
	local process thread taken

	needs_root
	[[ -w /proc/sys/kernel/ns_last_pid ]] || skip "process numbers cannot be chosen here"
	start threads /usr/bin/python3 "$here/programs/waits.py"
	await 30 "the job waits" test -e waits
	read -r process thread <waits
	checkpoint
	kill_job
	await 10 "the job is gone" test ! -d "/proc/$process"
	take_number "$process" "$thread" &
	taken=$!
	restart
	[[ $(<"/proc/$thread/comm") == sleep ]] || fail "the number is taken: $(<"/proc/$thread/comm")"
	touch end
	finish
	kill "$thread"
	wait "$taken"
}

# take_number PROCESS NUMBER: as soon as the process is there. Another test may get the number first.
take_number() {
	local asleep

	until [[ -d /proc/$1 ]]; do :; done
	while [[ ${asleep-} != "$2" ]]; do
		[[ ! ${asleep-} ]] || kill "$asleep"
		echo $(($2 - 1)) >/proc/sys/kernel/ns_last_pid
		sleep 60 &
		asleep=$!
	done
	wait "$asleep"
}
