/* SPDX-License-Identifier: Apache-2.0 */
/* madvise_wipe - an area that children find empty keeps its content in the process itself, and goes on being so. */
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define SIZE (64 << 10)

static char *make(int advice, uint64_t seed)
{
	char *start = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(start != MAP_FAILED);
	SYS(madvise(start, SIZE, advice));
	workload_fill(start, SIZE, seed);
	return start;
}

static _Noreturn void child(const char *wiped)
{
	for (int i = 0; i < SIZE; i++)
		SAME(0, wiped[i]);
	_exit(3);
}

int main(void)
{
	char *wiped = make(MADV_WIPEONFORK, 2);

	workload_ready();
	do {
		pid_t pid;

		workload_verify("area wiped by fork", wiped, SIZE, 2);
		pid = SYS(fork());
		if (!pid)
			child(wiped);
		workload_reap(pid, EXITED(3));
	} while (workload_goes_on());
	workload_pass();
}
