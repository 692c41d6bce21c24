# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Ports and addresses that the restart's host cannot give: the job has a network of its own then, and does not notice.

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
