/* SPDX-License-Identifier: Apache-2.0 */
/* pidfd - descriptors of a child and of the process itself still name the same processes. */
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static bool ended(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return SYS(poll(&p, 1, 0));
}

static void wait_for(int fd, pid_t pid, int code)
{
	siginfo_t info = { 0 };

	ZERO(waitid(P_PIDFD, fd, &info, WEXITED));
	SAME(pid, info.si_pid);
	SAME(code, info.si_status);
}

int main(void)
{
	pid_t child = SYS(fork()), grandchild;
	int to_child, to_self;

	if (!child) {
		grandchild = SYS(fork());
		while (!workload_finished())
			workload_pause();
		if (!grandchild)
			_exit(3);
		wait_for(SYS(pidfd_open(grandchild, 0)), grandchild, 3);
		_exit(11);
	}
	to_child = SYS(pidfd_open(child, 0));
	to_self = SYS(pidfd_open(getpid(), 0));
	workload_ready();
	do {
		SYS(pidfd_send_signal(to_child, 0, NULL, 0));
		SYS(pidfd_send_signal(to_self, 0, NULL, 0));
		CHECK_BEFORE_END(!ended(to_child));
		CHECK(!ended(to_self));
	} while (workload_goes_on());
	wait_for(to_child, child, 11);
	CHECK(ended(to_child));
	workload_pass();
}
