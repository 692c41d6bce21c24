/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alarm_pending - an interval timer whose signal waits, blocked: until it is taken the timer stands still (so does
 * Linux), and then it goes on.
 */
#include <signal.h>
#include <sys/time.h>

#include "workload.h"

#define INTERVAL_US 100 /* shorter than a checkpoint reads the timers after the signals */

static sigset_t alarm_signal;

static int is_pending(void)
{
	sigset_t pending;

	SYS(sigpending(&pending));
	return sigismember(&pending, SIGALRM);
}

static void check_interval(void)
{
	struct itimerval now;

	SYS(getitimer(ITIMER_REAL, &now));
	SAME(INTERVAL_US, now.it_interval.tv_usec);
}

int main(void)
{
	struct itimerval every = { { 0, INTERVAL_US }, { 0, INTERVAL_US } };
	struct timespec long_enough = { 20, 0 };

	sigemptyset(&alarm_signal);
	sigaddset(&alarm_signal, SIGALRM);
	SYS(sigprocmask(SIG_BLOCK, &alarm_signal, NULL));
	SYS(setitimer(ITIMER_REAL, &every, NULL));
	while (!is_pending())
		workload_pause();
	workload_ready();
	do {
		CHECK(is_pending());
		check_interval();
	} while (workload_goes_on());
	for (int i = 0; i < 5; i++) {
		SAME(SIGALRM, TEMP_FAILURE_RETRY(sigtimedwait(&alarm_signal, NULL, &long_enough)));
		check_interval();
	}
	workload_pass();
}
