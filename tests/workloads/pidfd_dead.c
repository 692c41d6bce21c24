/* SPDX-License-Identifier: Apache-2.0 */
// refused: is a pidfd of a process that has ended or is not of the job
/* pidfd_dead - a descriptor of a child that has ended, and was not waited for, still names it. */
#include <poll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

int main(void)
{
	pid_t child = SYS(fork());
	siginfo_t info = { 0 };
	struct pollfd p = { .events = POLLIN };

	if (!child)
		_exit(12);
	p.fd = SYS(pidfd_open(child, 0));
	SAME(1, poll(&p, 1, -1));
	workload_ready();
	do
		SAME(1, poll(&p, 1, 0));
	while (workload_goes_on());
	ZERO(waitid(P_PIDFD, p.fd, &info, WEXITED));
	SAME(child, info.si_pid);
	SAME(12, info.si_status);
	workload_pass();
}
