/* SPDX-License-Identifier: Apache-2.0 */
// needs: processor
/* mem_shared_fork - anonymous memory shared by three processes: atomic counting, turns by futex, and kept content. */
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

#define PROCESSES 3
#define KEPT (1 << 20)

static struct shared {
	uint32_t turn, lock;
	uint64_t sum, guarded[8];
	char kept[KEPT];
} * shared;

static void wait_while(uint32_t *word, uint32_t value)
{
	if (syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0) < 0)
		SAME(EAGAIN, errno);
}

/* Returns the round, once it is this process's turn. */
static uint32_t await_turn(int me)
{
	uint32_t turn;

	while ((turn = __atomic_load_n(&shared->turn, __ATOMIC_SEQ_CST)) % PROCESSES != (uint32_t)me)
		wait_while(&shared->turn, turn);
	return turn;
}

static void pass_on(void)
{
	__atomic_add_fetch(&shared->turn, 1, __ATOMIC_SEQ_CST);
	SYS(syscall(SYS_futex, &shared->turn, FUTEX_WAKE, PROCESSES, NULL, NULL, 0));
}

static void take_turn(int me)
{
	uint32_t turn = await_turn(me);

	for (int i = 0; i < 8; i++) {
		SAME(turn, shared->guarded[i]);
		shared->guarded[i]++;
	}
	for (int i = 0; i < 1000; i++)
		__atomic_add_fetch(&shared->sum, 1, __ATOMIC_SEQ_CST);
	pass_on();
}

static void check_kept(int me)
{
	size_t part = KEPT / PROCESSES & ~7ul;

	for (int i = 0; i < PROCESSES; i++)
		if (i != me)
			workload_verify("what another process wrote", shared->kept + i * part, part, i);
}

static _Noreturn void child(int me, volatile uint32_t *end)
{
	for (;;) {
		await_turn(me);
		if (*end)
			break;
		take_turn(me);
		check_kept(me);
	}
	pass_on();
	_exit(me);
}

int main(void)
{
	size_t part = KEPT / PROCESSES & ~7ul;
	pid_t pid[PROCESSES];
	uint32_t *end;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	end = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < PROCESSES; i++)
		workload_fill(shared->kept + i * part, part, i);
	for (int i = 1; i < PROCESSES; i++) {
		pid[i] = SYS(fork());
		if (!pid[i])
			child(i, end);
	}
	workload_ready();
	do {
		for (int i = 0; i < 20; i++)
			take_turn(0);
		check_kept(0);
	} while (workload_goes_on());
	await_turn(0);
	*end = 1;
	SAME(1000ul * shared->turn, shared->sum);
	pass_on();
	for (int i = 1; i < PROCESSES; i++)
		workload_reap(pid[i], EXITED(i));
	workload_pass();
}
