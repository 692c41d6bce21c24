/* SPDX-License-Identifier: Apache-2.0 */
/* threads_churn - threads are made and end all the time, joined and detached, with thread-local storage of their own. */
#include <pthread.h>
#include <unistd.h>

#include "workload.h"

#define AT_ONCE 8

static __thread int counter = 5;
static __thread char block[3000];
static int detached_alive;

static void *joined(void *number)
{
	SAME(5, counter++);
	for (size_t i = 0; i < sizeof(block); i += 100)
		SAME(0, block[i]++);
	CHECK(gettid() != getpid());
	return (char *)number + counter;
}

static void *detached(void *ignored)
{
	(void)ignored;
	SAME(5, counter++);
	workload_pause();
	__atomic_sub_fetch(&detached_alive, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void burst(intptr_t seed)
{
	pthread_t threads[AT_ONCE], other;

	__atomic_add_fetch(&detached_alive, 1, __ATOMIC_SEQ_CST);
	ZERO(pthread_create(&other, NULL, detached, NULL));
	ZERO(pthread_detach(other));
	for (intptr_t i = 0; i < AT_ONCE; i++)
		ZERO(pthread_create(&threads[i], NULL, joined, (void *)(seed + i)));
	for (intptr_t i = 0; i < AT_ONCE; i++) {
		void *result;

		ZERO(pthread_join(threads[i], &result));
		SAME(seed + i + 6, (intptr_t)result);
	}
	while (__atomic_load_n(&detached_alive, __ATOMIC_SEQ_CST) > 4)
		workload_pause();
}

int main(void)
{
	intptr_t seed = 0;

	workload_ready();
	do
		burst(seed++);
	while (workload_goes_on());
	while (__atomic_load_n(&detached_alive, __ATOMIC_SEQ_CST))
		workload_pause();
	SAME(5, counter);
	workload_pass();
}
