/* SPDX-License-Identifier: Apache-2.0 */
// needs: processor
/* alarm_itimer - alarms come, not early, and interval timers of all three kinds go on with their intervals. */
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "workload.h"

static const struct {
	int which, signal_number, interval_us;
} timers[] = { { ITIMER_REAL, SIGALRM, 25000 }, { ITIMER_VIRTUAL, SIGVTALRM, 5000 }, { ITIMER_PROF, SIGPROF, 6000 } };
static volatile unsigned long counts[65];

static void count(int signal_number)
{
	counts[signal_number]++;
}

/* Some thousands of these are a few seconds of computing, in which each timer must have come. */
static void burn(void)
{
	for (volatile int i = 0; i < 500000; i++)
		;
}

static void check(void)
{
	for (int i = 0; i < 3; i++) {
		unsigned long before = counts[timers[i].signal_number];
		struct itimerval now;

		SYS(getitimer(timers[i].which, &now));
		SAME(timers[i].interval_us, now.it_interval.tv_usec);
		SAME(0, now.it_interval.tv_sec);
		for (int tries = 0; counts[timers[i].signal_number] == before; tries++) {
			if (tries > 5000)
				FAIL("timer %d does not come any more", timers[i].which);
			burn();
		}
	}
}

/* One alarm after the other; each is waited for by a blocking call that does not poll. */
static _Noreturn void alarms(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (!workload_finished()) {
		int64_t start = workload_now();
		int got;

		SAME(0, alarm(1));
		ZERO(sigwait(&set, &got));
		CHECK(workload_now() - start >= 1000000000);
		SAME(0, alarm(0));
	}
	_exit(0);
}

static _Noreturn void long_alarm(void)
{
	unsigned last = 3600;

	SAME(0, alarm(last));
	while (!workload_finished()) {
		struct itimerval now;

		SYS(getitimer(ITIMER_REAL, &now));
		CHECK(now.it_value.tv_sec <= last);
		CHECK(now.it_value.tv_sec > 3000);
		last = now.it_value.tv_sec;
		workload_pause();
	}
	CHECK(alarm(0) > 3000);
	_exit(0);
}

int main(void)
{
	pid_t one = SYS(fork()), other;

	if (!one)
		alarms();
	other = SYS(fork());
	if (!other)
		long_alarm();
	for (int i = 0; i < 3; i++) {
		struct itimerval t = { { 0, timers[i].interval_us }, { 0, timers[i].interval_us } };

		SYS(sigaction(timers[i].signal_number,
			      &(struct sigaction){ .sa_handler = count, .sa_flags = SA_RESTART }, NULL));
		SYS(setitimer(timers[i].which, &t, NULL));
	}
	workload_ready();
	do
		check();
	while (workload_goes_on());
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	workload_reap(one, EXITED(0));
	workload_reap(other, EXITED(0));
	workload_pass();
}
