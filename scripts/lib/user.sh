# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# user.sh - run tests as an ordinary user, when root runs them.

# as_user PROGRAM ARGUMENT...: an ordinary user may not see this folder, so it gets a copy.
as_user() {
	local program=$1 copy status
	shift
	if ((EUID != 0)); then
		echo "all tests run as an ordinary user anyway"
		echo "0 passed, 0 failed"
		return
	fi
	copy=$(mktemp -d)
	make -s -C "${root:?}/tests/workloads"
	(cd "$root" && cp -a --parents scripts tests config preload/build node-runner/target/lib scheduler-plugin/target/lib "$copy")
	chmod -R a+rX "$copy"
	"$copy/$program" --user nobody "$@"
	status=$?
	rm -rf "$copy"
	return "$status"
}
