/* SPDX-License-Identifier: Apache-2.0 */
// needs: alone
/*
 * numbers - process and thread numbers that a program remembers, or gets told by another, mean the same everywhere:
 * signals and their siginfo, groups, priorities, affinities, /proc, and the host's name.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static sigset_t set;

/* Sends its number by pipe and by signal, whenever it is asked to by a signal, until the end. */
static _Noreturn void teller(int pipe_end)
{
	SYS(setpgid(0, 0));
	for (;;) {
		siginfo_t info;
		pid_t me = getpid();

		SAME(SIGUSR1, sigwaitinfo(&set, &info));
		SAME(SI_QUEUE, info.si_code);
		SAME(getppid(), info.si_pid);
		SAME(info.si_pid, info.si_value.sival_int);
		SAME(sizeof(me), write(pipe_end, &me, sizeof(me)));
		SYS(sigqueue(info.si_pid, SIGUSR1, (union sigval){ .sival_int = me }));
	}
}

/* Numbers in the files of /proc/NUMBER: its own, its parent's, its group's. */
static void check_proc(pid_t child, pid_t me)
{
	char path[64], line[512], *rest;
	int number, parent, group;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", child);
	file = fopen(path, "re");
	CHECK(file && fgets(line, sizeof(line), file));
	fclose(file);
	rest = strrchr(line, ')');
	SAME(1, sscanf(line, "%d", &number));
	SAME(2, sscanf(rest + 4, "%d %d", &parent, &group));
	SAME(child, number);
	SAME(me, parent);
	SAME(child, group);
	line[SYS(readlink("/proc/self", line, sizeof(line) - 1))] = 0;
	SAME(1, sscanf(line, "%d", &number));
	SAME(me, number);
	line[SYS(readlink("/proc/thread-self", line, sizeof(line) - 1))] = 0;
	SAME(2, sscanf(line, "%d/task/%d", &parent, &number));
	SAME(me, number);
}

static void ask(pid_t child, int pipe_end)
{
	siginfo_t info;
	pid_t told;

	SYS(sigqueue(child, SIGUSR1, (union sigval){ .sival_int = getpid() }));
	SAME(sizeof(told), read(pipe_end, &told, sizeof(told)));
	SAME(child, told);
	SAME(SIGUSR1, sigwaitinfo(&set, &info));
	SAME(child, info.si_pid);
	SAME(child, info.si_value.sival_int);
	SAME(getuid(), info.si_uid);
}

static void check_calls(pid_t child)
{
	cpu_set_t cpus;

	SYS(kill(child, 0));
	SYS(kill(-child, 0));
	SYS(syscall(SYS_tgkill, child, child, 0));
	SAME(child, SYS(getpgid(child)));
	SAME(getsid(0), SYS(getsid(child)));
	SAME(17, getpriority(PRIO_PROCESS, child));
	SYS(sched_getaffinity(child, sizeof(cpus), &cpus));
	SAME(SCHED_OTHER, SYS(sched_getscheduler(child)));
}

static void check_name(const struct utsname *before)
{
	struct utsname now;

	SYS(uname(&now));
	if (strcmp(before->nodename, now.nodename))
		FAIL("host name, expected %s, got %s", before->nodename, now.nodename);
}

int main(void)
{
	pid_t child, me = getpid();
	struct utsname before;
	int told[2];

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	SYS(uname(&before));
	SYS(pipe(told));
	child = SYS(fork());
	if (!child)
		teller(told[1]);
	SYS(setpriority(PRIO_PROCESS, child, 17));
	while (getpgid(child) != child)
		workload_pause();
	workload_ready();
	do {
		SAME(me, getpid());
		ask(child, told[0]);
		check_calls(child);
		check_proc(child, me);
		check_name(&before);
	} while (workload_goes_on());
	SYS(kill(-child, SIGTERM));
	workload_reap(child, KILLED(SIGTERM));
	workload_pass();
}
