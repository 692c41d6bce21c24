/* SPDX-License-Identifier: Apache-2.0 */
/* shm_posix - POSIX shared memory between two processes: one object by its name, one that is unlinked. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

#define SIZE (128 << 10)

/* A name that is this run's own, and that the harness cleans up after a failure: its folder with other slashes. */
static const char *name_of(const char *suffix)
{
	static char name[300];

	snprintf(name, sizeof(name), "%s.%s", workload_path("") + 1, suffix);
	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '_';
	return name;
}

static volatile char *make(const char *suffix)
{
	int fd = SYS(shm_open(name_of(suffix), O_CREAT | O_EXCL | O_RDWR, 0600));
	char *start;

	SYS(ftruncate(fd, SIZE));
	start = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(start != MAP_FAILED);
	SYS(close(fd));
	workload_fill(start + 8, SIZE - 8, suffix[0]);
	return start;
}

static void check_by_name(volatile char *named)
{
	int fd = SYS(shm_open(name_of("named"), O_RDWR, 0));
	char *again = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);

	CHECK(again != MAP_FAILED);
	named[2]++;
	SAME(named[2], again[2]);
	SYS(close(fd));
	SYS(munmap(again, SIZE));
}

static void exchange(volatile char *area, char turn)
{
	area[0] = turn;
	while (area[1] != turn)
		workload_pause();
	workload_verify("shared memory", (char *)area + 8, SIZE - 8, turn & 1 ? 'n' : 'u');
}

int main(void)
{
	volatile char *named = make("named"), *unlinked = make("unlinked");
	char turn = 0;
	pid_t child;

	SYS(shm_unlink(name_of("unlinked")));
	child = SYS(fork());
	if (!child) {
		while (named[0] != 'q') {
			named[1] = named[0];
			unlinked[1] = unlinked[0];
			workload_pause();
		}
		_exit(5);
	}
	workload_ready();
	do {
		exchange(named, 2 * turn + 1);
		exchange(unlinked, 2 * turn);
		check_by_name(named);
		turn = (turn + 1) % 50;
	} while (workload_goes_on());
	named[0] = 'q';
	workload_reap(child, EXITED(5));
	SYS(shm_unlink(name_of("named")));
	workload_pass();
}
