/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/*
 * owner_signals - descriptors that signal when there is something to read: to a process, to a group, to a thread, as
 * the signal asked for, with the descriptor's number; kept until the owner changes it.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload.h"

#define BY_PROCESS (SIGRTMIN + 1)
#define BY_GROUP (SIGRTMIN + 2)
#define BY_THREAD (SIGRTMIN + 3)

static struct watched {
	int ends[2], signal_number;
	struct f_owner_ex owner;
} watched[3];

static void watch(int i, int signal_number, int type, pid_t number)
{
	struct watched *w = &watched[i];

	*w = (struct watched){ .signal_number = signal_number, .owner = { type, number } };
	if (i == 1)
		SYS(pipe(w->ends));
	else
		SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, w->ends));
	SYS(fcntl(w->ends[0], F_SETOWN_EX, &w->owner));
	SYS(fcntl(w->ends[0], F_SETSIG, signal_number));
	SYS(fcntl(w->ends[0], F_SETFL, O_ASYNC | O_NONBLOCK));
}

static void check(struct watched *w, const sigset_t *set)
{
	struct f_owner_ex owner;
	siginfo_t info;
	char byte;

	SYS(fcntl(w->ends[0], F_GETOWN_EX, &owner));
	SAME(w->owner.type, owner.type);
	SAME(w->owner.pid, owner.pid);
	SAME(w->signal_number, SYS(fcntl(w->ends[0], F_GETSIG)));
	CHECK(SYS(fcntl(w->ends[0], F_GETFL)) & O_ASYNC);
	SAME(1, write(w->ends[1], "x", 1));
	SAME(w->signal_number, sigwaitinfo(set, &info));
	SAME(w->ends[0], info.si_fd);
	CHECK(info.si_band & 1); /* POLLIN */
	SAME(1, read(w->ends[0], &byte, 1));
	while (sigtimedwait(set, NULL, &(struct timespec){ 0, 0 }) > 0)
		; /* a socket signals its writability too */
}

int main(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (int i = BY_PROCESS; i <= BY_THREAD; i++)
		sigaddset(&set, i);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (getpgrp() != getpid())
		SYS(setpgid(0, 0));
	watch(0, BY_PROCESS, F_OWNER_PID, getpid());
	watch(1, BY_GROUP, F_OWNER_PGRP, getpgrp());
	watch(2, BY_THREAD, F_OWNER_TID, gettid());
	workload_ready();
	do
		for (int i = 0; i < 3; i++)
			check(&watched[i], &set);
	while (workload_goes_on());
	workload_pass();
}
