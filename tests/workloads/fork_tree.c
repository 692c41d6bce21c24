/* SPDX-License-Identifier: Apache-2.0 */
/* fork_tree - three levels of processes keep their numbers, their parent and their children. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

#define BRANCHES 2
#define LEVELS 3

static pid_t self, parent, child[BRANCHES];
static int children;

/* In any order: nobody promises one. */
static void check_children_file(void)
{
	char path[64], line[64] = "", *rest = line;
	int listed = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", self);
	file = fopen(path, "re");
	if (!file)
		FAIL("cannot open %s: %m", path);
	if (!fgets(line, sizeof(line), file))
		line[0] = 0;
	fclose(file);
	for (long pid; (pid = strtol(rest, &rest, 10)); listed++) {
		bool known = false;

		for (int i = 0; i < children; i++)
			known |= child[i] == pid;
		if (!known)
			FAIL("%s: %ld is no child", path, pid);
	}
	SAME(children, listed);
}

static void check(void)
{
	siginfo_t info = { 0 };

	SAME(self, syscall(SYS_getpid));
	SAME(self, getpid());
	SAME(self, gettid());
	if (parent) /* the root's is not part of the job: see orphan */
		SAME(parent, getppid());
	check_children_file();
	for (int i = 0; i < children; i++) {
		ZERO(kill(child[i], 0));
		ZERO(waitid(P_PID, child[i], &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT));
		CHECK_BEFORE_END(!info.si_pid);
	}
}

static void grow(int level)
{
	self = getpid();
	for (int i = 0; level < LEVELS && i < BRANCHES; i++) {
		pid_t me = self, pid = SYS(fork());

		if (!pid) {
			parent = me;
			children = 0;
			grow(level + 1);
			while (!workload_finished()) {
				check();
				workload_pause();
			}
			for (int c = 0; c < children; c++)
				workload_reap(child[c], EXITED(level + 1));
			_exit(level);
		}
		child[children++] = pid;
	}
}

int main(void)
{
	grow(1);
	check();
	workload_ready();
	do
		check();
	while (workload_goes_on());
	for (int i = 0; i < children; i++)
		workload_reap(child[i], EXITED(1));
	workload_pass();
}
