/* SPDX-License-Identifier: Apache-2.0 */
/* fork_tree - three levels of processes keep their numbers, their parent and their children. */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

#define BRANCHES 2
#define LEVELS 3

static pid_t self, parent, child[BRANCHES];
static int children;

static void check_children_file(void)
{
	char path[64], expected[64] = "", got[64] = "";
	FILE *file;

	for (int i = 0; i < children; i++)
		sprintf(expected + strlen(expected), "%d ", child[i]);
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", self);
	file = fopen(path, "re");
	if (!file)
		FAIL("cannot open %s: %m", path);
	if (!fgets(got, sizeof(got), file))
		got[0] = 0;
	fclose(file);
	if (strcmp(expected, got))
		FAIL("%s, expected '%s', got '%s'", path, expected, got);
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
