/* SPDX-License-Identifier: Apache-2.0 */
/* wait_child - parents blocked in every form of wait(2), each for a child that ends, or stops, only at the end. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static void by_waitpid(pid_t child)
{
	int status;

	SAME(child, waitpid(child, &status, 0));
	SAME(EXITED(21), status);
}

static void by_wait_any(pid_t child)
{
	int status;

	SAME(child, wait(&status));
	SAME(EXITED(21), status);
}

static void by_waitpid_group(pid_t child)
{
	int status;

	SAME(child, waitpid(0, &status, __WALL));
	SAME(EXITED(21), status);
}

static void by_wait4(pid_t child)
{
	struct rusage usage;
	int status;

	SAME(child, wait4(-1, &status, 0, &usage));
	SAME(EXITED(21), status);
	CHECK(usage.ru_maxrss > 0);
}

static void by_waitid(idtype_t type, id_t id, int options, pid_t child)
{
	siginfo_t info = { 0 };

	ZERO(waitid(type, id, &info, options));
	SAME(child, info.si_pid);
	SAME(SIGCHLD, info.si_signo);
	SAME(CLD_EXITED, info.si_code);
	SAME(21, info.si_status);
}

static void by_waitid_pid(pid_t child)
{
	by_waitid(P_PID, child, WEXITED, child);
}

static void by_waitid_all(pid_t child)
{
	by_waitid(P_ALL, 0, WEXITED, child);
}

static void by_waitid_group(pid_t child)
{
	by_waitid(P_PGID, getpgrp(), WEXITED, child);
}

static void by_waitid_nowait(pid_t child)
{
	by_waitid(P_PID, child, WEXITED | WNOWAIT, child);
	by_waitpid(child);
}

static void until_stopped(pid_t child)
{
	int status;

	SAME(child, waitpid(child, &status, WUNTRACED | WCONTINUED));
	CHECK(WIFSTOPPED(status));
	SAME(SIGSTOP, WSTOPSIG(status));
	SYS(kill(child, SIGCONT));
	by_waitpid(child);
}

static void (*const forms[])(pid_t) = { by_waitpid,    by_wait_any,	by_waitpid_group, by_wait4,	by_waitid_pid,
					by_waitid_all, by_waitid_group, by_waitid_nowait, until_stopped };
#define FORMS ((int)(sizeof(forms) / sizeof(*forms)))

static _Noreturn void child(bool stops)
{
	while (!workload_finished())
		workload_pause();
	if (stops)
		SYS(raise(SIGSTOP));
	_exit(21);
}

int main(void)
{
	pid_t waiter[FORMS];

	for (int i = 0; i < FORMS; i++) {
		waiter[i] = SYS(fork());
		if (!waiter[i]) {
			pid_t pid;

			SYS(setpgid(0, 0));
			pid = SYS(fork());
			if (!pid)
				child(forms[i] == until_stopped);
			forms[i](pid);
			CHECK(workload_finished());
			_exit(i);
		}
	}
	workload_ready();
	while (workload_goes_on()) {
		siginfo_t info = { 0 };

		ZERO(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT));
		CHECK_BEFORE_END(!info.si_pid);
	}
	for (int i = 0; i < FORMS; i++)
		workload_reap(waiter[i], EXITED(i));
	workload_pass();
}
