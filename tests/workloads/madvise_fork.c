/* SPDX-License-Identifier: Apache-2.0 */
/*
 * madvise_fork - areas that a child does not inherit, or that a dump leaves out, keep their content in the process
 * itself, and go on being so.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define SIZE (64 << 10)

static sigjmp_buf fault;

static void on_fault(int signal_number)
{
	(void)signal_number;
	siglongjmp(fault, 1);
}

static char *make(int advice, uint64_t seed)
{
	char *start = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(start != MAP_FAILED);
	SYS(madvise(start, SIZE, advice));
	workload_fill(start, SIZE, seed);
	return start;
}

static _Noreturn void child(volatile char *hidden, char *dumped)
{
	workload_verify("area without dump", dumped, SIZE, 3);
	if (!sigsetjmp(fault, 1)) {
		(void)*hidden;
		FAIL("the child sees an area that it should not inherit");
	}
	_exit(3);
}

int main(void)
{
	char *hidden = make(MADV_DONTFORK, 1), *dumped = make(MADV_DONTDUMP, 3);

	signal(SIGSEGV, on_fault);
	workload_ready();
	do {
		pid_t pid;

		workload_verify("area without fork", hidden, SIZE, 1);
		workload_verify("area without dump", dumped, SIZE, 3);
		pid = SYS(fork());
		if (!pid)
			child(hidden, dumped);
		workload_reap(pid, EXITED(3));
	} while (workload_goes_on());
	workload_pass();
}
