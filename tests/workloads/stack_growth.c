/* SPDX-License-Identifier: Apache-2.0 */
// needs: processor
/* stack_growth - the main thread's stack grows further with each check, by recursion and by alloca; a thread's, too. */
#include <alloca.h>
#include <pthread.h>
#include <unistd.h>

#include "workload.h"

#define STEP (64 << 10)
#define FRAME 4000

/* Goes down by frames whose content is checked on the way back. */
static int descend(long left, int depth)
{
	char frame[FRAME];
	int deepest = depth;

	workload_fill(frame, sizeof(frame), depth);
	if (left > FRAME)
		deepest = descend(left - FRAME, depth + 1);
	workload_verify("a frame of the stack", frame, sizeof(frame), depth);
	return deepest;
}

static void at_once(size_t size)
{
	char *block = alloca(size);

	workload_fill(block, size, 7);
	workload_verify("a block of the stack", block, size, 7);
}

static void *thread(void *ignored)
{
	(void)ignored;
	for (long size = STEP; !workload_finished(); size = size % (4 << 20) + STEP) {
		SAME((size - 1) / FRAME, descend(size, 0));
		workload_pause();
	}
	return NULL;
}

int main(void)
{
	long size = STEP;
	pthread_t other;

	ZERO(pthread_create(&other, NULL, thread, NULL));
	workload_ready();
	do {
		SAME((size - 1) / FRAME, descend(size, 0));
		at_once(size + STEP);
		size = size % (6 << 20) + STEP;
	} while (workload_goes_on());
	ZERO(pthread_join(other, NULL));
	workload_pass();
}
