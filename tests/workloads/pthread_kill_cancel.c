/* SPDX-License-Identifier: Apache-2.0 */
/* pthread_kill_cancel - signals to and cancellation of single threads, which the C library finds by cached numbers. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include "workload.h"

static __thread volatile pid_t handled_by;
static sem_t handled, started, cleaned, nothing;
static int silent[2];

static void handler(int signal_number)
{
	(void)signal_number;
	handled_by = gettid();
	sem_post(&handled);
}

static void clean(void *ignored)
{
	(void)ignored;
	SYS(sem_post(&cleaned));
}

static void *in_read(void *ignored)
{
	char byte;

	pthread_cleanup_push(clean, NULL);
	SYS(sem_post(&started));
	while (read(silent[0], &byte, 1) < 0)
		SAME(EINTR, errno);
	pthread_cleanup_pop(0);
	return ignored;
}

static void *in_sem_wait(void *ignored)
{
	pthread_cleanup_push(clean, NULL);
	SYS(sem_post(&started));
	while (sem_wait(&nothing) < 0)
		SAME(EINTR, errno);
	pthread_cleanup_pop(0);
	return ignored;
}

static void *in_pause(void *ignored)
{
	pthread_cleanup_push(clean, NULL);
	SYS(sem_post(&started));
	for (;;) {
		FAILS(EINTR, pause());
		SAME(gettid(), handled_by);
	}
	pthread_cleanup_pop(0);
	return ignored;
}

static void *(*const forms[])(void *) = { in_read, in_sem_wait, in_pause };
#define FORMS 3

static void cancel(pthread_t thread)
{
	void *result;

	ZERO(pthread_cancel(thread));
	ZERO(pthread_join(thread, &result));
	CHECK(result == PTHREAD_CANCELED);
	SYS(sem_wait(&cleaned));
}

int main(void)
{
	pthread_t stays[FORMS], goes;

	SYS(pipe(silent));
	SYS(sem_init(&handled, 0, 0));
	SYS(sem_init(&started, 0, 0));
	SYS(sem_init(&cleaned, 0, 0));
	SYS(sem_init(&nothing, 0, 0));
	signal(SIGUSR1, handler);
	for (int i = 0; i < FORMS; i++) {
		ZERO(pthread_create(&stays[i], NULL, forms[i], NULL));
		SYS(sem_wait(&started));
	}
	workload_ready();
	do {
		for (int i = 0; i < FORMS; i++) {
			ZERO(pthread_kill(stays[i], SIGUSR1));
			while (sem_wait(&handled))
				SAME(EINTR, errno);
			ZERO(pthread_create(&goes, NULL, forms[i], NULL));
			SYS(sem_wait(&started));
			cancel(goes);
		}
		raise(SIGUSR1);
		SAME(gettid(), handled_by);
		SYS(sem_wait(&handled));
	} while (workload_goes_on());
	for (int i = 0; i < FORMS; i++)
		cancel(stays[i]);
	workload_pass();
}
