/* SPDX-License-Identifier: Apache-2.0 */
/* signalfd - signals read from a descriptor; one waits there until the end. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "workload.h"

static sigset_t set_of(int a, int b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, a);
	sigaddset(&set, b);
	return set;
}

static struct signalfd_siginfo take(int fd)
{
	struct signalfd_siginfo info;

	SAME(sizeof(info), read(fd, &info, sizeof(info)));
	return info;
}

int main(void)
{
	sigset_t often = set_of(SIGUSR1, SIGRTMIN), once = set_of(SIGUSR2, SIGUSR2), all;
	struct signalfd_siginfo info;
	int fd, waiting;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	fd = SYS(signalfd(-1, &often, SFD_CLOEXEC | SFD_NONBLOCK));
	waiting = SYS(signalfd(-1, &once, 0));
	SYS(sigqueue(getpid(), SIGUSR2, (union sigval){ .sival_int = 4321 }));
	workload_ready();
	do {
		struct pollfd p[] = { { fd, POLLIN, 0 }, { waiting, POLLIN, 0 } };

		SAME(1, poll(p, 2, 0));
		CHECK(!p[0].revents && p[1].revents);
		FAILS(EAGAIN, read(fd, &info, sizeof(info)));
		SYS(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 9 }));
		SYS(kill(getpid(), SIGUSR1));
		info = take(fd);
		SAME(SIGUSR1, info.ssi_signo);
		SAME(getpid(), info.ssi_pid);
		info = take(fd);
		SAME(SIGRTMIN, info.ssi_signo);
		SAME(9, info.ssi_int);
		SAME(FD_CLOEXEC, SYS(fcntl(fd, F_GETFD)));
		SAME(0, SYS(fcntl(waiting, F_GETFD)));
	} while (workload_goes_on());
	info = take(waiting);
	SAME(SIGUSR2, info.ssi_signo);
	SAME(4321, info.ssi_int);
	workload_pass();
}
