/* SPDX-License-Identifier: Apache-2.0 */
/* sigaltstack - each thread's alternate stack is used, also by one that stands on it all the time. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "workload.h"

#define SIZE (64 << 10)
#define THREADS 3

static __thread char *stack;
static __thread volatile int handled;
static volatile int standing;

static bool on_stack(const void *address)
{
	return (const char *)address >= stack && (const char *)address < stack + SIZE;
}

static void check_registered(int flags)
{
	stack_t now;

	SYS(sigaltstack(NULL, &now));
	SAME((intptr_t)stack, (intptr_t)now.ss_sp);
	SAME(SIZE, now.ss_size);
	SAME(flags, now.ss_flags);
}

static void on_alternate(int signal_number)
{
	handled = signal_number;
	if (!on_stack(&signal_number))
		FAIL("handler's frame %p is not on the alternate stack %p", (void *)&signal_number, stack);
	check_registered(SS_ONSTACK);
}

static void on_normal(int signal_number)
{
	handled = signal_number;
	CHECK(!on_stack(&signal_number));
}

static void stands(int signal_number)
{
	standing = 1;
	while (!workload_finished()) {
		on_alternate(signal_number);
		FAILS(EPERM, sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL));
		workload_pause();
	}
}

static void set_up(void)
{
	stack_t s = { .ss_sp = stack = malloc(SIZE), .ss_size = SIZE };

	SYS(sigaltstack(&s, NULL));
}

static void check(void)
{
	check_registered(0);
	raise(SIGUSR1);
	SAME(SIGUSR1, handled);
	raise(SIGUSR2);
	SAME(SIGUSR2, handled);
}

static void *thread(void *ignored)
{
	(void)ignored;
	set_up();
	while (!workload_finished()) {
		check();
		workload_pause();
	}
	return NULL;
}

static void *standing_thread(void *ignored)
{
	(void)ignored;
	set_up();
	raise(SIGHUP);
	check_registered(0);
	return NULL;
}

static void handle(int signal_number, void (*handler)(int), int flags)
{
	struct sigaction s = { .sa_handler = handler, .sa_flags = flags };

	SYS(sigaction(signal_number, &s, NULL));
}

int main(void)
{
	pthread_t threads[THREADS];

	handle(SIGUSR1, on_alternate, SA_ONSTACK);
	handle(SIGUSR2, on_normal, 0);
	handle(SIGHUP, stands, SA_ONSTACK);
	set_up();
	for (int i = 0; i < THREADS; i++)
		ZERO(pthread_create(&threads[i], NULL, i ? thread : standing_thread, NULL));
	while (!standing)
		workload_pause();
	workload_ready();
	do
		check();
	while (workload_goes_on());
	for (int i = 0; i < THREADS; i++)
		ZERO(pthread_join(threads[i], NULL));
	workload_pass();
}
