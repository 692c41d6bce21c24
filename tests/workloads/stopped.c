/* SPDX-License-Identifier: Apache-2.0 */
// refused: is stopped by a signal
/* stopped - a process stopped by SIGSTOP, and one by SIGTSTP, stay so until they are continued at the end. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static char state_of(pid_t pid)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	CHECK(file && fgets(line, sizeof(line), file));
	fclose(file);
	return strrchr(line, ')')[2];
}

static pid_t stopped_child(int stop, int report, int go)
{
	pid_t pid = SYS(fork());
	int status;
	char word;

	if (pid) {
		SAME(pid, waitpid(pid, &status, WUNTRACED));
		CHECK(WIFSTOPPED(status));
		SAME(stop, WSTOPSIG(status));
		return pid;
	}
	SYS(setpgid(0, 0)); /* SIGTSTP does not stop a group without a parent in its session */
	SYS(raise(stop));
	SAME(1, write(report, "c", 1));
	SAME(1, read(go, &word, 1)); /* its parent has seen that it was continued */
	_exit(6);
}

static void check(pid_t child)
{
	siginfo_t info = { 0 };

	SAME('T', state_of(child));
	ZERO(waitid(P_PID, child, &info, WEXITED | WCONTINUED | WNOHANG | WNOWAIT));
	SAME(0, info.si_pid);
}

int main(void)
{
	pid_t child[2];
	int report[2], go[2], status;
	char word;

	SYS(pipe(report));
	SYS(pipe(go));
	child[0] = stopped_child(SIGSTOP, report[1], go[0]);
	child[1] = stopped_child(SIGTSTP, report[1], go[0]);
	workload_ready();
	do {
		check(child[0]);
		check(child[1]);
	} while (workload_goes_on());
	for (int i = 0; i < 2; i++) {
		check(child[i]);
		SYS(kill(child[i], SIGCONT));
		SAME(child[i], waitpid(child[i], &status, WCONTINUED));
		CHECK(WIFCONTINUED(status));
		SAME(1, read(report[0], &word, 1));
		SAME(1, write(go[1], "g", 1));
		workload_reap(child[i], EXITED(6));
	}
	workload_pass();
}
