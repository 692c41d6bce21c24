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

# numbers COUNT: a program that writes so many lines to its standard output.
numbers() {
	# shellcheck disable=SC2016
	echo 'for ((n = 1; n <= '"$1"'; n++)); do echo "line $n of the job'"'"'s output"; sleep 0.005; done'
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
	start redirected bash -c "{ $(numbers 900); } >out"
	cut_and_kept out
	cut_and_kept out
	finish
	in_order out
	[[ $(wc -l <out) == 900 ]] || fail "900 lines"
}

test_appended() {
	seq 3 >log
	start appended bash -c "{ $(numbers 900); } >>log"
	cut_and_kept log
	finish
	sed 1,3d log >numbers
	in_order numbers
	[[ $(head -n 3 log | xargs) == "1 2 3" && $(wc -l <log) == 903 ]] || fail "the log begins as it did"
}

# Opened anew for each line, as log files often are: nothing holds it open at the checkpoint, so nothing is cut.
test_reopened() {
	start reopened bash -c 'for ((n = 1; n <= 600; n++)); do echo "$n" >>log; sleep 0.005; done'
	await 30 "the job writes" lines_above log 20
	checkpoint
	kill_job
	restart
	finish
	[[ $(sort -un log | wc -l) == 600 ]] || fail "every line is there"
}

# The standard output of the job, a file of the caller's: it goes on there, wherever the restart's own output goes.
test_standard_output() {
	cd "$scratch" || exit
	start output bash -c "$(numbers 600)"
	cut_and_kept output.out
	finish
	in_order output.out
	[[ $(wc -l <output.out) == 600 ]] || fail "600 lines"
}

# The standard output is a pipe to the caller's next program: after a restart it is the new caller's.
test_output_to_pipe() {
	job=piped
	(hold run --interval none --name piped -- bash -c "$(numbers 600)" </dev/null | cat >first) &
	await 60 "the job starts" entered RUNNING
	await 30 "the job writes" lines_above first 20
	checkpoint
	front=$!
	kill_job
	hold restart piped </dev/null | cat >second
	[[ $(tail -n 1 second) == "line 600 of the job's output" ]] || fail "the output goes on to its end: $(tail -n 1 second)"
	(($(wc -l <first) + $(wc -l <second) >= 600)) || fail "no line is lost"
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
