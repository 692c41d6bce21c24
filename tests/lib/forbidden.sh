#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# forbidden.sh - run a command where an ordinary user may make no name space, as on a host that forbids it. The command
# is root's, of a user name space with the users of the host; what it runs as another user has no way to choose process
# numbers. For root.
#
# Its status is the command's; 77: this host is no place for that.
#
# usage: tests/lib/forbidden.sh COMMAND [ARGUMENT...]
set -u

# Behind the highest process number, where a pid name space may have its own (Linux 6.14): counting up to millions takes
# minutes.
numbers_end=65536
first_number=300

inside() {
	echo 0 >/proc/sys/user/max_user_namespaces || exit
	echo "$numbers_end" 2>/dev/null >/proc/sys/kernel/pid_max || (($(</proc/sys/kernel/pid_max) <= numbers_end)) || exit 77
	# Lower ones are only given once, and could not be counted up to.
	until (($(exec sh -c 'echo $$') > first_number)); do :; done
	exec "$@"
}

outside() {
	local gate map child status

	unshare --user true 2>/dev/null || exit 77
	gate=$(mktemp -u)
	mkfifo "$gate" || exit
	# shellcheck disable=SC2016 # for that shell
	unshare --user bash -c 'read -r _ <"$0" && exec unshare --mount --pid --fork --kill-child --mount-proc "$@"' \
		"$gate" "${BASH_SOURCE[0]}" --inside "$@" &
	child=$!
	trap 'rm -f "$gate"; kill "$child" 2>/dev/null' EXIT
	until [[ $(readlink /proc/$child/ns/user) != $(readlink /proc/self/ns/user) ]]; do
		kill -0 "$child" || exit
	done
	for map in uid_map gid_map; do
		echo "0 0 65536" >"/proc/$child/$map" || exit
	done
	echo >"$gate"
	wait "$child"
	status=$?
	trap - EXIT
	rm -f "$gate"
	exit "$status"
}

if [[ ${1-} == --inside ]]; then
	shift
	inside "$@"
fi
outside "$@"
