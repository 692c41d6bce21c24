# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # of job.sh
# driver.sh - jobs with and without the kernel driver. Sourced by tests/run after job.sh; for who can insmod.

# driver_load MODULE
driver_load() {
	[[ -e /dev/holdfast ]] || insmod "$1" || job_fail "the driver cannot be loaded"
	wait_for_device
}

# udev, or the kernel, makes it in a moment.
wait_for_device() {
	local tries=0

	until [[ -e /dev/holdfast ]]; do
		((++tries < 100)) || job_fail "the driver made no device"
		sleep 0.05
	done
}

# What used it has ended; the last work of a thread may still be on its way.
driver_unload() {
	local tries=0

	until rmmod holdfast 2>>"${scratch:?}/command.log"; do
		((++tries < 100)) || job_fail "the driver cannot be unloaded"
		sleep 0.1
	done
}

# After a restart with the driver an ordinary user's processes have their numbers on the host, and no ability more.
job_granted() {
	local pid pids same=0

	((EUID)) || return 0
	mapfile -t pids < <(grep -oE '[0-9]+\.tar\.zst' "$(newest_manifest)" | cut -d. -f1 | sort -u)
	for pid in "${pids[@]}"; do
		job_processes | grep -qx "$pid" || continue # it may have ended since
		((++same))
		[[ $(readlink "/proc/$pid/ns/user") == "$(readlink /proc/self/ns/user)" ]] ||
			job_fail "process $pid is in a user name space"
		! grep -hs '^CapPrm:' "/proc/$pid"/task/*/status | grep -qv '[[:space:]]0*$' || job_fail "process $pid kept the grant"
	done
	((same)) || job_fail "no process has the number that it had"
}

# The driver of another version was not used, and both versions are in the runner's log.
job_without_driver() {
	job_barrier signals
	grep -qrE 'the kernel driver has version [0-9]+ of its interface, this Holdfast [0-9]+$' "$scratch"/runtime \
		--include=runner.log || job_fail "the runner's log does not say the driver's version"
}

newest_manifest() {
	find "$scratch"/store/*/[0-9]*/manifest.json | sort -V | tail -n 1
}

# job_barrier driver|signals: what stopped the processes of the last checkpoint. A program marked `// driver: signals` has
# its job stopped by signals.
job_barrier() {
	local program wanted=$1 manifest

	for program in "${programs[@]}"; do
		[[ ! $(job_marker "$program" driver) ]] || wanted=signals
	done
	manifest=$(newest_manifest)
	case $wanted in
	driver) grep -q '"driver" *: *true' "$manifest" || job_fail "the driver did not stop it" ;;
	*) ! grep -q '"driver" *: *true' "$manifest" || job_fail "the driver stopped it" ;;
	esac
}
