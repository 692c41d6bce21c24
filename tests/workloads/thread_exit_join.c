/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thread_exit_join - joins of threads that end only at the end, and futex waits without, with relative and with
 * absolute time limits: none returns before it should, and a time limit is not lost.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

static uint32_t word;
static volatile int returned;

static void *lives(void *result)
{
	while (!workload_finished())
		workload_pause();
	return result;
}

static void *joins(void *thread)
{
	void *result;

	ZERO(pthread_join(*(pthread_t *)thread, &result));
	SAME(0x1234, (intptr_t)result);
	__atomic_add_fetch(&returned, 1, __ATOMIC_SEQ_CST);
	CHECK(workload_finished());
	return NULL;
}

static void *joins_until(void *thread)
{
	struct timespec limit;
	void *result;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 3600;
	ZERO(pthread_timedjoin_np(*(pthread_t *)thread, &result, &limit));
	SAME(0x1234, (intptr_t)result);
	__atomic_add_fetch(&returned, 1, __ATOMIC_SEQ_CST);
	CHECK(workload_finished());
	return NULL;
}

static void woken(int operation, const struct timespec *limit)
{
	ZERO(syscall(SYS_futex, &word, operation, 0, limit, NULL, FUTEX_BITSET_MATCH_ANY));
	__atomic_add_fetch(&returned, 1, __ATOMIC_SEQ_CST);
	CHECK(workload_finished());
}

static void *waits_without_limit(void *ignored)
{
	(void)ignored;
	woken(FUTEX_WAIT_PRIVATE, NULL);
	return NULL;
}

static void *waits_an_hour(void *ignored)
{
	(void)ignored;
	woken(FUTEX_WAIT, &(struct timespec){ 3600, 0 });
	return NULL;
}

static void *waits_until(void *clock)
{
	struct timespec limit;

	clock_gettime((intptr_t)clock, &limit);
	limit.tv_sec += 3600;
	woken(FUTEX_WAIT_BITSET | ((intptr_t)clock == CLOCK_REALTIME ? FUTEX_CLOCK_REALTIME : 0), &limit);
	return NULL;
}

/* A limit that passes: never early. */
static void expire(int operation)
{
	struct timespec limit = { 0, 30000000 };
	int64_t start = workload_now();
	uint32_t nobody = 0;

	if (operation == FUTEX_WAIT_BITSET) {
		clock_gettime(CLOCK_MONOTONIC, &limit);
		limit.tv_nsec += 30000000;
		limit.tv_sec += limit.tv_nsec / 1000000000;
		limit.tv_nsec %= 1000000000;
	}
	FAILS(ETIMEDOUT, syscall(SYS_futex, &nobody, operation, 0, &limit, NULL, FUTEX_BITSET_MATCH_ANY));
	CHECK(workload_now() - start >= 30000000);
}

int main(void)
{
	pthread_t threads[9], lived[2];
	int n = 0;

	for (int i = 0; i < 2; i++)
		ZERO(pthread_create(&lived[i], NULL, lives, (void *)0x1234));
	ZERO(pthread_create(&threads[n++], NULL, joins, &lived[0]));
	ZERO(pthread_create(&threads[n++], NULL, joins_until, &lived[1]));
	ZERO(pthread_create(&threads[n++], NULL, waits_without_limit, NULL));
	ZERO(pthread_create(&threads[n++], NULL, waits_an_hour, NULL));
	ZERO(pthread_create(&threads[n++], NULL, waits_until, (void *)CLOCK_REALTIME));
	ZERO(pthread_create(&threads[n++], NULL, waits_until, (void *)CLOCK_MONOTONIC));
	workload_ready();
	do {
		expire(FUTEX_WAIT);
		expire(FUTEX_WAIT_BITSET);
		CHECK_BEFORE_END(!returned);
	} while (workload_goes_on());
	/* Two operations wait on the same word, private and shared: wake both kinds. */
	for (int woke = 0; woke < 4; workload_pause())
		woke += SYS(syscall(SYS_futex, &word, FUTEX_WAKE, 10)) +
			SYS(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 10));
	for (int i = 0; i < n; i++)
		ZERO(pthread_join(threads[i], NULL));
	SAME(6, returned);
	workload_pass();
}
