/* SPDX-License-Identifier: Apache-2.0 */
/* dev_files - devices that every program may use: null, zero, full, random, urandom; open in two processes. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "workload.h"

enum { DEV_NULL, DEV_ZERO, DEV_FULL, DEV_RANDOM, DEV_URANDOM, DEVICES };

static const char *const paths[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom" };
static const unsigned minors[] = { 3, 5, 7, 8, 9 };
static int fds[DEVICES];
static char *mapped;

static void check(void)
{
	static const char zero[64];
	char a[64], b[64];

	for (int i = 0; i < DEVICES; i++) {
		struct stat status;

		SYS(fstat(fds[i], &status));
		CHECK(S_ISCHR(status.st_mode));
		SAME(makedev(1, minors[i]), status.st_rdev);
	}
	SAME(0, read(fds[DEV_NULL], a, sizeof(a)));
	SAME(64, write(fds[DEV_NULL], a, 64));
	SAME(64, read(fds[DEV_ZERO], a, 64));
	CHECK(!memcmp(a, zero, 64));
	FAILS(ENOSPC, write(fds[DEV_FULL], a, 64));
	SAME(64, read(fds[DEV_RANDOM], a, 64));
	SAME(64, read(fds[DEV_URANDOM], b, 64));
	CHECK(memcmp(a, zero, 64) && memcmp(b, zero, 64) && memcmp(a, b, 64));
	workload_verify("private mapping of /dev/zero", mapped, 8192, 4);
	SAME(0, mapped[8192]);
}

int main(void)
{
	pid_t child;

	for (int i = 0; i < DEVICES; i++)
		fds[i] = SYS(open(paths[i], (i == DEV_RANDOM ? O_RDONLY : O_RDWR) | O_CLOEXEC));
	mapped = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE, fds[DEV_ZERO], 0);
	CHECK(mapped != MAP_FAILED);
	workload_fill(mapped, 8192, 4);
	child = SYS(fork());
	if (!child) {
		while (!workload_finished()) {
			check();
			workload_pause();
		}
		_exit(0);
	}
	workload_ready();
	do
		check();
	while (workload_goes_on());
	workload_reap(child, EXITED(0));
	workload_pass();
}
