/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals_pending - blocked signals that wait, for the process and for single threads, standard and real-time with
 * values, keep their order and their siginfo until they are taken at the end.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

#define QUEUED 5
#define RT_PROCESS (SIGRTMIN + 1)
#define RT_THREAD (SIGRTMIN + 2)

static sigset_t all;
static pthread_t other;
static pthread_barrier_t sent;

static void check_pending(const int *expected, int count)
{
	sigset_t got;

	SYS(sigpending(&got));
	for (int s = 1; s <= SIGRTMAX; s++) {
		bool wanted = false;

		for (int i = 0; i < count; i++)
			wanted |= expected[i] == s;
		if (sigismember(&got, s) != wanted)
			FAIL("signal %d pending, expected %d, got %d", s, wanted, !wanted);
	}
}

static siginfo_t take(int signal_number)
{
	struct timespec none = { 0, 0 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal_number);
	SAME(signal_number, sigtimedwait(&set, &info, &none));
	return info;
}

static void take_sent(int signal_number, int code)
{
	siginfo_t info = take(signal_number);

	SAME(code, info.si_code);
	SAME(getpid(), info.si_pid);
	SAME(getuid(), info.si_uid);
}

static void take_queue(int signal_number, int base)
{
	struct timespec none = { 0, 0 };
	sigset_t set;

	for (int i = 0; i < QUEUED; i++) {
		siginfo_t info = take(signal_number);

		SAME(SI_QUEUE, info.si_code);
		SAME(base + i, info.si_value.sival_int);
		SAME(getpid(), info.si_pid);
	}
	sigemptyset(&set);
	sigaddset(&set, signal_number);
	FAILS(EAGAIN, sigtimedwait(&set, NULL, &none));
}

static void *second(void *ignored)
{
	const int mine[] = { SIGUSR1, SIGCHLD, SIGUSR2, SIGHUP, RT_PROCESS, RT_THREAD };

	(void)ignored;
	pthread_barrier_wait(&sent);
	while (!workload_finished()) {
		check_pending(mine, 6);
		workload_pause();
	}
	take_queue(RT_THREAD, 200);
	take_sent(SIGUSR2, SI_USER); /* the C library does not tell SI_TKILL from it */
	return NULL;
}

static void send_all(void)
{
	for (int i = 0; i < QUEUED; i++) {
		SYS(sigqueue(getpid(), RT_PROCESS, (union sigval){ .sival_int = 100 + i }));
		ZERO(pthread_sigqueue(other, RT_THREAD, (union sigval){ .sival_int = 200 + i }));
		ZERO(pthread_sigqueue(pthread_self(), RT_THREAD, (union sigval){ .sival_int = 300 + i }));
	}
	SYS(kill(getpid(), SIGUSR1));
	SYS(kill(getpid(), SIGUSR1)); /* merges */
	ZERO(pthread_kill(other, SIGUSR2));
	SYS(sigqueue(getpid(), SIGHUP, (union sigval){ .sival_int = 77 }));
}

static pid_t child_that_ended(void)
{
	siginfo_t info;
	pid_t child = SYS(fork());

	if (!child)
		_exit(33);
	SYS(waitid(P_PID, child, &info, WEXITED));
	return child;
}

int main(void)
{
	const int mine[] = { SIGUSR1, SIGCHLD, SIGHUP, RT_PROCESS, RT_THREAD };
	siginfo_t info;
	pid_t child;

	sigfillset(&all);
	ZERO(pthread_sigmask(SIG_BLOCK, &all, NULL));
	child = child_that_ended();
	ZERO(pthread_barrier_init(&sent, NULL, 2));
	ZERO(pthread_create(&other, NULL, second, NULL));
	send_all();
	pthread_barrier_wait(&sent);
	workload_ready();
	do
		check_pending(mine, 5);
	while (workload_goes_on());
	ZERO(pthread_join(other, NULL));
	take_queue(RT_PROCESS, 100);
	take_queue(RT_THREAD, 300);
	take_sent(SIGUSR1, SI_USER);
	info = take(SIGHUP);
	SAME(SI_QUEUE, info.si_code);
	SAME(77, info.si_value.sival_int);
	info = take(SIGCHLD);
	SAME(CLD_EXITED, info.si_code);
	SAME(child, info.si_pid);
	SAME(33, info.si_status);
	check_pending(NULL, 0);
	workload_pass();
}
