/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigmask_handlers - handlers with all their flags and masks, ignored signals, and each thread's mask stay as they
 * were set; a handled signal interrupts a call, or does not, as SA_RESTART says.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "workload.h"

/* Of each thread: one that was sent a signal before may handle it late. */
static _Thread_local volatile sig_atomic_t handled, value_seen;
static _Thread_local sigset_t mask_seen;
static int restarting[2], interrupted[2];
static volatile int interruptions;

static void with_info(int signal_number, siginfo_t *info, void *context)
{
	(void)context;
	handled = signal_number;
	value_seen = info->si_value.sival_int;
	sigprocmask(SIG_BLOCK, NULL, &mask_seen);
}

static void plain(int signal_number)
{
	handled = signal_number;
	sigprocmask(SIG_BLOCK, NULL, &mask_seen);
}

static const struct action {
	int signal_number, flags, blocks;
} actions[] = {
	{ SIGUSR1, SA_SIGINFO | SA_RESTART, SIGUSR2 },
	{ SIGUSR2, 0, SIGWINCH },
	{ SIGHUP, SA_NODEFER, SIGTERM },
	{ SIGWINCH, SA_SIGINFO | SA_NODEFER | SA_RESTART, SIGHUP },
	{ SIGCHLD, SA_NOCLDSTOP | SA_NOCLDWAIT, SIGHUP },
	{ 50, SA_SIGINFO, 51 },
	{ 51, SA_RESTART, 50 },
};
#define ACTIONS (sizeof(actions) / sizeof(*actions))

static void set_action(const struct action *a)
{
	struct sigaction s = { .sa_flags = a->flags };

	sigaddset(&s.sa_mask, a->blocks);
	if (a->flags & SA_SIGINFO)
		s.sa_sigaction = with_info;
	else
		s.sa_handler = plain;
	SYS(sigaction(a->signal_number, &s, NULL));
}

static void check_action(const struct action *a)
{
	struct sigaction s;

	SYS(sigaction(a->signal_number, NULL, &s));
	SAME(a->flags, s.sa_flags & ~0x04000000); /* SA_RESTORER */
	CHECK(a->flags & SA_SIGINFO ? s.sa_sigaction == with_info : s.sa_handler == plain);
	for (int i = 1; i <= SIGRTMAX; i++)
		SAME(i == a->blocks, sigismember(&s.sa_mask, i));
	/* For this thread: others, which do not block it, may take one that is for the process (so does Linux). */
	ZERO(pthread_sigqueue(pthread_self(), a->signal_number,
			      (union sigval){ .sival_int = 1000 + a->signal_number }));
	SAME(a->signal_number, handled);
	if (a->flags & SA_SIGINFO)
		SAME(1000 + a->signal_number, value_seen);
	SAME(1, sigismember(&mask_seen, a->blocks));
	SAME(!(a->flags & SA_NODEFER), sigismember(&mask_seen, a->signal_number));
}

static void check_reset(void)
{
	struct sigaction s = { .sa_handler = plain, .sa_flags = SA_RESETHAND }, now;

	SYS(sigaction(SIGCONT, NULL, &now));
	CHECK(now.sa_handler == plain && now.sa_flags & SA_RESETHAND);
	raise(SIGCONT);
	SAME(SIGCONT, handled);
	SYS(sigaction(SIGCONT, &s, &now));
	CHECK(now.sa_handler == SIG_DFL);
}

static void check_mask(int blocked)
{
	sigset_t mask;

	ZERO(pthread_sigmask(SIG_BLOCK, NULL, &mask));
	for (int i = 1; i <= SIGRTMAX; i++)
		SAME(i == blocked, sigismember(&mask, i));
}

static void block(int signal_number)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, signal_number);
	ZERO(pthread_sigmask(SIG_SETMASK, &mask, NULL));
}

static void *reads_on(void *ignored)
{
	char byte;

	(void)ignored;
	block(SIGRTMAX);
	SAME(1, read(restarting[0], &byte, 1));
	check_mask(SIGRTMAX);
	return NULL;
}

static void *is_interrupted(void *ignored)
{
	char byte;
	ssize_t n;

	(void)ignored;
	block(SIGRTMAX - 1);
	while ((n = read(interrupted[0], &byte, 1)) != 1) {
		SAME(-1, n);
		SAME(EINTR, errno);
		check_mask(SIGRTMAX - 1);
		__atomic_add_fetch(&interruptions, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* The signal may come when the thread is not in read yet, so it is sent until it has interrupted once more. */
static void check_interruption(pthread_t restarts, pthread_t returns)
{
	int before = interruptions;

	ZERO(pthread_kill(restarts, 51));
	while (interruptions == before) {
		ZERO(pthread_kill(returns, SIGUSR2));
		workload_pause();
	}
}

int main(void)
{
	struct sigaction reset = { .sa_handler = plain, .sa_flags = SA_RESETHAND };
	pthread_t restarts, returns;

	SYS(pipe(restarting));
	SYS(pipe(interrupted));
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	SYS(sigaction(SIGCONT, &reset, NULL));
	for (size_t i = 0; i < ACTIONS; i++)
		set_action(&actions[i]);
	block(SIGURG);
	ZERO(pthread_create(&restarts, NULL, reads_on, NULL));
	ZERO(pthread_create(&returns, NULL, is_interrupted, NULL));
	workload_ready();
	do {
		struct sigaction now;

		check_interruption(restarts, returns);
		/* Signals to the process go to the main thread, which runs and has none of these blocked. */
		for (size_t i = 0; i < ACTIONS; i++)
			check_action(&actions[i]);
		check_reset();
		check_mask(SIGURG);
		SYS(sigaction(SIGINT, NULL, &now));
		CHECK(now.sa_handler == SIG_IGN);
		raise(SIGINT);
	} while (workload_goes_on());
	SAME(1, write(restarting[1], "x", 1));
	SAME(1, write(interrupted[1], "x", 1));
	ZERO(pthread_join(restarts, NULL));
	ZERO(pthread_join(returns, NULL));
	workload_pass();
}
