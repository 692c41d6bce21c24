/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/* unix_seqpacket - packets on a connection keep their bounds: exchanged all the time, and waiting until the end. */
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

static ssize_t put(int fd, size_t size, uint64_t seed, int flags)
{
	char bytes[4000];

	workload_fill(bytes, size, seed);
	return send(fd, bytes, size, MSG_NOSIGNAL | flags);
}

static void take(int fd, size_t size, uint64_t seed)
{
	char bytes[4000];

	SAME(size, recv(fd, bytes, sizeof(bytes), 0));
	workload_verify("packet", bytes, size, seed);
}

static _Noreturn void echo(int fd)
{
	char bytes[4000];
	ssize_t n;

	while ((n = SYS(recv(fd, bytes, sizeof(bytes), 0))) > 0)
		SAME(n, send(fd, bytes, n, 0));
	_exit(6);
}

int main(void)
{
	int busy[2], kept[2], waiting = 0;
	uint64_t number = 0;
	pid_t child;

	sockets_pair(AF_UNIX, SOCK_SEQPACKET, busy);
	sockets_pair(AF_UNIX, SOCK_SEQPACKET, kept);
	child = SYS(fork());
	if (!child) {
		SYS(close(busy[0]));
		echo(busy[1]);
	}
	SYS(close(busy[1]));
	while (put(kept[0], 1 + waiting * 37 % 3000, waiting, MSG_DONTWAIT) > 0)
		waiting++;
	CHECK(waiting > 3);
	SAME(10, put(kept[1], 10, 99, 0));
	workload_ready();
	do {
		SAME(1 + number % 3000, put(busy[0], 1 + number % 3000, number, 0));
		take(busy[0], 1 + number % 3000, number);
		FAILS(EAGAIN, put(kept[0], 10, 0, MSG_DONTWAIT));
		number++;
	} while (workload_goes_on());
	SYS(shutdown(busy[0], SHUT_WR));
	workload_reap(child, EXITED(6));
	take(kept[0], 10, 99);
	SYS(close(kept[0])); /* what waits can still be read, then comes the end */
	for (int i = 0; i < waiting; i++)
		take(kept[1], 1 + i * 37 % 3000, i);
	SAME(0, recv(kept[1], &number, 1, 0));
	workload_pass();
}
