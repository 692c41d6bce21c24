# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# user.sh - run tests as an ordinary user, when root runs them.

# as_user PROGRAM ARGUMENT...: where an ordinary user cannot see this folder, it gets a copy, which starts more slowly:
# the archives of classes are good for the paths that they were made for.
as_user() {
	where_user_sees env "$@"
}

# The same, where that user may make no name space.
as_forbidden_user() {
	local status

	where_user_sees "${root:?}/tests/lib/forbidden.sh" "$@"
	status=$?
	((status == 77)) || return "$status"
	echo "here numbers cannot be forbidden, or counting up to them would take too long"
	echo "0 passed, 0 failed, 1 skipped"
}

# where_user_sees COMMAND PROGRAM ARGUMENT...
where_user_sees() {
	local command=$1 program=$2 place=${root:?} status
	shift 2
	if ((EUID != 0)); then
		echo "all tests run as an ordinary user anyway"
		echo "0 passed, 0 failed"
		return
	fi
	make -s -C "$root/tests/workloads"
	is_seen_by_nobody || place=$(copy_for_all)
	"$command" "$place/$program" --user nobody "$@"
	status=$?
	[[ $place == "$root" ]] || rm -rf "$place"
	return "$status"
}

is_seen_by_nobody() {
	setpriv --reuid=nobody --regid=nogroup --clear-groups find "$root"/{scripts,tests,config,preload/build,*/target/lib} \
		! -readable -printf unreadable -quit 2>/dev/null | grep -q . && return 1
	setpriv --reuid=nobody --regid=nogroup --clear-groups test -r "$root/scripts/holdfast"
}

copy_for_all() {
	local copy

	copy=$(mktemp -d)
	(cd "$root" && cp -a --parents scripts tests config kdriver preload/build node-runner/target/lib scheduler-plugin/target/lib "$copy")
	chmod -R a+rX "$copy"
	echo "$copy"
}
