/* SPDX-License-Identifier: Apache-2.0 */
/* mutex_pi - a priority-inheriting mutex under contention, and one that is held, with waiters, until the end. */
#include <pthread.h>
#include <unistd.h>

#include "workload.h"

#define THREADS 4

static pthread_mutex_t busy, held;
static long guarded[8], total;
static volatile int waited;

static void make(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attributes;

	ZERO(pthread_mutexattr_init(&attributes));
	ZERO(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
	ZERO(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK));
	ZERO(pthread_mutex_init(mutex, &attributes));
}

/* Adds to eight numbers, which are equal whenever the mutex is free. */
static void turn(void)
{
	ZERO(pthread_mutex_lock(&busy));
	SAME(EDEADLK, pthread_mutex_lock(&busy));
	for (int i = 1; i < 8; i++)
		SAME(guarded[0], guarded[i]);
	for (int i = 0; i < 8; i++)
		guarded[i]++;
	ZERO(pthread_mutex_unlock(&busy));
}

static void *contender(void *ignored)
{
	(void)ignored;
	while (!workload_finished()) {
		for (int i = 0; i < 200; i++)
			turn();
		__atomic_add_fetch(&total, 200, __ATOMIC_SEQ_CST);
		workload_pause();
	}
	return NULL;
}

static void *waiter(void *ignored)
{
	struct timespec hour;

	clock_gettime(CLOCK_REALTIME, &hour);
	hour.tv_sec += 3600;
	ZERO(ignored ? pthread_mutex_timedlock(&held, &hour) : pthread_mutex_lock(&held));
	waited++;
	CHECK(workload_finished());
	ZERO(pthread_mutex_unlock(&held));
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS], waiters[2];

	make(&busy);
	make(&held);
	ZERO(pthread_mutex_lock(&held));
	for (int i = 0; i < THREADS; i++)
		ZERO(pthread_create(&threads[i], NULL, contender, NULL));
	for (int i = 0; i < 2; i++)
		ZERO(pthread_create(&waiters[i], NULL, waiter, i ? &held : NULL));
	workload_ready();
	do {
		turn();
		SAME(EDEADLK, pthread_mutex_lock(&held));
		SAME(0, waited);
		__atomic_add_fetch(&total, 1, __ATOMIC_SEQ_CST);
	} while (workload_goes_on());
	ZERO(pthread_mutex_unlock(&held));
	for (int i = 0; i < 2; i++)
		ZERO(pthread_join(waiters[i], NULL));
	for (int i = 0; i < THREADS; i++)
		ZERO(pthread_join(threads[i], NULL));
	SAME(2, waited);
	SAME(total, guarded[0]);
	workload_pass();
}
