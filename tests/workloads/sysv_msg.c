/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sysv_msg - SysV message queues keep their messages with type and order, their limits, and those who wait to read and
 * to write; found again by their key.
 */
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

#include "workload.h"

struct message {
	long type;
	char text[2000];
};

static void put(int queue, long type, size_t size, uint64_t seed)
{
	struct message m = { .type = type };

	workload_fill(m.text, size, seed);
	SYS(msgsnd(queue, &m, size, IPC_NOWAIT));
}

static void take(int queue, long wanted, long type, size_t size, uint64_t seed)
{
	struct message m;

	SAME(size, msgrcv(queue, &m, sizeof(m.text), wanted, IPC_NOWAIT));
	SAME(type, m.type);
	workload_verify("message", m.text, size, seed);
}

static _Noreturn void reader(int queue)
{
	struct message m;

	SAME(6, msgrcv(queue, &m, sizeof(m.text), 99, 0));
	CHECK(workload_finished());
	_exit(0);
}

static _Noreturn void writer(int queue)
{
	struct message m = { 5, "last" };

	SYS(msgsnd(queue, &m, 1500, 0));
	CHECK(workload_finished());
	_exit(0);
}

static void check(int kept, int busy, key_t key)
{
	struct msqid_ds status;

	SYS(msgctl(kept, IPC_STAT, &status));
	SAME(4, status.msg_qnum);
	SAME(1000 + 10 + 0 + 300, status.msg_cbytes);
	SAME(2000, status.msg_qbytes);
	SAME(getpid(), status.msg_lspid);
	SAME(busy, SYS(msgget(key, 0)));
	put(busy, 3, 100, 1);
	put(busy, 2, 200, 2);
	take(busy, -2, 2, 200, 2);
	take(busy, 0, 3, 100, 1);
	FAILS(ENOMSG, msgrcv(busy, &status, 0, 0, IPC_NOWAIT));
}

int main(void)
{
	key_t key = 0x48460000 | (getpid() & 0xffff);
	int kept = SYS(msgget(IPC_PRIVATE, IPC_CREAT | 0600)), busy = SYS(msgget(key, IPC_CREAT | IPC_EXCL | 0600));
	struct msqid_ds status;
	pid_t reads, writes;

	SYS(msgctl(kept, IPC_STAT, &status));
	status.msg_qbytes = 2000;
	SYS(msgctl(kept, IPC_SET, &status));
	put(kept, 7, 1000, 10);
	put(kept, 8, 10, 11);
	put(kept, 7, 0, 12);
	put(kept, 9, 300, 13);
	reads = SYS(fork());
	if (!reads)
		reader(kept);
	writes = SYS(fork());
	if (!writes)
		writer(kept);
	for (int i = 0; i < 5; i++) /* lets them get there */
		workload_pause();
	workload_ready();
	do
		check(kept, busy, key);
	while (workload_goes_on());
	put(kept, 99, 6, 0);
	workload_reap(reads, EXITED(0));
	take(kept, 8, 8, 10, 11);
	take(kept, 7, 7, 1000, 10);
	workload_reap(writes, EXITED(0));
	take(kept, 0, 7, 0, 12);
	take(kept, 0, 9, 300, 13);
	SYS(msgctl(kept, IPC_RMID, NULL));
	SYS(msgctl(busy, IPC_RMID, NULL));
	workload_pass();
}
