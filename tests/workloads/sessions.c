/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sessions - sessions and process groups, also those whose leader has ended. Every process checks its own numbers;
 * at the end a signal to each group reaches exactly its members.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

enum { LEADER, MEMBER, GROUPED, OF_DEAD_GROUP, OF_DEAD_SESSION, COUNT };

/* What every process says of itself, seen by all (the only use of shared memory here). */
static volatile struct {
	pid_t pid, group, session;
} * who;

static _Noreturn void live(int i)
{
	sigset_t set;
	int signal_number;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	who[i].group = getpgrp();
	who[i].session = getsid(0);
	who[i].pid = getpid();
	while (!workload_finished()) {
		SAME(who[i].pid, getpid());
		SAME(who[i].group, getpgrp());
		SAME(who[i].session, getsid(0));
		workload_pause();
	}
	ZERO(sigwait(&set, &signal_number));
	_exit(10 + i);
}

/* A leader that makes one member and ends, or stays. */
static pid_t lead(int member, int leader, bool session)
{
	pid_t pid = SYS(fork());

	if (pid)
		return pid;
	signal(SIGUSR1, SIG_IGN); /* which a member blocks, and so gets all the same */
	if (session)
		SYS(setsid());
	else
		SYS(setpgid(0, 0));
	if (!SYS(fork()))
		live(member);
	if (leader < 0)
		_exit(0);
	if (!SYS(fork())) {
		SYS(setpgid(0, 0));
		live(GROUPED);
	}
	if (!SYS(fork()))
		live(leader);
	/* The leader itself only waits for the three in its session. */
	for (int i = 0; i < 3; i++) {
		int status;

		SYS(wait(&status));
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) >= 10);
	}
	_exit(1);
}

static void check(pid_t me)
{
	SAME(me, getpgrp());
	SAME(me, getsid(0));
	for (int i = 0; i < COUNT; i++) {
		SAME(who[i].group, SYS(getpgid(who[i].pid)));
		SAME(who[i].session, SYS(getsid(who[i].pid)));
	}
}

int main(void)
{
	pid_t leader, dead_group, dead_session, me;

	who = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (getsid(0) != getpid() && getpgrp() == getpid()) /* under a shell with job control setsid is refused */
		FAIL("started as leader of a group but not of a session");
	if (getsid(0) != getpid())
		SYS(setsid());
	me = getpid();
	leader = lead(MEMBER, LEADER, true);
	dead_group = lead(OF_DEAD_GROUP, -1, false);
	dead_session = lead(OF_DEAD_SESSION, -1, true);
	workload_reap(dead_group, EXITED(0));
	workload_reap(dead_session, EXITED(0));
	for (int i = 0; i < COUNT; i++)
		while (!who[i].pid)
			workload_pause();
	SAME(leader, who[MEMBER].session);
	SAME(leader, who[LEADER].group);
	SAME(who[GROUPED].pid, who[GROUPED].group);
	SAME(dead_group, who[OF_DEAD_GROUP].group);
	SAME(me, who[OF_DEAD_GROUP].session);
	SAME(dead_session, who[OF_DEAD_SESSION].session);
	workload_ready();
	do
		check(me);
	while (workload_goes_on());
	check(me);
	SYS(kill(-leader, SIGUSR1));
	SYS(kill(-who[GROUPED].pid, SIGUSR1));
	SYS(kill(-dead_group, SIGUSR1));
	SYS(kill(-dead_session, SIGUSR1));
	workload_reap(leader, EXITED(1));
	while (!kill(-dead_group, 0) || !kill(-dead_session, 0))
		workload_pause();
	workload_pass();
}
