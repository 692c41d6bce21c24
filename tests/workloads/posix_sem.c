/* SPDX-License-Identifier: Apache-2.0 */
// needs: posix_ipc
/* posix_sem - named semaphores, one unlinked, and one in shared memory: values, a process that waits, turns. */
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

/* A name that is this run's own, and that the harness cleans up after a failure: its folder with other slashes. */
static const char *name_of(const char *suffix)
{
	static char name[300];

	snprintf(name, sizeof(name), "/%s.%s", workload_path("") + 1, suffix);
	for (char *c = name + 1; *c; c++)
		if (*c == '/')
			*c = '_';
	return name;
}

static sem_t *make(const char *suffix, unsigned value)
{
	sem_t *semaphore = sem_open(name_of(suffix), O_CREAT | O_EXCL, 0600, value);

	if (semaphore == SEM_FAILED)
		FAIL("sem_open %s: %m", suffix);
	return semaphore;
}

static int value(sem_t *semaphore)
{
	int now;

	SYS(sem_getvalue(semaphore, &now));
	return now;
}

int main(void)
{
	sem_t *named = make("named", 7), *unlinked = make("unlinked", 3), *awaited = make("awaited", 0), *turns;
	pid_t child, waiter;

	SYS(sem_unlink(name_of("unlinked")));
	SYS(sem_unlink(name_of("awaited")));
	turns = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	SYS(sem_init(&turns[0], 1, 0));
	SYS(sem_init(&turns[1], 1, 0));
	waiter = SYS(fork());
	if (!waiter) {
		SYS(sem_wait(awaited));
		CHECK(workload_finished());
		_exit(0);
	}
	child = SYS(fork());
	while (!child) {
		SYS(sem_wait(&turns[0]));
		SYS(sem_post(&turns[1]));
	}
	workload_ready();
	do {
		sem_t *again = sem_open(name_of("named"), 0);

		CHECK(again != SEM_FAILED);
		SAME(7, value(again));
		SYS(sem_post(again));
		SAME(8, value(named));
		SYS(sem_wait(named));
		SYS(sem_close(again));
		SAME(3, value(unlinked));
		SAME(0, value(awaited));
		SYS(sem_post(&turns[0]));
		SYS(sem_wait(&turns[1]));
	} while (workload_goes_on());
	SYS(sem_post(awaited));
	workload_reap(waiter, EXITED(0));
	SYS(kill(child, SIGKILL));
	workload_reap(child, KILLED(SIGKILL));
	SYS(sem_unlink(name_of("named")));
	workload_pass();
}
