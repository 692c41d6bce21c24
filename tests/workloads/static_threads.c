/* SPDX-License-Identifier: Apache-2.0 */
// static
/*
 * static_threads - a statically linked program, into which nothing can be preloaded: threads that sleep, wait for each
 * other and compute, handlers, a mask, a timer, memory, a file's offset.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define MEMORY (3 << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long turns;
static __thread long own;
static volatile sig_atomic_t ticks, signals;

static void on_tick(int signal)
{
	(void)signal;
	ticks++;
}

static void on_signal(int signal)
{
	(void)signal;
	signals++;
}

/* Two take turns. */
static void *take_turns(void *which)
{
	long me = (long)which;

	while (!workload_finished()) {
		struct timespec end;

		clock_gettime(CLOCK_REALTIME, &end);
		end.tv_sec++;
		ZERO(pthread_mutex_lock(&lock));
		if (turns % 2 == me) {
			turns++;
			own++;
			ZERO(pthread_cond_broadcast(&changed));
		} else {
			pthread_cond_timedwait(&changed, &lock, &end);
		}
		CHECK(turns / 2 <= own && own <= turns / 2 + 1);
		ZERO(pthread_mutex_unlock(&lock));
		workload_pause();
	}
	return NULL;
}

static void *sleep_long(void *unused)
{
	struct timespec pause = { 0, 300000000 };
	double sum = 0;

	for (long n = 0; !workload_finished(); n++) {
		SYS(clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL));
		sum += 0.5 * n;
		CHECK(sum == 0.25 * n * (n + 1));
	}
	return unused;
}

static void start_timer(void)
{
	struct itimerspec every = { { 0, 20000000 }, { 0, 20000000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	timer_t timer;

	signal(SIGRTMIN, on_tick);
	signal(SIGUSR1, on_signal);
	SYS(timer_create(CLOCK_MONOTONIC, &event, &timer));
	SYS(timer_settime(timer, 0, &every, NULL));
}

static void check_signals(void)
{
	sigset_t set, waiting;
	int before = signals;

	SYS(raise(SIGUSR2)); /* blocked: waits */
	SYS(sigpending(&waiting));
	SAME(1, sigismember(&waiting, SIGUSR2));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	SAME(SIGUSR2, TEMP_FAILURE_RETRY(sigwaitinfo(&set, NULL)));
	SYS(raise(SIGUSR1));
	SAME(before + 1, signals);
}

int main(void)
{
	int fd = SYS(open(workload_path("file"), O_RDWR | O_CREAT, 0600)), before;
	static char memory[MEMORY];
	pthread_t threads[3];
	sigset_t blocked;
	off_t written = 0;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigaddset(&blocked, SIGRTMIN);
	ZERO(pthread_sigmask(SIG_BLOCK, &blocked, NULL));
	workload_fill(memory, sizeof(memory), 5);
	for (long n = 0; n < 3; n++)
		ZERO(pthread_create(&threads[n], NULL, n < 2 ? take_turns : sleep_long, (void *)n));
	start_timer();
	sigdelset(&blocked, SIGUSR2);
	ZERO(pthread_sigmask(SIG_UNBLOCK, &blocked, NULL));
	workload_ready();
	do {
		before = ticks;
		check_signals();
		workload_verify("memory", memory, sizeof(memory), 5);
		SAME(written, lseek(fd, 0, SEEK_CUR));
		SAME(3, write(fd, "abc", 3));
		written += 3;
		while (ticks == before)
			workload_pause();
	} while (workload_goes_on());
	for (int n = 0; n < 3; n++)
		ZERO(pthread_join(threads[n], NULL));
	SAME(written, lseek(fd, 0, SEEK_END));
	workload_pass();
}
