/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/*
 * many_connections - very many TCP connections between two processes, each with data waiting, some used with each
 * check. usage: many_connections [NUMBER]
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

#define SIZE 200
#define AT_ONCE 100

static int number = 500, (*ends)[2];

/* Every third connection holds data until the end, from one side or the other; the rest are used. */
static bool kept(int i)
{
	return i % 3 == 0;
}

static void connect_all(void)
{
	struct rlimit files;
	struct address where;
	int listener = sockets_listen(AF_INET, SOCK_STREAM, 10, &where);

	SYS(getrlimit(RLIMIT_NOFILE, &files));
	files.rlim_cur = files.rlim_max;
	SYS(setrlimit(RLIMIT_NOFILE, &files));
	ends = calloc(number, sizeof(*ends));
	for (int i = 0; i < number; i++) {
		ends[i][0] = sockets_connect(SOCK_STREAM, &where);
		ends[i][1] = SYS(accept(listener, NULL, NULL));
		if (kept(i))
			SAME(SIZE + i, sockets_fill(ends[i][i % 2], i, SIZE + i));
	}
}

static void close_all(int end)
{
	for (int i = 0; i < number; i++)
		SYS(close(ends[i][end]));
}

static void drain(int end)
{
	for (int i = 0; i < number; i++)
		if (kept(i) && i % 2 != end)
			sockets_drain(ends[i][end], i, SIZE + i);
}

/* Answers on one connection after the other, in the order in which they are used. */
static _Noreturn void echo(void)
{
	char byte;

	for (int i = 0;; i = (i + 1) % number) {
		if (kept(i))
			continue;
		if (!SYS(recv(ends[i][1], &byte, 1, 0)))
			break;
		SAME(1, send(ends[i][1], &byte, 1, 0));
	}
	drain(1);
	_exit(4);
}

static void use(int i)
{
	char byte = i;

	if (kept(i))
		return;
	SAME(1, send(ends[i][0], &byte, 1, 0));
	SAME(1, recv(ends[i][0], &byte, 1, 0));
	SAME((char)i, byte);
}

int main(int argc, char **argv)
{
	int next = 0;
	pid_t child;

	if (argc > 1)
		number = atoi(argv[1]);
	connect_all();
	child = SYS(fork());
	if (!child) {
		close_all(0);
		echo();
	}
	close_all(1);
	workload_ready();
	do
		for (int n = 0; n < AT_ONCE; n++, next = (next + 1) % number)
			use(next);
	while (workload_goes_on());
	drain(0);
	if (kept(next))
		next = (next + 1) % number;
	SYS(shutdown(ends[next][0], SHUT_WR));
	workload_reap(child, EXITED(4));
	workload_pass();
}
