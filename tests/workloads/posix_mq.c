/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posix_mq - POSIX message queues keep their messages with priority, their attributes, who waits and who is notified;
 * one by its name, one unlinked.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "workload.h"

static const char *name_of(const char *suffix)
{
	static char name[64];

	snprintf(name, sizeof(name), "/holdfast-test-%d.%s", getpid(), suffix);
	return name;
}

static mqd_t make(const char *suffix, int flags)
{
	struct mq_attr limits = { .mq_maxmsg = 8, .mq_msgsize = 500 };

	return SYS(mq_open(name_of(suffix), O_CREAT | O_EXCL | O_RDWR | flags, 0600, &limits));
}

static void put(mqd_t queue, size_t size, unsigned priority, uint64_t seed)
{
	char text[500];

	workload_fill(text, size, seed);
	SYS(mq_send(queue, text, size, priority));
}

static void take(mqd_t queue, size_t size, unsigned priority, uint64_t seed)
{
	char text[500];
	unsigned got;

	SAME(size, mq_receive(queue, text, sizeof(text), &got));
	SAME(priority, got);
	workload_verify("message", text, size, seed);
}

static void check_attributes(mqd_t queue, int flags, int messages)
{
	struct mq_attr now;

	SYS(mq_getattr(queue, &now));
	SAME(flags, now.mq_flags);
	SAME(8, now.mq_maxmsg);
	SAME(500, now.mq_msgsize);
	SAME(messages, now.mq_curmsgs);
}

/* A queue that nobody has open lives on by its name. */
static void leave_behind(void)
{
	mqd_t left = make("left", 0);

	put(left, 20, 5, 9);
	SYS(mq_close(left));
}

static void take_left_behind(void)
{
	mqd_t left = SYS(mq_open(name_of("left"), O_RDWR));

	check_attributes(left, 0, 1);
	take(left, 20, 5, 9);
	SYS(mq_close(left));
	SYS(mq_unlink(name_of("left")));
}

int main(void)
{
	mqd_t kept = make("kept", O_NONBLOCK), unlinked = make("unlinked", 0), notified = make("notified", 0);
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 31 };
	siginfo_t info;
	sigset_t set;
	pid_t child;

	SYS(mq_unlink(name_of("unlinked")));
	SYS(mq_unlink(name_of("notified")));
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	SYS(mq_notify(notified, &event));
	put(kept, 100, 1, 1);
	put(kept, 500, 9, 2);
	put(kept, 0, 9, 3);
	put(kept, 33, 4, 4);
	leave_behind();
	child = SYS(fork());
	if (!child) {
		take(unlinked, 55, 2, 7);
		CHECK(workload_finished());
		_exit(0);
	}
	workload_ready();
	do {
		mqd_t again = SYS(mq_open(name_of("kept"), O_RDONLY));

		check_attributes(again, 0, 4);
		SYS(mq_close(again));
		check_attributes(kept, O_NONBLOCK, 4);
		check_attributes(unlinked, 0, 0);
		FAILS(EBUSY, mq_notify(notified, &event));
	} while (workload_goes_on());
	put(unlinked, 55, 2, 7);
	workload_reap(child, EXITED(0));
	take(kept, 500, 9, 2);
	take(kept, 0, 9, 3);
	take(kept, 33, 4, 4);
	take(kept, 100, 1, 1);
	FAILS(EAGAIN, mq_receive(kept, (char[500]){ 0 }, 500, NULL));
	put(notified, 1, 1, 1);
	SAME(SIGRTMIN, sigwaitinfo(&set, &info));
	SAME(SI_MESGQ, info.si_code);
	SAME(31, info.si_value.sival_int);
	take_left_behind();
	SYS(mq_unlink(name_of("kept")));
	workload_pass();
}
