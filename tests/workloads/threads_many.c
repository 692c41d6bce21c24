/* SPDX-License-Identifier: Apache-2.0 */
// needs: processor
/* threads_many - a token goes round 300 threads by mutex and condition variable; each keeps its number and its TLS. */
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

#define THREADS 300

static struct place {
	pthread_t thread;
	pthread_cond_t turn;
	pid_t tid;
} places[THREADS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int token = -1;
static unsigned long rounds;
static bool ending, leaving;

static __thread uint64_t numbers[32];
static __thread pid_t remembered;
static pthread_key_t key;

static void check(struct place *me)
{
	SAME(me->tid, gettid());
	SAME(me->tid, syscall(SYS_gettid));
	SAME(me->tid, remembered);
	CHECK(pthread_equal(me->thread, pthread_self()));
	CHECK(pthread_getspecific(key) == me);
	workload_verify("thread-local storage", numbers, sizeof(numbers), me->tid);
}

static void pass_on(int i)
{
	token = (i + 1) % THREADS;
	if (!token)
		rounds++;
	ZERO(pthread_cond_signal(&places[token].turn));
}

static void *live(void *place)
{
	struct place *me = place;
	int i = me - places;

	remembered = me->tid = gettid();
	ZERO(pthread_setspecific(key, me));
	workload_fill(numbers, sizeof(numbers), me->tid);
	ZERO(pthread_mutex_lock(&mutex));
	for (bool last = false; !last;) {
		while (token != i)
			ZERO(pthread_cond_wait(&me->turn, &mutex));
		check(me);
		last = leaving || (ending && !i); /* the last round begins with the first thread */
		leaving = last;
		pass_on(i);
	}
	ZERO(pthread_mutex_unlock(&mutex));
	return (void *)(intptr_t)me->tid;
}

static unsigned long rounds_until(unsigned long wanted)
{
	unsigned long now;

	do {
		workload_pause();
		ZERO(pthread_mutex_lock(&mutex));
		now = rounds;
		ZERO(pthread_mutex_unlock(&mutex));
	} while (now < wanted);
	return now;
}

int main(void)
{
	pthread_attr_t small;
	unsigned long seen;

	ZERO(pthread_key_create(&key, NULL));
	ZERO(pthread_attr_init(&small));
	ZERO(pthread_attr_setstacksize(&small, 128 << 10));
	ZERO(pthread_mutex_lock(&mutex));
	for (int i = 0; i < THREADS; i++) {
		ZERO(pthread_cond_init(&places[i].turn, NULL));
		ZERO(pthread_create(&places[i].thread, &small, live, &places[i]));
	}
	token = 0;
	ZERO(pthread_mutex_unlock(&mutex));
	seen = rounds_until(1);
	workload_ready();
	while (workload_goes_on())
		seen = rounds_until(seen + 1);
	ZERO(pthread_mutex_lock(&mutex));
	ending = true;
	ZERO(pthread_mutex_unlock(&mutex));
	for (int i = 0; i < THREADS; i++) {
		void *tid;

		ZERO(pthread_join(places[i].thread, &tid));
		SAME(places[i].tid, (intptr_t)tid);
	}
	workload_pass();
}
