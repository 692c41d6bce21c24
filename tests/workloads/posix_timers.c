/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posix_timers - timers of timer_create keep their numbers, their clocks, what they notify and when; those with
 * intervals go on, also where their signal waits and overruns; a thread's and a function's are called.
 */
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define MS 1000000l
#define TO_PROCESS (SIGRTMIN + 1)
#define TO_THREAD (SIGRTMIN + 2)
#define BLOCKED (SIGRTMIN + 3)

static unsigned long to_process, to_thread, calls, cpu_time;
static timer_t periodic, threads, blocked, function, none, later, cpu;
static pid_t thread_number;
static volatile bool ending;

static void count(unsigned long *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
}

static void on_process(int signal_number, siginfo_t *info, void *ignored)
{
	(void)ignored;
	SAME(TO_PROCESS, signal_number);
	SAME(SI_TIMER, info->si_code);
	CHECK(info->si_value.sival_int == 111 || info->si_value.sival_int == 222);
	count(info->si_value.sival_int == 111 ? &to_process : &cpu_time);
}

static void on_thread(int signal_number, siginfo_t *info, void *ignored)
{
	(void)ignored;
	SAME(TO_THREAD, signal_number);
	SAME(333, info->si_value.sival_int);
	SAME(thread_number, gettid());
	count(&to_thread);
}

static void on_call(union sigval value)
{
	SAME(444, value.sival_int);
	count(&calls);
}

static void start(timer_t *timer, clockid_t clock, struct sigevent event, int value, long first_ms, long interval_ms)
{
	struct itimerspec t = { { interval_ms / 1000, interval_ms % 1000 * MS },
				{ first_ms / 1000, first_ms % 1000 * MS } };

	event.sigev_value.sival_int = value;
	SYS(timer_create(clock, &event, timer));
	SYS(timer_settime(*timer, 0, &t, NULL));
}

/* A thread that never leaves its call for long: timers go to it by number. */
static void *thread(void *ready)
{
	thread_number = gettid();
	pthread_barrier_wait(ready);
	while (!ending)
		workload_pause();
	return NULL;
}

static void set_up(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = TO_PROCESS };

	SYS(sigaction(TO_PROCESS,
		      &(struct sigaction){ .sa_sigaction = on_process, .sa_flags = SA_SIGINFO | SA_RESTART }, NULL));
	SYS(sigaction(TO_THREAD, &(struct sigaction){ .sa_sigaction = on_thread, .sa_flags = SA_SIGINFO | SA_RESTART },
		      NULL));
	start(&periodic, CLOCK_MONOTONIC, event, 111, 15, 15);
	start(&cpu, CLOCK_PROCESS_CPUTIME_ID, event, 222, 5, 5);
	event = (struct sigevent){ .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = TO_THREAD };
	event._sigev_un._tid = thread_number;
	start(&threads, CLOCK_BOOTTIME, event, 333, 20, 20);
	event = (struct sigevent){ .sigev_notify = SIGEV_THREAD };
	event.sigev_notify_function = on_call;
	start(&function, CLOCK_REALTIME, event, 444, 20, 20);
	event = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = BLOCKED };
	start(&blocked, CLOCK_MONOTONIC, event, 555, 1, 1);
	start(&later, CLOCK_REALTIME, event, 777, 3600000, 7000);
	event = (struct sigevent){ .sigev_notify = SIGEV_NONE };
	start(&none, CLOCK_MONOTONIC, event, 666, 3600000, 5000);
}

static void await(const char *what, unsigned long *counter)
{
	unsigned long before = __atomic_load_n(counter, __ATOMIC_SEQ_CST);

	for (int tries = 0; __atomic_load_n(counter, __ATOMIC_SEQ_CST) == before; tries++) {
		if (tries > 2000)
			FAIL("the timer that %s does not come any more", what);
		for (volatile int i = 0; i < 1000000; i++)
			;
		workload_pause();
	}
}

static void check_left(timer_t timer, int interval)
{
	struct itimerspec t;

	SYS(timer_gettime(timer, &t));
	SAME(interval, t.it_interval.tv_sec);
	CHECK(t.it_value.tv_sec > 3000);
	CHECK(t.it_value.tv_sec < 3600);
}

/* One signal may have been made just before a stop and tell of little; the next one after it tells all. */
static void check_overrun(sigset_t *set)
{
	siginfo_t info;

	for (int tries = 0; tries < 3; tries++) {
		workload_pause();
		SAME(BLOCKED, sigwaitinfo(set, &info));
		SAME(SI_TIMER, info.si_code);
		SAME(555, info.si_value.sival_int);
		if (info.si_overrun >= 5)
			return;
	}
	FAIL("overruns of a 1 ms timer after 10 ms, expected at least 5, got %d", info.si_overrun);
}

int main(void)
{
	pthread_barrier_t ready;
	pthread_t other;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, BLOCKED);
	ZERO(pthread_sigmask(SIG_BLOCK, &set, NULL));
	ZERO(pthread_barrier_init(&ready, NULL, 2));
	ZERO(pthread_create(&other, NULL, thread, &ready));
	pthread_barrier_wait(&ready);
	set_up();
	workload_ready();
	do {
		await("signals the process", &to_process);
		await("signals the thread", &to_thread);
		await("calls the function", &calls);
		await("counts processor time", &cpu_time);
		check_left(none, 5);
		check_left(later, 7);
		check_overrun(&set);
	} while (workload_goes_on());
	SYS(timer_delete(threads));
	ending = true;
	ZERO(pthread_join(other, NULL));
	SYS(timer_delete(periodic));
	FAILS(EINVAL, timer_delete(periodic));
	workload_pass();
}
