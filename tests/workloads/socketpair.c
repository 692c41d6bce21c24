/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/*
 * socketpair - pairs whose two ends are in different processes: with data inside both ways until the end, full, shut
 * down, with the peer gone, and in use.
 */
#include <sys/ioctl.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

enum { KEPT, FULL, SHUT, PEER_GONE, BUSY, PAIRS };

static int pairs[PAIRS][2];

static _Noreturn void child(size_t full)
{
	char byte;
	ssize_t n;

	for (int i = 0; i < PAIRS; i++)
		SYS(close(pairs[i][0]));
	SYS(close(pairs[PEER_GONE][1]));
	while ((n = SYS(read(pairs[BUSY][1], &byte, 1))) > 0)
		SAME(1, write(pairs[BUSY][1], &byte, 1));
	CHECK(workload_finished());
	sockets_drain(pairs[KEPT][1], 1, 4000);
	sockets_drain(pairs[FULL][1], 3, full);
	sockets_drain(pairs[SHUT][1], 4, 100);
	SAME(0, read(pairs[SHUT][1], &byte, 1));
	SAME(100, sockets_fill(pairs[SHUT][1], 5, 100));
	_exit(8);
}

static void check(size_t waiting)
{
	char byte = 'b';
	int inside;

	SAME(1, write(pairs[BUSY][0], &byte, 1));
	SAME(1, read(pairs[BUSY][0], &byte, 1));
	SYS(ioctl(pairs[KEPT][0], FIONREAD, &inside));
	SAME(waiting, inside);
	FAILS(EAGAIN, send(pairs[FULL][0], &byte, 1, MSG_DONTWAIT));
	FAILS(EPIPE, send(pairs[SHUT][0], &byte, 1, MSG_NOSIGNAL));
	FAILS(EPIPE, send(pairs[PEER_GONE][0], &byte, 1, MSG_NOSIGNAL));
}

int main(void)
{
	size_t full;
	pid_t pid;
	char byte;

	for (int i = 0; i < PAIRS; i++)
		SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]));
	SAME(4000, sockets_fill(pairs[KEPT][0], 1, 4000));
	SAME(7000, sockets_fill(pairs[KEPT][1], 2, 7000));
	full = sockets_fill(pairs[FULL][0], 3, 8 << 20);
	SAME(100, sockets_fill(pairs[SHUT][0], 4, 100));
	SYS(shutdown(pairs[SHUT][0], SHUT_WR));
	SAME(300, sockets_fill(pairs[PEER_GONE][1], 6, 300));
	pid = SYS(fork());
	if (!pid)
		child(full);
	for (int i = 0; i < PAIRS; i++)
		SYS(close(pairs[i][1]));
	workload_ready();
	do
		check(7000);
	while (workload_goes_on());
	SYS(shutdown(pairs[BUSY][0], SHUT_WR));
	sockets_drain(pairs[KEPT][0], 2, 7000);
	sockets_drain(pairs[SHUT][0], 5, 100);
	workload_reap(pid, EXITED(8));
	sockets_drain(pairs[PEER_GONE][0], 6, 300);
	SAME(0, read(pairs[PEER_GONE][0], &byte, 1));
	workload_pass();
}
