/* SPDX-License-Identifier: Apache-2.0 */
/* coroutines - threads that run on stacks of their own by swapcontext, and jump back out of calls by longjmp. */
#include <pthread.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "workload.h"

#define COROUTINES 8
#define SIZE (64 << 10)

static __thread ucontext_t home, contexts[COROUTINES];
static __thread int current, turns[COROUTINES];

static void live(int me)
{
	char canary[2000];

	workload_fill(canary, sizeof(canary), me);
	for (;;) {
		turns[me]++;
		SAME(me, current);
		swapcontext(&contexts[me], &home);
		workload_verify("stack of a coroutine", canary, sizeof(canary), me);
	}
}

static void set_up(void)
{
	for (int i = 0; i < COROUTINES; i++) {
		getcontext(&contexts[i]);
		contexts[i].uc_stack.ss_sp = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
						  0);
		contexts[i].uc_stack.ss_size = SIZE;
		makecontext(&contexts[i], (void (*)(void))live, 1, i);
	}
}

static int deep(jmp_buf *out, int depth, int value)
{
	volatile char space[500];

	space[depth] = value != 0;
	if (depth == 50 && space[depth])
		longjmp(*out, value);
	return depth < 50 ? deep(out, depth + 1, value) + space[depth] : 0;
}

static void check(int turn)
{
	jmp_buf out;
	int value;

	for (current = 0; current < COROUTINES; current++)
		swapcontext(&home, &contexts[current]);
	for (int i = 0; i < COROUTINES; i++)
		SAME(turn, turns[i]);
	value = setjmp(out);
	if (!value)
		deep(&out, 0, turn);
	SAME(turn, value);
}

static void *thread(void *ignored)
{
	(void)ignored;
	set_up();
	for (int turn = 1; !workload_finished(); turn++) {
		check(turn);
		workload_pause();
	}
	return NULL;
}

/* The main thread sleeps on a stack of its own making. */
static void sleeper(void)
{
	for (;;) {
		workload_pause();
		swapcontext(&contexts[0], &home);
	}
}

int main(void)
{
	pthread_t other;

	ZERO(pthread_create(&other, NULL, thread, NULL));
	set_up();
	makecontext(&contexts[0], sleeper, 0);
	workload_ready();
	do
		swapcontext(&home, &contexts[0]);
	while (workload_goes_on());
	ZERO(pthread_join(other, NULL));
	workload_pass();
}
