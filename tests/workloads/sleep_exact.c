/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sleep_exact - sleeps and time limits of every kind are never short, and not longer than twice, in the process's own
 * time, which a thread counts while it lives: how long a wait has lasted when the first stop or the restart interrupts it
 * is known to the kernel alone.
 */
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define MS 1000000l
#define TOLERANCE (1000 * MS) /* a busy machine */

static int64_t alive; /* nanoseconds lived, as counted */

static int64_t clock_now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000 * MS + t.tv_nsec;
}

static struct timespec timespec(int64_t ns)
{
	return (struct timespec){ ns / (1000 * MS), ns % (1000 * MS) };
}

/* A gap longer than this is time that the process did not live. */
static void *count_life(void *ignored)
{
	int64_t last = workload_now();

	(void)ignored;
	while (!workload_finished()) {
		int64_t now, gap;

		workload_pause();
		now = workload_now();
		gap = now - last;
		last = now;
		__atomic_add_fetch(&alive, gap < 200 * MS ? gap : 200 * MS, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void by_nanosleep(int64_t ns)
{
	struct timespec t = timespec(ns);

	SYS(nanosleep(&t, NULL));
}

static void by_relative_monotonic(int64_t ns)
{
	struct timespec t = timespec(ns);

	ZERO(clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL));
}

static void by_relative_boottime(int64_t ns)
{
	struct timespec t = timespec(ns);

	ZERO(clock_nanosleep(CLOCK_BOOTTIME, 0, &t, NULL));
}

static void until(clockid_t clock, int64_t ns)
{
	int64_t limit = clock_now(clock) + ns;
	struct timespec t = timespec(limit);

	ZERO(clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL));
	CHECK(clock_now(clock) >= limit);
}

static void until_monotonic(int64_t ns)
{
	until(CLOCK_MONOTONIC, ns);
}

static void until_realtime(int64_t ns)
{
	until(CLOCK_REALTIME, ns);
}

static void by_usleep(int64_t ns)
{
	SYS(usleep(ns / 1000));
}

static void by_poll(int64_t ns)
{
	SAME(0, poll(NULL, 0, ns / MS));
}

static void by_ppoll(int64_t ns)
{
	struct timespec t = timespec(ns);

	SAME(0, ppoll(NULL, 0, &t, NULL));
}

static void by_select(int64_t ns)
{
	SAME(0, select(0, NULL, NULL, NULL, &(struct timeval){ ns / (1000 * MS), ns % (1000 * MS) / 1000 }));
}

static void by_pselect(int64_t ns)
{
	struct timespec t = timespec(ns);

	SAME(0, pselect(0, NULL, NULL, NULL, &t, NULL));
}

static void by_epoll_wait(int64_t ns)
{
	struct epoll_event event;
	int fd = SYS(epoll_create1(EPOLL_CLOEXEC));

	SAME(0, epoll_wait(fd, &event, 1, ns / MS));
	SYS(close(fd));
}

static void by_sem_timedwait(int64_t ns)
{
	struct timespec limit = timespec(clock_now(CLOCK_REALTIME) + ns);
	sem_t semaphore;

	SYS(sem_init(&semaphore, 0, 0));
	FAILS(ETIMEDOUT, sem_timedwait(&semaphore, &limit));
}

static void by_cond_clockwait(int64_t ns)
{
	struct timespec limit = timespec(clock_now(CLOCK_MONOTONIC) + ns);
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

	ZERO(pthread_mutex_lock(&mutex));
	SAME(ETIMEDOUT, pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &limit));
	ZERO(pthread_mutex_unlock(&mutex));
}

static void by_sigtimedwait(int64_t ns)
{
	struct timespec t = timespec(ns);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	FAILS(EAGAIN, sigtimedwait(&set, NULL, &t));
}

static void by_futex(int64_t ns)
{
	struct timespec t = timespec(ns);
	uint32_t word = 0;

	FAILS(ETIMEDOUT, syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0));
}

static const struct form {
	const char *name;
	void (*sleep)(int64_t);
} forms[] = {
	{ "nanosleep", by_nanosleep },
	{ "clock_nanosleep, relative", by_relative_monotonic },
	{ "clock_nanosleep, relative, boot time", by_relative_boottime },
	{ "clock_nanosleep until a monotonic time", until_monotonic },
	{ "clock_nanosleep until a real time", until_realtime },
	{ "usleep", by_usleep },
	{ "poll", by_poll },
	{ "ppoll", by_ppoll },
	{ "select", by_select },
	{ "pselect", by_pselect },
	{ "epoll_wait", by_epoll_wait },
	{ "sem_timedwait", by_sem_timedwait },
	{ "pthread_cond_clockwait", by_cond_clockwait },
	{ "sigtimedwait", by_sigtimedwait },
	{ "futex", by_futex },
};
#define FORMS ((int)(sizeof(forms) / sizeof(*forms)))

static void check(const struct form *form, int64_t ns)
{
	int64_t start = workload_now(), lived = __atomic_load_n(&alive, __ATOMIC_SEQ_CST);

	form->sleep(ns);
	lived = __atomic_load_n(&alive, __ATOMIC_SEQ_CST) - lived;
	if (workload_now() - start < ns)
		FAIL("%s of %ld ms ended after %ld us", form->name, ns / MS, (workload_now() - start) / 1000);
	if (lived > 2 * ns + TOLERANCE)
		FAIL("%s of %ld ms took %ld ms of the process's life", form->name, ns / MS, lived / MS);
}

static void *sleeper(void *form)
{
	while (!workload_finished()) {
		check(form, 30 * MS);
		check(form, 1700 * MS);
	}
	return NULL;
}

int main(void)
{
	pthread_t thread[FORMS], counter;

	ZERO(pthread_create(&counter, NULL, count_life, NULL));
	for (int i = 0; i < FORMS; i++)
		ZERO(pthread_create(&thread[i], NULL, sleeper, (void *)&forms[i]));
	workload_ready();
	do
		for (int i = 0; i < FORMS; i++)
			check(&forms[i], 10 * MS);
	while (workload_goes_on());
	for (int i = 0; i < FORMS; i++)
		ZERO(pthread_join(thread[i], NULL));
	workload_pass();
}
