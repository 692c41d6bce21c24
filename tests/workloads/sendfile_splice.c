/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/*
 * sendfile_splice - data on its way by sendfile from a file to a connection, and by splice and tee through pipes, to
 * readers that are slower: every byte arrives once and in order.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

#define SIZE (256 << 10)

static int make_file(void)
{
	static char content[SIZE];
	int fd = SYS(open(workload_path("file"), O_CREAT | O_RDWR | O_CLOEXEC, 0600));

	workload_fill(content, SIZE, 1);
	SAME(SIZE, write(fd, content, SIZE));
	return fd;
}

/* Whether the reader has gone, which it may only do at the end. */
static bool gone(ssize_t n)
{
	return n < 0 && (errno == EPIPE || errno == ECONNRESET) && workload_finished();
}

static void by_sendfile(int file, int out)
{
	for (;;)
		for (off_t at = 0; at < SIZE;) {
			ssize_t n = sendfile(out, file, &at, SIZE - at);

			if (gone(n))
				_exit(0);
			CHECK(SYS(n) > 0);
		}
}

/* File to pipe to connection. */
static void by_splice(int file, int out)
{
	int ends[2];

	SYS(pipe(ends));
	for (;;)
		for (off_t at = 0; at < SIZE;) {
			ssize_t left = SYS(splice(file, &at, ends[1], NULL, SIZE - at, 0));

			CHECK(left > 0);
			while (left) {
				ssize_t n = splice(ends[0], NULL, out, NULL, left, SPLICE_F_MORE);

				if (gone(n))
					_exit(0);
				left -= SYS(n);
			}
		}
}

/* A copy by tee of what waits in a pipe leaves it there. */
static void check_tee(int from[2])
{
	int to[2];
	char bytes[1000];

	SYS(pipe(to));
	SAME(1000, tee(from[0], to[1], 1000, 0));
	SAME(1000, read(to[0], bytes, 1000));
	workload_verify("copied by tee", bytes, 1000, 2);
	SYS(close(to[0]));
	SYS(close(to[1]));
}

static void start(void (*how)(int, int), int file, int ends[2])
{
	sockets_pair(how == by_sendfile ? AF_INET : AF_UNIX, SOCK_STREAM, ends);
	if (!SYS(fork())) {
		signal(SIGPIPE, SIG_IGN);
		SYS(close(ends[0]));
		how(file, ends[1]);
	}
	SYS(close(ends[1]));
}

int main(void)
{
	int sent[2], spliced[2], waiting[2], file = make_file();
	char bytes[1000];

	SYS(pipe(waiting));
	workload_fill(bytes, 1000, 2);
	SAME(1000, write(waiting[1], bytes, 1000));
	start(by_sendfile, file, sent);
	start(by_splice, file, spliced);
	workload_ready();
	do {
		sockets_drain(sent[0], 1, SIZE);
		sockets_drain(spliced[0], 1, SIZE);
		check_tee(waiting);
	} while (workload_goes_on());
	SAME(1000, read(waiting[0], bytes, 1000));
	workload_pass();
}
