/* SPDX-License-Identifier: Apache-2.0 */
/* zombie - children that have ended in every way stay as they are until they are waited for at the end. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static const int ends[] = { EXITED(0),	     EXITED(1),	      EXITED(42),      EXITED(255), KILLED(SIGKILL),
			    KILLED(SIGTERM), KILLED(SIGSEGV), KILLED(SIGPIPE), KILLED(40) };
#define ENDS ((int)(sizeof(ends) / sizeof(*ends)))

static pid_t child[ENDS];

static void look(int i, int options)
{
	siginfo_t info = { 0 };
	int status = ends[i];

	ZERO(waitid(P_PID, child[i], &info, WEXITED | WNOWAIT | options));
	SAME(child[i], info.si_pid);
	SAME(getuid(), info.si_uid);
	SAME(WIFEXITED(status) ? CLD_EXITED : CLD_KILLED, info.si_code);
	SAME(WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), info.si_status);
}

static void make(void)
{
	struct rlimit none = { 0, 0 };

	SYS(setrlimit(RLIMIT_CORE, &none));
	for (int i = 0; i < ENDS; i++) {
		child[i] = SYS(fork());
		if (!child[i]) {
			signal(WTERMSIG(ends[i]), SIG_DFL);
			if (WIFSIGNALED(ends[i]))
				kill(getpid(), WTERMSIG(ends[i]));
			_exit(WEXITSTATUS(ends[i]));
		}
		look(i, 0);
	}
}

static void check(void)
{
	for (int i = 0; i < ENDS; i++) {
		look(i, WNOHANG);
		ZERO(kill(child[i], 0));
	}
}

static void reap(void)
{
	for (int i = ENDS - 1; i >= 0; i--)
		workload_reap(child[i], ends[i]);
	FAILS(ECHILD, waitpid(-1, NULL, 0));
}

/* A second process with zombies of its own, not the root of the job. */
static _Noreturn void second(void)
{
	make();
	while (!workload_finished()) {
		check();
		workload_pause();
	}
	reap();
	_exit(9);
}

int main(void)
{
	pid_t other = SYS(fork());

	if (!other)
		second();
	make();
	workload_ready();
	do
		check();
	while (workload_goes_on());
	workload_reap(other, EXITED(9));
	reap();
	workload_pass();
}
