/* SPDX-License-Identifier: Apache-2.0 */
// needs: unfinished
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

int main(void)
{
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
		turn = (turn + 1) % 100;
	} while (workload_goes_on());
	one[0] = 'q';
	workload_reap(child, EXITED(5));
	SYS(shmctl(kept, IPC_RMID, NULL));
	workload_pass();
}
