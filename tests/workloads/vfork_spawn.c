/* SPDX-License-Identifier: Apache-2.0 */
/* vfork_spawn - children made by posix_spawn, vfork, system and popen all the time, each with its right status. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

extern char **environ;

static void spawned(const char *file, int status)
{
	char *arguments[] = { (char *)file, NULL };
	pid_t pid;

	ZERO(posix_spawnp(&pid, file, NULL, NULL, arguments, environ));
	workload_reap(pid, status);
}

static void vforked_exec(const char *file, int status)
{
	pid_t pid = vfork();

	if (!pid) {
		execlp(file, file, (char *)NULL);
		_exit(99);
	}
	workload_reap(SYS(pid), status);
}

static void vforked_exit(void)
{
	volatile int shared = 0;
	pid_t pid = vfork();

	if (!pid) {
		shared = 7;
		_exit(3);
	}
	SAME(7, shared);
	workload_reap(SYS(pid), EXITED(3));
}

/* The parent stands still in vfork for a while. */
static void vforked_slow(void)
{
	int64_t start = workload_now();
	pid_t pid = vfork();

	if (!pid) {
		workload_pause();
		workload_pause();
		_exit(4);
	}
	CHECK(workload_now() - start >= 2 * workload_pause_ns());
	workload_reap(SYS(pid), EXITED(4));
}

static void piped(void)
{
	char line[64] = "";
	FILE *file = popen("echo one; exit 6", "re");

	CHECK(file);
	CHECK(fgets(line, sizeof(line), file));
	CHECK(!strcmp(line, "one\n"));
	SAME(EXITED(6), pclose(file));
}

int main(void)
{
	workload_ready();
	do {
		spawned("true", EXITED(0));
		spawned("false", EXITED(1));
		vforked_exec("true", EXITED(0));
		vforked_exec("false", EXITED(1));
		vforked_exit();
		vforked_slow();
		SAME(EXITED(5), system("exit 5"));
		SAME(KILLED(9), system("kill -9 $$"));
		piped();
	} while (workload_goes_on());
	workload_pass();
}
