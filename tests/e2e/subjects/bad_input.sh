# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Bad input: one clear line with what to do, an exit code of its own, and nothing lost.

USAGE=64 BAD_IMAGE=65 REFUSED=69 STORE=73 NOT_EXECUTABLE=126 NOT_FOUND=127

# A job that counts in the file `count`, with some memory; it ends when the file `end` is there.
start_counter() {
	start counter /usr/bin/python3 -c '
import os, time
memory, count = os.urandom(3 << 20) + bytes(range(256)) * 20000, 0
while not os.path.exists("end"):
	count += 1
	with open("count", "w") as file: print(count, file=file)
	time.sleep(0.01)'
	await 20 "the job counts" test -s count
}

# It goes on counting.
goes_on() {
	touch marker
	await 20 "the job goes on" test count -nt marker
}

end_counter() {
	touch end
	finish
}

image() {
	find "$scratch/store" -path "*/$1/*.tar.zst" | sort | tail -n 1
}

# flip FILE OFFSET: one bit.
flip() {
	/usr/bin/python3 -c '
import sys
with open(sys.argv[1], "r+b") as file:
	file.seek(int(sys.argv[2])); byte = file.read(1)[0]
	file.seek(int(sys.argv[2])); file.write(bytes([byte ^ 1 << int(sys.argv[2]) % 8]))' "$1" "$2"
}

test_unknown_command() {
	refused $NOT_FOUND 'no-such-program.*not found' run -- no-such-program
	refused $NOT_FOUND 'no-such-program.*not found' run -- ./no-such-program
	echo text >file
	refused $NOT_EXECUTABLE 'file.*not executable' run -- ./file
	refused $NOT_EXECUTABLE 'is a directory' run -- ./
	[[ ! $(processes) ]] || fail "nothing was started"
}

# A statically linked program that cannot be given an interceptor: its filter may end it for calls that are not its own.
test_static_under_filter() {
	gcc -static -o filtered "$here/programs/filtered.c"
	start filtered ./filtered
	await 20 "the job counts" test -s count
	refused $REFUSED 'filtered\) has no interceptor .*cannot get one: it runs under a seccomp filter' checkpoint filtered
	goes_on
	end_counter
}

test_unknown_job() {
	local command

	for command in checkpoint restart show inspect verify; do
		refused $USAGE "no job 'nobody'.*holdfast jobs" "$command" nobody
		refused $USAGE "no job '7'.*holdfast jobs" "$command" 7
	done
}

test_wrong_usage() {
	refused $USAGE '.' run --interval soon -- true
	refused $USAGE '.' run
	refused $USAGE '.' fly
	refused $USAGE '.' checkpoint counter --then fly
}

test_states() {
	start_counter
	refused $REFUSED 'runs' restart counter
	checkpoint
	end_counter
	refused $REFUSED 'does not run.*holdfast restart' checkpoint counter
}

test_missing_epoch() {
	start_counter
	checkpoint
	kill_job
	refused $BAD_IMAGE 'no checkpoint 9.*holdfast show' restart counter --epoch 9
	restart
	end_counter
}

test_never_checkpointed() {
	start_counter
	kill_job
	refused $BAD_IMAGE 'no checkpoint yet' restart counter
}

# One flipped bit anywhere: refused by checksum, the older good checkpoint is offered, and taken where none was asked for.
test_flipped_bit() {
	local file size round

	start_counter
	checkpoint
	checkpoint
	kill_job
	for round in 1 2 3 4; do
		file=$(image 2)
		((round % 2)) || file=$scratch/store/1/2/manifest.json
		size=$(stat -c %s "$file")
		cp "$file" "$scratch/good"
		flip "$file" $((RANDOM * 32768 % size + RANDOM % 1000 * (size > 32768 * 1000)))
		hold verify counter >verified 2>&1
		(($? == BAD_IMAGE)) || fail "verify finds the damage: $(cat verified)"
		grep -q 'checkpoint 2 is damaged' verified || fail "verify tells: $(cat verified)"
		refused $BAD_IMAGE 'checkpoint 2 is damaged.*checkpoint 1 is good.*--epoch 1' restart counter --epoch 2
		((round == 4)) || cp "$scratch/good" "$file"
	done
	restart
	grep -q 'checkpoint 2 is damaged.*checkpoint 1' "$scratch/restart.err" || fail "the restart tells that it went back"
	goes_on
	checkpoint
	[[ $(epochs | xargs) == "1 3" || $(epochs | xargs) == "1 2 3" ]] || fail "nothing good is lost: $(epochs | xargs)"
	end_counter
}

test_cut_image() {
	local file

	start_counter
	checkpoint
	checkpoint
	kill_job
	file=$(image 2)
	truncate -s -1000 "$file"
	refused $BAD_IMAGE 'damaged.*checkpoint 1 is good' restart counter --epoch 2
	rm "$file"
	refused $BAD_IMAGE 'damaged.*checkpoint 1 is good' restart counter --epoch 2
	rm "$scratch/store/1/2/manifest.json"
	refused $BAD_IMAGE 'checkpoint 1 is good' restart counter --epoch 2
	restart
	goes_on
	end_counter
}

test_all_damaged() {
	start_counter
	checkpoint
	kill_job
	flip "$(image 1)" 100
	refused $BAD_IMAGE 'damaged.*no older good one' restart counter
}

# A newer Holdfast's checkpoint.
test_newer_format() {
	start_counter
	checkpoint
	checkpoint
	kill_job
	/usr/bin/python3 "$here/programs/newer.py" "$scratch/store/1/2/manifest.json"
	refused $BAD_IMAGE 'format version 99.*newer Holdfast' restart counter --epoch 2
	restart
	goes_on
	end_counter
}

# The store is a file system of its own.
own_store() {
	needs_root
	mkdir "$scratch/store"
	mount -t tmpfs -o size=64m tmpfs "$scratch/store" || skip "cannot mount"
}

# Of which one MiB is free from now on.
fill_store() {
	mount -o "remount,size=$(($(du -sk "$scratch/store" | cut -f1) + 1024))k" "$scratch/store"
}

test_full_disk() {
	own_store
	start_counter
	checkpoint
	fill_store
	refused $STORE 'space' checkpoint counter
	goes_on
	[[ $(epochs) == 1 ]] || fail "the first checkpoint is kept: $(epochs | xargs)"
	about 'it["checkpoints"][-1]["status"]' | grep -q failed || fail "show tells of the checkpoint that failed"
	[[ ! $(find "$scratch/store" -name '*.partial') ]] || fail "nothing is left of the failed checkpoint"
	kill_job
	in_front restart counter 2>"$scratch/restart.err"
	goes_on
	end_counter
}

test_read_only_store() {
	own_store
	start_counter
	checkpoint
	mount -o remount,ro "$scratch/store"
	refused $STORE '[Rr]ead-only' checkpoint counter
	goes_on
	mount -o remount,rw "$scratch/store"
	checkpoint
	kill_job
	mount -o remount,ro "$scratch/store"
	refused $STORE '[Rr]ead-only' run -- true
	mount -o remount,rw "$scratch/store"
	restart
	goes_on
	end_counter
}

test_forbidden_store() {
	((EUID != 0)) || skip "root may write everywhere"
	mkdir -m 0500 "$scratch/store"
	refused $STORE 'denied' run -- true
	chmod 0700 "$scratch/store"
}

