# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Servers as jobs, their clients inside: what they were told is all there in the end, once.

# shellcheck source=tests/e2e/survives.sh
. "$here/survives.sh"

# A port of the loopback address that nobody has.
free_port() {
	local port

	for ((port = 20000 + RANDOM % 10000; ; port++)); do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# The append-only file is cut back with the memory; a rewrite of it would be another file.
test_redis() {
	command -v redis-server >/dev/null || skip "redis-server is not installed"
	command -v redis-benchmark >/dev/null || skip "redis-tools are not installed"
	export port requests=${REQUESTS:-200000}
	port=$(free_port)
	survives 3 bash -c '
		serve() {
			redis-server --bind 127.0.0.1 --port "$port" --dir "$PWD" --save "" --appendonly yes \
				--auto-aof-rewrite-percentage 0 >>server.log &
			until [[ $(redis-cli -p "$port" ping 2>&1) == PONG ]]; do sleep 0.1; done
		}
		tell() {
			redis-cli -p "$port" get counter:__rand_int__
			redis-cli -p "$port" llen mylist
		}
		finish() {
			redis-cli -p "$port" shutdown nosave
			wait
		}
		serve
		redis-benchmark -p "$port" -c 20 -n "$requests" -t incr,lpush >benchmark.log || exit
		tell >result/told
		finish
		serve
		tell >result/kept
		finish'
	diff result/told result/kept >&2 || fail "the append-only file has what the server had"
}

# PostgreSQL writes into the middle of its files, which are not part of a checkpoint: either the job does nothing more
# after one ...
test_postgresql_terminated() {
	local round

	start_postgresql
	for ((round = 0; round < 3; round++)); do
		pause 999
		halted_by terminate || break
		wait "$front"
		restart
	done
	finish_postgresql "$round"
}

# ... or the files are copied while it stands still, and put back before it is restarted.
test_postgresql_killed() {
	local round pids

	start_postgresql
	for ((round = 0; round < 3; round++)); do
		pause 999
		halted_by stop || break
		rm -rf "$scratch/copy"
		cp -a "$data" "$scratch/copy"
		mapfile -t pids < <(processes)
		kill -CONT "${pids[@]}"
		pause 999
		kill_job
		rm -rf "$data"
		cp -a "$scratch/copy" "$data"
		restart
	done
	finish_postgresql "$round"
}

start_postgresql() {
	local programs

	programs=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)" 2>/dev/null)
	[[ -x $programs/initdb ]] || skip "postgresql is not installed"
	((EUID != 0)) || skip "PostgreSQL refuses root: run it with --user"
	export PATH=$programs:$PATH PGHOST=$scratch/work PGUSER=bench PGDATABASE=postgres data=$scratch/data
	export clients=4 transactions=${TRANSACTIONS:-10000}
	make_database >"$scratch/initdb.log" 2>&1 || fail "the database is made: $(tail -n 3 "$scratch/initdb.log")"
	mkdir result
	start postgresql bash -c '
		postgres -D "$data" -k "$PGHOST" >>server.log 2>&1 &
		until pg_isready -q; do sleep 0.1; done
		touch ready
		pgbench -n -c "$clients" -j 2 -t "$transactions" >benchmark.log 2>&1 || exit
		psql -Atc "
			SELECT sum(abalance) FROM pgbench_accounts;
			SELECT sum(bbalance) FROM pgbench_branches;
			SELECT sum(tbalance) FROM pgbench_tellers;
			SELECT sum(delta) FROM pgbench_history;" >result/sums
		psql -Atc "SELECT count(*) FROM pgbench_history" >result/count
		pg_ctl -D "$data" -m fast -s stop'
	await 60 "the server is ready" test -e ready
}

# Made outside of the job.
make_database() {
	initdb -D "$data" -U "$PGUSER" -A trust -N &&
		printf '%s\n' "listen_addresses = ''" "fsync = off" >>"$data/postgresql.conf" &&
		pg_ctl -D "$data" -s -w -o "-k $PGHOST" -l "$scratch/make.log" start &&
		pgbench -i -q -s 4 && pg_ctl -D "$data" -s -w stop
}

# halted_by stop|terminate: a checkpoint after which the job does nothing more; fails when the job has ended before.
halted_by() {
	hold checkpoint "$job" --then "$1" </dev/null >>"$scratch/commands.log" 2>&1 && return
	tail -n 1 "$scratch/commands.log" | grep -qE 'does not run|has ended' ||
		fail "checkpoint: $(tail -n 1 "$scratch/commands.log")"
	return 1
}

# finish_postgresql ROUNDS: what pgbench promises holds.
finish_postgresql() {
	finish
	(($1)) || fail "the job was restarted at least once"
	(($(cat result/count) == clients * transactions)) || fail "each transaction is there once: $(cat result/count)"
	(($(sort -u result/sums | wc -l) == 1)) || fail "all sums are the same: $(tr '\n' ' ' <result/sums)"
}
