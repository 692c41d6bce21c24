/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mutex_robust - robust mutexes between threads and between processes: an owner that dies leaves EOWNERDEAD, also
 * one that took its mutexes long before.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

static struct shared {
	pthread_mutex_t by_thread, by_process, transient;
	volatile int held;
	volatile bool ending;
} * shared;

static void make(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attributes;

	ZERO(pthread_mutexattr_init(&attributes));
	ZERO(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
	ZERO(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
	ZERO(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK));
	ZERO(pthread_mutex_init(mutex, &attributes));
}

static void hold(pthread_mutex_t *mutex)
{
	ZERO(pthread_mutex_lock(mutex));
	__atomic_add_fetch(&shared->held, 1, __ATOMIC_SEQ_CST);
	while (!shared->ending) {
		SAME(EDEADLK, pthread_mutex_lock(mutex));
		workload_pause();
	}
}

static void *holding_thread(void *ignored)
{
	(void)ignored;
	hold(&shared->by_thread);
	return NULL; /* with the mutex locked */
}

static void *dies_with_transient(void *ignored)
{
	(void)ignored;
	ZERO(pthread_mutex_lock(&shared->transient));
	return NULL;
}

static void recover(pthread_mutex_t *mutex)
{
	SAME(EOWNERDEAD, pthread_mutex_lock(mutex));
	ZERO(pthread_mutex_consistent(mutex));
	ZERO(pthread_mutex_unlock(mutex));
	ZERO(pthread_mutex_lock(mutex));
	ZERO(pthread_mutex_unlock(mutex));
}

static void check(void)
{
	pthread_t thread;
	pid_t child;

	SAME(EBUSY, pthread_mutex_trylock(&shared->by_thread));
	SAME(EBUSY, pthread_mutex_trylock(&shared->by_process));
	ZERO(pthread_create(&thread, NULL, dies_with_transient, NULL));
	ZERO(pthread_join(thread, NULL));
	recover(&shared->transient);
	child = SYS(fork());
	if (!child) {
		ZERO(pthread_mutex_lock(&shared->transient));
		raise(SIGKILL);
	}
	workload_reap(child, KILLED(SIGKILL));
	recover(&shared->transient);
}

int main(void)
{
	pthread_t thread;
	pid_t child;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	make(&shared->by_thread);
	make(&shared->by_process);
	make(&shared->transient);
	child = SYS(fork());
	if (!child) {
		hold(&shared->by_process);
		raise(SIGKILL);
	}
	ZERO(pthread_create(&thread, NULL, holding_thread, NULL));
	while (shared->held < 2)
		workload_pause();
	workload_ready();
	do
		check();
	while (workload_goes_on());
	shared->ending = true;
	recover(&shared->by_process); /* waits for its end */
	recover(&shared->by_thread);
	ZERO(pthread_join(thread, NULL));
	workload_reap(child, KILLED(SIGKILL));
	workload_pass();
}
