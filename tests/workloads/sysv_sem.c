/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sysv_sem - SysV semaphores keep their values, who waits for them, who operated last, and what is undone when a
 * process ends.
 */
#include <sys/ipc.h>
#include <sys/sem.h>
#include <unistd.h>

#include "workload.h"

enum { KEPT, MUTEX, UNDONE, AWAITED, TIMED, TURN, OF_DEAD, SEMAPHORES };

static int set;
static pid_t dead; /* a process that has ended */

static void operate(unsigned short number, short change, short flags)
{
	SYS(semop(set, &(struct sembuf){ number, change, flags }, 1));
}

static int value(int number)
{
	return SYS(semctl(set, number, GETVAL));
}

/* Has taken what its end gives back, and waits for what comes at the end. */
static _Noreturn void holder(void)
{
	operate(UNDONE, 3, SEM_UNDO);
	operate(UNDONE, -1, SEM_UNDO);
	operate(TURN, 1, 0);
	operate(AWAITED, -5, 0);
	CHECK(workload_finished());
	_exit(0);
}

static _Noreturn void timed_waiter(void)
{
	struct timespec hour = { 3600, 0 };

	operate(TURN, 1, 0);
	SYS(semtimedop(set, &(struct sembuf){ TIMED, -1, 0 }, 1, &hour));
	CHECK(workload_finished());
	_exit(0);
}

/* A stop takes threads out of their calls, as any signal with a handler; they are back a moment after it. */
static void await_waiters(void)
{
	for (int tries = 0; tries < 200; tries++) {
		if (SYS(semctl(set, AWAITED, GETNCNT)) == 1 && SYS(semctl(set, TIMED, GETNCNT)) == 1)
			return;
		workload_pause();
	}
	FAIL("nobody waits");
}

static void check(void)
{
	struct semid_ds status;

	SAME(1234, value(KEPT));
	SAME(2, value(UNDONE));
	SAME(getpid(), SYS(semctl(set, TURN, GETPID)));
	SAME(dead, SYS(semctl(set, OF_DEAD, GETPID)));
	SAME(1, value(OF_DEAD));
	await_waiters();
	operate(MUTEX, -1, SEM_UNDO);
	FAILS(EAGAIN, semop(set, &(struct sembuf){ MUTEX, -1, IPC_NOWAIT }, 1));
	operate(MUTEX, 1, SEM_UNDO);
	SAME(getpid(), SYS(semctl(set, MUTEX, GETPID)));
	SYS(semctl(set, 0, IPC_STAT, &status));
	SAME(SEMAPHORES, status.sem_nsems);
	SAME(0640, status.sem_perm.mode & 0777);
}

int main(void)
{
	pid_t held, timed;

	set = SYS(semget(IPC_PRIVATE, SEMAPHORES, IPC_CREAT | 0640));
	SYS(semctl(set, 0, SETALL, (unsigned short[]){ 1234, 1, 0, 0, 0, 0, 0 }));
	dead = SYS(fork());
	if (!dead) {
		operate(OF_DEAD, 1, 0);
		_exit(0);
	}
	workload_reap(dead, EXITED(0));
	held = SYS(fork());
	if (!held)
		holder();
	timed = SYS(fork());
	if (!timed)
		timed_waiter();
	operate(TURN, -2, 0);
	await_waiters();
	workload_ready();
	do
		check();
	while (workload_goes_on());
	operate(TIMED, 1, 0);
	workload_reap(timed, EXITED(0));
	operate(AWAITED, 5, 0);
	workload_reap(held, EXITED(0));
	SAME(0, value(UNDONE));
	SYS(semctl(set, 0, IPC_RMID));
	workload_pass();
}
