/* SPDX-License-Identifier: Apache-2.0 */
/* prctl_subreaper - a process that adopts its orphaned grandchildren goes on doing so, and keeps those it has. */
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

/* Makes a child whose own child outlives it; returns the number of the latter. */
static pid_t grandchild(pid_t me, bool stays)
{
	int number[2];
	pid_t middle, pid;

	SYS(pipe(number));
	middle = SYS(fork());
	if (!middle) {
		pid = SYS(fork());
		if (pid) {
			SAME(sizeof(pid), write(number[1], &pid, sizeof(pid)));
			_exit(1);
		}
		while (getppid() != me || (stays && !workload_finished()))
			workload_pause();
		_exit(2);
	}
	SAME(sizeof(pid), read(number[0], &pid, sizeof(pid)));
	SYS(close(number[0]));
	SYS(close(number[1]));
	workload_reap(middle, EXITED(1));
	return pid;
}

int main(void)
{
	pid_t stays, me = getpid();
	int is = 0;

	SYS(prctl(PR_SET_CHILD_SUBREAPER, 1));
	stays = grandchild(me, true);
	workload_ready();
	do {
		siginfo_t info = { 0 };

		SYS(prctl(PR_GET_CHILD_SUBREAPER, &is));
		SAME(1, is);
		ZERO(waitid(P_PID, stays, &info, WEXITED | WNOHANG | WNOWAIT));
		CHECK_BEFORE_END(!info.si_pid);
		workload_reap(grandchild(me, false), EXITED(2));
	} while (workload_goes_on());
	workload_reap(stays, EXITED(2));
	workload_pass();
}
