/* SPDX-License-Identifier: Apache-2.0 */
// needs: alone
/*
 * orphan - a process whose parent has ended, with a child of its own, keeps the number of its new parent, and the root
 * of the job that of its parent: programs take a change for the end of their parent.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static _Noreturn void orphan(pid_t dead, int report)
{
	pid_t me = getpid(), adopted, child = SYS(fork());

	if (!child) {
		while (!workload_finished()) {
			SAME(me, getppid());
			workload_pause();
		}
		_exit(8);
	}
	while (getppid() == dead)
		workload_pause();
	adopted = getppid();
	SAME(1, write(report, "a", 1));
	while (!workload_finished()) {
		siginfo_t info = { 0 };

		SAME(adopted, getppid());
		SAME(me, getpid());
		ZERO(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT));
		CHECK_BEFORE_END(!info.si_pid);
		workload_pause();
	}
	workload_reap(child, EXITED(8));
	SAME(1, write(report, "z", 1));
	_exit(0);
}

int main(void)
{
	int report[2];
	pid_t middle, parent = getppid();
	char word;

	SYS(pipe(report));
	middle = SYS(fork());
	if (!middle) {
		pid_t me = getpid();

		if (!SYS(fork()))
			orphan(me, report[1]);
		_exit(5);
	}
	SYS(close(report[1]));
	workload_reap(middle, EXITED(5));
	SAME(1, read(report[0], &word, 1));
	SAME('a', word);
	workload_ready();
	do {
		SAME(parent, getppid());
		FAILS(ECHILD, waitpid(-1, NULL, WNOHANG));
	} while (workload_goes_on());
	SAME(1, read(report[0], &word, 1));
	SAME('z', word);
	SAME(0, read(report[0], &word, 1));
	workload_pass();
}
