# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Ports and addresses that the restart's host cannot give: the job has a network of its own then, and does not notice.
# Connections that leave the job: they stay as long as it goes on, and are reset by a restart.

# shellcheck source=tests/e2e/survives.sh
. "$here/survives.sh"

count_above() {
	[[ -s count ]] && (($(<count) > $1))
}

goes_on_in_its_own_network() {
	restart
	rm -f count
	await 30 "client and server go on" count_above 20
	grep -q 'a network of its own' "$scratch/restart.err" || fail "the restart says so: $(<"$scratch/restart.err")"
}

ends_well() {
	touch end
	finish
	grep -qx 'the client ended with 0' "$scratch/$job.out" || fail "the client ended well: $(<"$scratch/$job.out")"
}

test_port_taken() {
	local port=$((20000 + RANDOM % 10000)) other

	start echo /usr/bin/python3 "$here/programs/echo.py" 127.0.0.1 $port
	await 30 "client and server run" count_above 20
	checkpoint
	kill_job
	/usr/bin/python3 -c 'import socket, sys, time
taken = socket.create_server(("127.0.0.1", int(sys.argv[1])))
open("taken", "w").close()
time.sleep(600)' $port &
	other=$!
	await 30 "the port is taken" test -e taken
	goes_on_in_its_own_network
	checkpoint
	kill_job
	goes_on_in_its_own_network
	ends_well
	kill "$other"
}

# The job begins in a network that has the address, and goes on where nothing has it.
test_address_gone() {
	needs_root
	job=named
	marked+=(unshare --net sh -c 'ip link set lo up && ip address add 192.0.2.7/32 dev lo && exec "$@"' sh)
	in_front run --interval none --name "$job" -- /usr/bin/python3 "$here/programs/echo.py" 192.0.2.7 20000 \
		>"$scratch/$job.out" 2>"$scratch/$job.err"
	await 60 "client and server run" count_above 20
	environment
	checkpoint
	kill_job
	goes_on_in_its_own_network
	ends_well
}

# A server that is not of the job, on $port; ends with the test's shell.
serve_outside() {
	coproc outside { exec timeout 300 /usr/bin/python3 "$here/programs/outside.py" serve; }
	read -r port <&"${outside[0]}"
}

talks() {
	rm -f count
	await 30 "the job talks to the server" count_above 5
}

test_connection_leaves_the_job() {
	local port

	serve_outside
	start talker /usr/bin/python3 "$here/programs/outside.py" talk "$port"
	talks
	checkpoint
	talks
	about 'it["checkpoints"][-1]["connections"]' | grep -q "127.0.0.1:$port" || fail "show names the connection"
	kill_job
	restart
	await 30 "the job is told of the reset, and connects anew" grep -qx 'reset' "$scratch/$job.out"
	talks
	touch end
	finish
	kill "$outside_PID"
}

test_connection_refused() {
	local port

	serve_outside
	job=strict
	in_front run --interval none --external fail --name "$job" -- \
		/usr/bin/python3 "$here/programs/outside.py" talk "$port" >"$scratch/$job.out" 2>"$scratch/$job.err"
	await 60 "the job starts" entered RUNNING
	talks
	hold checkpoint "$job" </dev/null >"$scratch/refused" 2>&1 && fail "the checkpoint is refused"
	grep -q "descriptor [0-9]* is the connection tcp 127.0.0.1:[0-9]* to 127.0.0.1:$port, which leaves the job" "$scratch/refused" ||
		fail "the refusal names the connection: $(<"$scratch/refused")"
	talks
	touch end
	finish
	kill "$outside_PID"
}

# Streams at full speed in both directions, with checkpoints as close to each other as they can be. An ordinary user
# cannot widen the window of a receiver that is so far behind: the job goes on for moments, in which receivers read.
test_streams_every_100ms() {
	make -s -C "$here/../workloads" || fail "the programs are built"
	interval=100ms start streams env "WORKLOAD_DIR=$PWD" "$here/../workloads/build/tcp_stream"
	await 60 "6 checkpoints are taken" newest_above 5
	kill_job
	restart
	await 60 "6 more are taken" newest_above 11
	kill_job
	restart
	await 30 "and one more" newest_above 12
	touch finish
	finish
	grep -qx pass "$scratch/streams.out" || fail "the streams have what was sent: $(<"$scratch/streams.out")"
}

newest_above() {
	(($(newest) > $1))
}
