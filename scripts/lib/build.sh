# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# build.sh - build Holdfast, quietly and with a line that shows that something happens.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# progress_line TEXT: on a terminal it replaces the line before; elsewhere nothing is shown.
progress_line() {
	[[ ! -t 1 ]] || printf '\r\033[K%s' "$1"
}

# quietly WHAT COMMAND...: shows WHAT and the time while the command runs, and its output only when it fails.
quietly() {
	local what=$1 log status began=$SECONDS command
	shift
	log=$(mktemp)
	[[ -t 1 ]] || echo "$what ..."
	"$@" </dev/null >"$log" 2>&1 &
	command=$!
	while kill -0 "$command" 2>/dev/null; do
		progress_line "$what ... $((SECONDS - began)) s"
		sleep 0.5
	done
	wait "$command"
	status=$?
	progress_line ''
	if ((status)); then
		tail -n 60 "$log" >&2
		echo "$what: failed after $((SECONDS - began)) s, all of its output is in $log" >&2
		return "$status"
	fi
	echo "$what: done in $((SECONDS - began)) s"
	rm -f "$log"
}

# maven ARGUMENT...: in the project's folder.
maven() {
	(cd "$root" && mvn --quiet --batch-mode --no-transfer-progress "$@")
}

build_all() {
	quietly "Building Holdfast" maven -DskipTests package
}
