/* SPDX-License-Identifier: Apache-2.0 */
/* sysv_shm - SysV shared memory between two processes: the id still works, also of a segment that is marked to go. */
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

#include "workload.h"

#define SIZE (128 << 10)

static void check(volatile char *area, char turn, int id, uint64_t seed)
{
	struct shmid_ds status;

	area[0] = turn;
	while (area[1] != turn)
		workload_pause();
	workload_verify("segment", (char *)area + 8, SIZE - 8, seed);
	SYS(shmctl(id, IPC_STAT, &status));
	SAME(SIZE, status.shm_segsz);
	SAME(2, status.shm_nattch);
	SAME(getpid(), status.shm_cpid);
	SAME(0600, status.shm_perm.mode & 0777);
}

static void check_attach(int id, volatile char *area)
{
	char *again = shmat(id, NULL, SHM_RDONLY);

	CHECK(again != (char *)-1);
	SAME(area[0], again[0]);
	SYS(shmdt(again));
}

/* Found by its key: made and filled by a process that has ended, attached by nobody. */
static pid_t leave_behind(key_t key)
{
	pid_t child = SYS(fork());

	if (!child) {
		char *area = shmat(SYS(shmget(key, SIZE, IPC_CREAT | IPC_EXCL | 0600)), NULL, 0);

		CHECK(area != (char *)-1);
		workload_fill(area, SIZE, 3);
		_exit(0);
	}
	workload_reap(child, EXITED(0));
	return child;
}

static void check_left_behind(int id, pid_t creator)
{
	char *area = shmat(id, NULL, SHM_RDONLY);
	struct shmid_ds status;

	CHECK(area != (char *)-1);
	workload_verify("segment left behind", area, SIZE, 3);
	SYS(shmdt(area));
	SYS(shmctl(id, IPC_STAT, &status));
	SAME(creator, status.shm_cpid);
}

int main(void)
{
	key_t key = 0x48470000 | (getpid() & 0xffff);
	pid_t creator = leave_behind(key);
	int left = SYS(shmget(key, 0, 0));
	int kept = SYS(shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600)),
	    marked = SYS(shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600));
	volatile char *one = shmat(kept, NULL, 0), *two = shmat(marked, NULL, 0);
	char turn = 0;
	pid_t child;

	CHECK(one != (char *)-1 && two != (char *)-1);
	SYS(shmctl(marked, IPC_RMID, NULL));
	workload_fill((char *)one + 8, SIZE - 8, 1);
	workload_fill((char *)two + 8, SIZE - 8, 2);
	child = SYS(fork());
	if (!child) {
		while (one[0] != 'q') {
			one[1] = one[0];
			two[1] = two[0];
			workload_pause();
		}
		_exit(5);
	}
	workload_ready();
	do {
		check(one, turn, kept, 1);
		check(two, turn, marked, 2);
		check_attach(kept, one);
		check_left_behind(left, creator);
		turn = (turn + 1) % 100;
	} while (workload_goes_on());
	one[0] = 'q';
	workload_reap(child, EXITED(5));
	SYS(shmctl(kept, IPC_RMID, NULL));
	SYS(shmctl(left, IPC_RMID, NULL));
	workload_pass();
}
