/* SPDX-License-Identifier: Apache-2.0 */
/* brk_heap - the program break moves on from where it was, and back; in another process malloc uses it. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

#define STEP (64 << 10)
#define STEPS 32
#define BLOCKS 500

static void check_break(char *start, int steps)
{
	SAME((intptr_t)start + steps * STEP, (intptr_t)sbrk(0));
	SAME((intptr_t)start + steps * STEP, syscall(SYS_brk, 0));
	for (int i = 0; i < steps; i++)
		workload_verify("heap", start + i * STEP, STEP, i);
}

static void grow(int step)
{
	char *added = sbrk(STEP);

	CHECK(added != (char *)-1);
	for (int i = 0; i < STEP; i += 512)
		SAME(0, added[i]);
	workload_fill(added, STEP, step);
}

static void exchange_blocks(void)
{
	static struct {
		void *memory;
		size_t size;
	} blocks[BLOCKS];
	static unsigned next;

	for (int turn = 0; turn < 50; turn++) {
		unsigned i = next++ * 7919 % BLOCKS;

		if (blocks[i].memory)
			workload_verify("block of malloc", blocks[i].memory, blocks[i].size, i);
		free(blocks[i].memory);
		blocks[i].size = 16 + i * 8 % 5000;
		blocks[i].memory = malloc(blocks[i].size);
		workload_fill(blocks[i].memory, blocks[i].size, i);
	}
}

int main(void)
{
	char *start = sbrk(0);
	pid_t child = SYS(fork());
	int steps = 0;

	if (!child) {
		while (!workload_finished()) {
			exchange_blocks();
			workload_pause();
		}
		_exit(0);
	}
	workload_ready();
	do {
		check_break(start, steps);
		grow(steps++);
		if (steps == STEPS) {
			SYS((intptr_t)sbrk(-STEPS * STEP));
			steps = 0;
		}
	} while (workload_goes_on());
	workload_reap(child, EXITED(0));
	workload_pass();
}
