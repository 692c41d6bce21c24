/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sysv_undo - what the kernel undoes of a process's semaphore operations when it ends: each process's own, up and down,
 * by several threads, as far as they can go; forgotten when the value is set, and not inherited.
 */
#include <pthread.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <unistd.h>

#include "workload.h"

enum { SHARED, MUTEX, FAR_UP, FAR_DOWN, SET_ANEW, READY, SEMAPHORES };
#define HOLDERS 3
#define LARGEST 32767

static int set;

static void operate(unsigned short number, short change, short flags)
{
	SYS(semop(set, &(struct sembuf){ number, change, flags }, 1));
}

static int value(int number)
{
	return SYS(semctl(set, number, GETVAL));
}

static void *add_seven(void *unused)
{
	operate(SHARED, 7, SEM_UNDO);
	return unused;
}

/* Is undone by -n * 10 - 7 and, by the first, as far as that goes. */
static _Noreturn void holder(int n)
{
	pthread_t thread;

	operate(SHARED, (short)(n * 10), SEM_UNDO);
	ZERO(pthread_create(&thread, NULL, add_seven, NULL));
	ZERO(pthread_join(thread, NULL));
	if (n == 1) {
		operate(FAR_UP, LARGEST, SEM_UNDO);
		operate(FAR_DOWN, -LARGEST, SEM_UNDO);
		operate(SET_ANEW, 5, SEM_UNDO);
		operate(MUTEX, -1, SEM_UNDO);
	}
	operate(READY, 1, 0);
	while (!workload_finished())
		workload_pause();
	_exit(n);
}

/* A process that ends undoes what it did, and nothing of what its parent did. */
static void check_child(void)
{
	pid_t child = SYS(fork());

	if (!child) {
		operate(SHARED, -2, SEM_UNDO);
		_exit(0);
	}
	workload_reap(child, EXITED(0));
}

static void check(int shared)
{
	SAME(shared, value(SHARED));
	SAME(0, value(MUTEX));
	FAILS(EAGAIN, semop(set, &(struct sembuf){ MUTEX, -1, IPC_NOWAIT }, 1));
	SAME(LARGEST, value(FAR_UP));
	SAME(0, value(FAR_DOWN));
	SAME(9, value(SET_ANEW));
}

int main(void)
{
	pid_t holders[HOLDERS];
	int shared = 1000;

	set = SYS(semget(IPC_PRIVATE, SEMAPHORES, IPC_CREAT | 0600));
	SYS(semctl(set, 0, SETALL, (unsigned short[]){ 1000, 1, 0, LARGEST, 0, 0 }));
	operate(SHARED, -100, SEM_UNDO);
	for (int n = 1; n <= HOLDERS; n++) {
		holders[n - 1] = SYS(fork());
		if (!holders[n - 1])
			holder(n);
	}
	operate(READY, -HOLDERS, 0);
	SYS(semctl(set, SET_ANEW, SETVAL, 9));
	shared = 1000 - 100 + (10 + 20 + 30) + HOLDERS * 7;
	workload_ready();
	do {
		check(shared);
		check_child();
	} while (workload_goes_on());
	for (int n = 1; n <= HOLDERS; n++)
		workload_reap(holders[n - 1], EXITED(n));
	SAME(1000 - 100, value(SHARED));
	SAME(1, value(MUTEX));
	SAME(0, value(FAR_UP));
	SAME(LARGEST, value(FAR_DOWN));
	SAME(9, value(SET_ANEW));
	SYS(semctl(set, 0, IPC_RMID));
	workload_pass();
}
