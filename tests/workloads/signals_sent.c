/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals_sent - two processes send each other numbered signals all the time: none is lost, doubled or out of order,
 * also when one has stopped for a checkpoint and the other still runs.
 */
#include <signal.h>
#include <unistd.h>

#include "workload.h"

#define IN_FLIGHT 8

static sigset_t set;

static void send_number(pid_t to, int number)
{
	SYS(sigqueue(to, SIGRTMIN, (union sigval){ .sival_int = number }));
}

static int receive_number(pid_t from)
{
	siginfo_t info;

	SAME(SIGRTMIN, sigwaitinfo(&set, &info));
	SAME(from, info.si_pid);
	SAME(SI_QUEUE, info.si_code);
	return info.si_value.sival_int;
}

/* Sends back each number, until a negative one. */
static void answers(pid_t parent)
{
	for (int expected = 0;; expected++) {
		int number = receive_number(parent);

		if (number < 0)
			_exit(0);
		SAME(expected, number);
		send_number(parent, number);
	}
}

int main(void)
{
	pid_t me = getpid(), child;
	int sent = 0, received = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	SYS(sigprocmask(SIG_BLOCK, &set, NULL));
	child = SYS(fork());
	if (!child)
		answers(me);
	workload_ready();
	do {
		for (int n = 0; n < 500; n++) {
			while (sent < received + IN_FLIGHT)
				send_number(child, sent++);
			SAME(received, receive_number(child));
			received++;
		}
	} while (workload_goes_on());
	for (; received < sent; received++)
		SAME(received, receive_number(child));
	send_number(child, -1);
	workload_reap(child, EXITED(0));
	workload_pass();
}
