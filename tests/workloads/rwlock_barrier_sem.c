/* SPDX-License-Identifier: Apache-2.0 */
/* rwlock_barrier_sem - threads in rounds by a barrier, with readers and writers of a lock, and semaphores handed round. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "workload.h"

#define THREADS 5

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t turn[THREADS];
static long guarded[8], order;

static void read_or_write(bool writes)
{
	ZERO(writes ? pthread_rwlock_wrlock(&lock) : pthread_rwlock_rdlock(&lock));
	for (int i = 1; i < 8; i++)
		SAME(guarded[0], guarded[i]);
	for (int i = 0; writes && i < 8; i++)
		guarded[i]++;
	ZERO(pthread_rwlock_unlock(&lock));
}

/* One round of one thread; ends with the semaphores gone round once, in order. */
static void round_of(int me, long number)
{
	int serial = pthread_barrier_wait(&barrier);

	CHECK(serial == 0 || serial == PTHREAD_BARRIER_SERIAL_THREAD);
	for (int i = 0; i < 50; i++)
		read_or_write((i + me) % 5 == 0);
	if (!me)
		SYS(sem_post(&turn[0]));
	SYS(sem_wait(&turn[me]));
	SAME(number * THREADS + me, order);
	order++;
	SYS(sem_post(&turn[(me + 1) % THREADS]));
	if (!me)
		SYS(sem_wait(&turn[0])); /* it came back */
	pthread_barrier_wait(&barrier);
	SAME((number + 1) * THREADS, order);
	SAME((number + 1) * THREADS * 10, guarded[0]);
	pthread_barrier_wait(&barrier);
}

static void *thread(void *number)
{
	for (long round = 0;; round++)
		round_of((intptr_t)number, round);
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];
	long round = 0;

	ZERO(pthread_barrier_init(&barrier, NULL, THREADS));
	for (intptr_t i = 0; i < THREADS; i++)
		SYS(sem_init(&turn[i], 0, 0));
	for (intptr_t i = 1; i < THREADS; i++)
		ZERO(pthread_create(&threads[i], NULL, thread, (void *)i));
	workload_ready();
	do
		round_of(0, round++);
	while (workload_goes_on());
	workload_pass();
}
