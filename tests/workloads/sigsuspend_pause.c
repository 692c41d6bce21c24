/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigsuspend_pause - threads that wait for a signal in every way return when theirs comes, at the end, and not before.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "workload.h"

static volatile int returned;
static __thread volatile int handled;

static void handler(int signal_number)
{
	handled = signal_number;
}

static void *in_pause(void *ignored)
{
	sigset_t mask;

	(void)ignored;
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	ZERO(pthread_sigmask(SIG_UNBLOCK, &mask, NULL));
	FAILS(EINTR, pause());
	SAME(SIGUSR1, handled);
	return NULL;
}

static void *in_sigsuspend(void *ignored)
{
	sigset_t mask;

	(void)ignored;
	sigfillset(&mask);
	sigdelset(&mask, SIGUSR1);
	FAILS(EINTR, sigsuspend(&mask));
	SAME(SIGUSR1, handled);
	ZERO(pthread_sigmask(SIG_BLOCK, NULL, &mask));
	SAME(1, sigismember(&mask, SIGUSR1));
	return NULL;
}

static void only_usr1(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGUSR1);
}

static void *in_sigwaitinfo(void *ignored)
{
	siginfo_t info;
	sigset_t set;

	(void)ignored;
	only_usr1(&set);
	SAME(SIGUSR1, sigwaitinfo(&set, &info));
	SAME(SI_USER, info.si_code); /* the C library does not tell SI_TKILL from it */
	SAME(getpid(), info.si_pid);
	return NULL;
}

static void *in_sigtimedwait(void *ignored)
{
	struct timespec hour = { 3600, 0 };
	siginfo_t info;
	sigset_t set;

	(void)ignored;
	only_usr1(&set);
	SAME(SIGUSR1, sigtimedwait(&set, &info, &hour));
	SAME(getpid(), info.si_pid);
	return NULL;
}

static void *in_sigwait(void *ignored)
{
	sigset_t set;
	int got;

	(void)ignored;
	only_usr1(&set);
	ZERO(sigwait(&set, &got));
	SAME(SIGUSR1, got);
	return NULL;
}

static void *in_signalfd(void *ignored)
{
	struct signalfd_siginfo info;
	sigset_t set;

	(void)ignored;
	only_usr1(&set);
	SAME(sizeof(info), read(SYS(signalfd(-1, &set, SFD_CLOEXEC)), &info, sizeof(info)));
	SAME(SIGUSR1, info.ssi_signo);
	return NULL;
}

static void *(*const forms[])(void *) = { in_pause,	   in_sigsuspend, in_sigwaitinfo,
					  in_sigtimedwait, in_sigwait,	  in_signalfd };
#define FORMS ((int)(sizeof(forms) / sizeof(*forms)))

static void *run(void *form)
{
	(*(void *(*const *)(void *))form)(NULL);
	__atomic_add_fetch(&returned, 1, __ATOMIC_SEQ_CST);
	CHECK(workload_finished());
	return NULL;
}

int main(void)
{
	pthread_t threads[FORMS];
	sigset_t all;

	signal(SIGUSR1, handler);
	sigfillset(&all);
	ZERO(pthread_sigmask(SIG_BLOCK, &all, NULL));
	for (int i = 0; i < FORMS; i++)
		ZERO(pthread_create(&threads[i], NULL, run, (void *)&forms[i]));
	for (int i = 0; i < 10; i++) /* lets them get there */
		workload_pause();
	workload_ready();
	do
		SAME(0, returned);
	while (workload_goes_on());
	SAME(0, returned);
	for (int i = 0; i < FORMS; i++) {
		ZERO(pthread_kill(threads[i], SIGUSR1));
		ZERO(pthread_join(threads[i], NULL));
	}
	workload_pass();
}
