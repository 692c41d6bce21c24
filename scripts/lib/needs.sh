# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# needs.sh - what a script needs from the system, as Debian's packages.

readonly JDK=openjdk-17-jdk-headless

# Whether what the package brings is there, wherever it came from.
needs_has() {
	case $1 in
	"$JDK") javac -version 2>&1 | grep -qE '^javac (1[7-9]|[2-9][0-9])' ;;
	maven) command -v mvn >/dev/null ;;
	libc6-dev) [[ -e /usr/include/stdio.h ]] ;;
	python3-numpy) /usr/bin/python3 -c 'import numpy' 2>/dev/null ;;
	python3) [[ -x /usr/bin/python3 ]] ;;
	bsdutils) command -v script >/dev/null ;;
	util-linux) command -v setpriv >/dev/null && command -v setsid >/dev/null ;;
	postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
	redis-tools) command -v redis-benchmark >/dev/null ;;
	openmpi-bin) command -v mpirun.openmpi >/dev/null ;;
	libopenmpi-dev) command -v mpicc.openmpi >/dev/null ;;
	mpich) command -v mpirun.mpich >/dev/null ;;
	libmpich-dev) command -v mpicc.mpich >/dev/null ;;
	lammps) command -v lmp >/dev/null ;;
	iproute2) command -v ip >/dev/null ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# need PACKAGE...: root gets what is missing with apt; everybody else is told, and the script ends.
need() {
	local missing=() package log

	for package; do
		needs_has "$package" || missing+=("$package")
	done
	((${#missing[@]})) || return 0
	if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
		echo "$(basename "$0"): missing on this machine: ${missing[*]}: install them, as root:" \
			"apt-get install --no-install-recommends ${missing[*]}" >&2
		exit 1
	fi
	echo "Installing ${missing[*]}"
	log=$(mktemp)
	if ! { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends \
		"${missing[@]}"; } </dev/null >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		echo "$(basename "$0"): apt-get could not install ${missing[*]}: see $log" >&2
		exit 1
	fi
	rm -f "$log"
}

need_build() {
	need "$JDK" maven gcc libc6-dev make
}
