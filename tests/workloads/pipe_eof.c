/* SPDX-License-Identifier: Apache-2.0 */
// needs: processor
/*
 * pipe_eof - the end of a pipe comes at once when its last writer goes, and the error when its last reader does: nobody
 * else keeps the descriptors open. 32 MiB make a snapshot of the process live long enough to show.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "workload.h"

#define BALLAST (32 << 20)

/* Once the writer was waited for, its end is closed, so the reader need not wait any more. */
static void by_exit_of_writer(void)
{
	struct pollfd p = { 0, POLLIN, 0 };
	int ends[2];
	char bytes[8];
	pid_t child;

	SYS(pipe(ends));
	child = SYS(fork());
	if (!child) {
		SAME(2, write(ends[1], "ab", 2));
		_exit(2);
	}
	SYS(close(ends[1]));
	workload_reap(child, EXITED(2));
	p.fd = ends[0];
	SAME(1, poll(&p, 1, 0));
	SAME(POLLIN | POLLHUP, p.revents);
	SAME(2, read(ends[0], bytes, sizeof(bytes)));
	SAME(1, poll(&p, 1, 0));
	SAME(POLLHUP, p.revents);
	SAME(0, read(ends[0], bytes, sizeof(bytes)));
	SYS(close(ends[0]));
}

static void by_close_of_reader(void)
{
	int ends[2];

	SYS(pipe(ends));
	SYS(close(ends[0]));
	FAILS(EPIPE, write(ends[1], "x", 1));
	SYS(close(ends[1]));
}

/* Pipes that live over checkpoints: closed by the parent, they end for the child. */
static _Noreturn void wait_for_end(int in)
{
	char byte;

	SAME(0, read(in, &byte, 1));
	CHECK(workload_finished());
	_exit(9);
}

int main(void)
{
	char *ballast = malloc(BALLAST);
	int lasting[2];
	pid_t child;

	signal(SIGPIPE, SIG_IGN);
	workload_fill(ballast, BALLAST, 1);
	SYS(pipe2(lasting, O_CLOEXEC));
	child = SYS(fork());
	if (!child) {
		SYS(close(lasting[1]));
		wait_for_end(lasting[0]);
	}
	SYS(close(lasting[0]));
	workload_ready();
	do
		for (int i = 0; i < 5; i++) {
			by_exit_of_writer();
			by_close_of_reader();
		}
	while (workload_goes_on());
	SYS(close(lasting[1]));
	workload_reap(child, EXITED(9));
	workload_pass();
}
