# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Output written after the checkpoint: a restart rolls it back, and keeps what it cut off. Neither torn nor doubled.

# lines_above FILE N
lines_above() {
	(($(wc -l <"$1") > $2))
}

# Every number once, in order, each in a whole line.
in_order() {
	awk '$0 != "line " NR " of the job\047s output" { exit 1 }' "$1" || fail "$1 has every line once, in order"
}

# A program that writes lines to its standard output, until the file `end` is there; it leaves their number in `count`.
numbers='n=0; while [[ ! -e end ]]; do echo "line $((++n)) of the job'"'"'s output"; sleep 0.005; done; echo $n >count'

# ends_in_order FILE: the job ends, and the file has all that it wrote.
ends_in_order() {
	touch end
	finish
	in_order "$1"
	[[ $(wc -l <"$1") == "$(cat count)" ]] || fail "$1 has $(wc -l <"$1") lines, the job wrote $(cat count)"
}

# cut_and_kept FILE: checkpoints while the job writes the file, kills, restarts; afterwards the tail is beside it.
cut_and_kept() {
	local file=$1 kept

	await 30 "the job writes $file" lines_above "$file" 20
	checkpoint
	await 30 "the job goes on writing" lines_above "$file" $(($(wc -l <"$file") + 20))
	kill_job
	cp "$file" "$scratch/before"
	restart
	kept=$(find . -path "./$file?*" -newer "$scratch/before" ! -name "$file")
	[[ $kept ]] || fail "the cut tail is kept beside $file: $(ls)"
	tail -c "$(wc -c <"$kept")" "$scratch/before" | cmp - "$kept" >&2 || fail "$kept is the tail of $file"
}

test_redirected() {
	start redirected bash -c "{ $numbers; } >out"
	cut_and_kept out
	cut_and_kept out
	ends_in_order out
}

test_appended() {
	printf 'line %d of the job'"'"'s output\n' 1 2 3 >log
	start appended bash -c "{ n=3; ${numbers#n=0; }; } >>log"
	cut_and_kept log
	ends_in_order log
}

# Opened anew for each line, as log files often are: nothing holds it open at the checkpoint, so nothing is cut.
test_reopened() {
	start reopened bash -c 'n=0; while [[ ! -e end ]]; do echo "$((++n))" >>log; sleep 0.005; done; echo $n >count'
	await 30 "the job writes" lines_above log 20
	checkpoint
	kill_job
	restart
	touch end
	finish
	! seq "$(cat count)" | grep -qvxF -f log || fail "every line is there"
}

# The standard output of the job, a file of the caller's: it goes on there, wherever the restart's own output goes.
test_standard_output() {
	cd "$scratch" || exit
	start output bash -c "$numbers"
	cut_and_kept output.out
	ends_in_order output.out
}

# The standard output is a pipe to the caller's next program: after a restart it is the new caller's.
test_output_to_pipe() {
	job=piped
	(hold run --interval none --name piped -- bash -c "$numbers" </dev/null | cat >first) &
	front=$!
	await 60 "the job starts" entered RUNNING
	await 30 "the job writes" lines_above first 20
	checkpoint
	kill_job
	: >second
	(hold restart piped </dev/null 2>"$scratch/restart.err" | cat >>second) &
	front=$!
	await 60 "the job writes to the new pipe" lines_above second 20
	touch end
	wait "$front"
	sort -un -k2 first second >both
	in_order both
	(($(wc -l <both) >= $(cat count))) || fail "no line is lost"
	sort -c -n -k2 second || fail "what came after the restart is in order"
}

# What is in a pipe between two processes belongs to the checkpoint.
test_pipe() {
	start pipe bash -c 'seq 300000 | { while read -r n; do echo "$n"; ((n % 1000)) || sleep 0.01; done; } | awk "{ s += \$1; print s }" >sums'
	await 30 "the job writes" lines_above sums 1000
	checkpoint
	kill_job
	restart
	finish
	seq 300000 | awk '{ s += $1; print s }' | cmp - sums >&2 || fail "every number came through the pipe once"
}

# What the job has deleted since, with its folder, as MPI does with all that it has in /tmp: a file that it had mapped and
# written, a FIFO and a socket's name are made again. So they are when other files have their names now, which are kept.
test_temporary() {
	start temporary python3 "$here/programs/temporary.py" folder
	await 30 "the job has made its folder" test -e made
	checkpoint
	deleted_and_killed
	restart
	[[ -s folder/mapped ]] || fail "the file is made again: $(tail -n 1 "$scratch/restart.err")"
	deleted_and_killed
	mkdir folder
	echo another >folder/mapped
	restart
	[[ $(cat folder/mapped.holdfast-cut-*) == another ]] || fail "the other file is kept: $(ls folder)"
	touch delete end
	finish
	[[ $(<result) == "$((2 * 4096 * 255 * 128)) word" ]] || fail "the content was that of the checkpoint: $(<result)"
}

deleted_and_killed() {
	touch delete
	await 30 "the job deletes the folder" test ! -e folder
	kill_job
	rm delete
}
