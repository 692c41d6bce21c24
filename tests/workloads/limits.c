/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits - resource limits; each thread's nice value, policy, affinity, timer slack and name; the process's
 * parent-death signal, personality and no-new-privileges.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

/* Of the first thread: more than that of all test programs, which not everybody may lower. */
#define NICE 16

static const struct {
	int resource;
	struct rlimit limit;
} limits[] = {
	{ RLIMIT_NOFILE, { 200, 300 } },
	{ RLIMIT_CORE, { 0, 4096 } },
	{ RLIMIT_STACK, { 4 << 20, 5 << 20 } },
	{ RLIMIT_FSIZE, { 1 << 30, 2 << 30 } },
	{ RLIMIT_CPU, { 3000, 4000 } },
	{ RLIMIT_DATA, { 1 << 30, RLIM_INFINITY } },
	{ RLIMIT_SIGPENDING, { 100, 200 } },
	{ RLIMIT_MSGQUEUE, { 1000, 2000 } },
	{ RLIMIT_MEMLOCK, { 64 << 10, 128 << 10 } },
	{ RLIMIT_AS, { 1ul << 46, 1ul << 46 } },
};
#define LIMITS (sizeof(limits) / sizeof(*limits))

/* As long as a name can be, or a little less. */
static const char *name_of(int i)
{
	static const char *const names[] = { "workload zero", "workload first", "workload second" };

	return names[i];
}

/* What a thread sets for itself: the same for all, by its index. */
static void set_thread(int i)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	SYS(setpriority(PRIO_PROCESS, gettid(), NICE + i));
	SYS(sched_setaffinity(0, sizeof(cpus), &cpus));
	SYS(prctl(PR_SET_NAME, name_of(i)));
	SYS(prctl(PR_SET_TIMERSLACK, 70000 + i));
	SYS(sched_setscheduler(0, i % 2 ? SCHED_BATCH : SCHED_OTHER, &(struct sched_param){ 0 }));
}

static void check_thread(int i, const cpu_set_t *expected)
{
	char name[16];
	cpu_set_t cpus;

	SYS(prctl(PR_GET_NAME, name));
	if (strcmp(name, name_of(i)))
		FAIL("thread's name, expected %s, got %s", name_of(i), name);
	SYS(sched_getaffinity(0, sizeof(cpus), &cpus));
	CHECK(CPU_EQUAL(expected, &cpus));
	SAME(NICE + i, getpriority(PRIO_PROCESS, 0));
	SAME(70000 + i, prctl(PR_GET_TIMERSLACK));
	SAME(i % 2 ? SCHED_BATCH : SCHED_OTHER, sched_getscheduler(0));
}

static void *thread(void *number)
{
	cpu_set_t cpus;

	set_thread((intptr_t)number);
	SYS(sched_getaffinity(0, sizeof(cpus), &cpus));
	while (!workload_finished()) {
		check_thread((intptr_t)number, &cpus);
		workload_pause();
	}
	return NULL;
}

static void check_process(void)
{
	for (size_t i = 0; i < LIMITS; i++) {
		struct rlimit got;

		SYS(getrlimit(limits[i].resource, &got));
		SAME(limits[i].limit.rlim_cur, got.rlim_cur);
		SAME(limits[i].limit.rlim_max, got.rlim_max);
	}
	SAME(ADDR_NO_RANDOMIZE, personality(0xffffffff));
	SAME(1, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

/* Its parent ends at the end of the test, and so it gets its parent-death signal. */
static _Noreturn void child_of_dead(int report)
{
	int signal_number;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	SYS(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	ZERO(sigwait(&set, &signal_number));
	SYS(prctl(PR_GET_PDEATHSIG, &signal_number));
	SAME(SIGUSR1, signal_number);
	CHECK(workload_finished());
	SAME(1, write(report, "d", 1));
	_exit(0);
}

int main(void)
{
	int report[2];
	pthread_t threads[2];
	cpu_set_t cpus;
	pid_t parent;
	char word;

	SYS(pipe(report));
	parent = SYS(fork());
	if (!parent) {
		if (!SYS(fork()))
			child_of_dead(report[1]);
		while (!workload_finished())
			workload_pause();
		_exit(0);
	}
	SYS(close(report[1]));
	for (size_t i = 0; i < LIMITS; i++)
		SYS(setrlimit(limits[i].resource, &limits[i].limit));
	SYS(personality(ADDR_NO_RANDOMIZE));
	SYS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	for (intptr_t i = 0; i < 2; i++)
		ZERO(pthread_create(&threads[i], NULL, thread, (void *)(i + 1)));
	set_thread(0);
	SYS(sched_getaffinity(0, sizeof(cpus), &cpus));
	workload_ready();
	do {
		check_thread(0, &cpus);
		check_process();
	} while (workload_goes_on());
	for (int i = 0; i < 2; i++)
		ZERO(pthread_join(threads[i], NULL));
	workload_reap(parent, EXITED(0));
	SAME(1, read(report[0], &word, 1));
	SAME('d', word);
	workload_pass();
}
