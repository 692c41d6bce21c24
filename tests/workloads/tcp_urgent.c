/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcp_urgent - urgent data that waits: out of line and in line, with its mark; read already, with its mark ahead; the
 * next that is read; and some that comes and goes.
 */
#include <poll.h>

#include "sockets.h"
#include "workload.h"

static int kept[2], in_line[2], taken[2], next[2], busy[2];

/* 3 bytes before the urgent one, 2 after it. */
static void put(int fd)
{
	SAME(3, send(fd, "abc", 3, 0));
	SAME(1, send(fd, "U", 1, MSG_OOB));
	SAME(2, send(fd, "de", 2, 0));
}

static bool urgent(int fd)
{
	struct pollfd p = { fd, POLLPRI, 0 };

	return SYS(poll(&p, 1, 0)) && p.revents & POLLPRI;
}

static void take_urgent(int fd)
{
	char byte;

	while (!urgent(fd))
		workload_pause();
	SAME(1, recv(fd, &byte, 1, MSG_OOB));
	SAME('U', byte);
}

static void take_to_mark(int fd)
{
	char bytes[8] = "";

	SAME(3, recv(fd, bytes, 8, 0)); /* a read stops at the mark */
	SAME('a', bytes[0]);
	SAME(1, SYS(sockatmark(fd)));
}

static void take_rest(int fd)
{
	char bytes[8] = "";

	SAME(2, recv(fd, bytes, 8, 0));
	SAME('d', bytes[0]);
}

static void take(int fd)
{
	take_urgent(fd);
	take_to_mark(fd);
	take_rest(fd);
}

static void take_in_line(int fd)
{
	char bytes[8] = "";

	SAME(3, recv(fd, bytes, 8, 0));
	SAME(1, SYS(sockatmark(fd)));
	SAME(3, recv(fd, bytes, 8, 0));
	SAME('U', bytes[0]);
	SAME('e', bytes[2]);
}

int main(void)
{
	sockets_pair(AF_INET, SOCK_STREAM, kept);
	sockets_pair(AF_INET6, SOCK_STREAM, in_line);
	sockets_pair(AF_INET, SOCK_STREAM, taken);
	sockets_pair(AF_INET6, SOCK_STREAM, next);
	sockets_pair(AF_INET, SOCK_STREAM, busy);
	SYS(setsockopt(in_line[1], SOL_SOCKET, SO_OOBINLINE, &(int){ 1 }, sizeof(int)));
	put(kept[0]);
	put(in_line[0]);
	put(taken[0]);
	put(next[0]);
	while (!urgent(kept[1]) || !urgent(in_line[1]))
		workload_pause();
	take_urgent(taken[1]);
	take_to_mark(next[1]);
	workload_ready();
	do {
		put(busy[0]);
		take(busy[1]);
		CHECK(urgent(kept[1]));
		CHECK(urgent(in_line[1]));
		SAME(0, SYS(sockatmark(kept[1])));
		CHECK(!urgent(taken[1]));
		CHECK(urgent(next[1]));
		SAME(1, SYS(sockatmark(next[1])));
	} while (workload_goes_on());
	take(kept[1]);
	take_in_line(in_line[1]);
	take_to_mark(taken[1]);
	take_rest(taken[1]);
	take_urgent(next[1]);
	take_rest(next[1]);
	workload_pass();
}
