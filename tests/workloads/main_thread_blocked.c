/* SPDX-License-Identifier: Apache-2.0 */
/* main_thread_blocked - the first thread waits for a semaphore until the end; the others live. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "workload.h"

static sem_t end;

static void *lives(void *ignored)
{
	(void)ignored;
	workload_ready();
	while (workload_goes_on())
		CHECK(gettid() != getpid());
	SYS(sem_post(&end));
	return NULL;
}

int main(void)
{
	pthread_t thread;

	SYS(sem_init(&end, 0, 0));
	ZERO(pthread_create(&thread, NULL, lives, NULL));
	SYS(sem_wait(&end));
	CHECK(workload_finished());
	ZERO(pthread_join(thread, NULL));
	SAME(getpid(), gettid());
	workload_pass();
}
