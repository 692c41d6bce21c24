/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connections.c - processes with many TCP connections to themselves, so many bytes under way on each. usage: connections
 * READY NUMBER BYTES; the file READY is made when all stand, with the number of bytes in it.
 */
#define _GNU_SOURCE
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static char block[1 << 16];

static int call(int ret, const char *what)
{
	if (ret < 0)
		err(1, "%s", what);
	return ret;
}

/* As much as goes in, at most `limit`. */
static long fill(int fd, long limit)
{
	long sent = 0, n;

	while (sent < limit) {
		size_t part = limit - sent < (long)sizeof(block) ? (size_t)(limit - sent) : sizeof(block);

		n = send(fd, block, part, MSG_DONTWAIT);
		if (n <= 0)
			break;
		sent += n;
	}
	return sent;
}

/* Makes the connections of one process. Returns the bytes under way. */
static long connect_all(int number, long bytes)
{
	struct sockaddr_in where = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = call(socket(AF_INET, SOCK_STREAM, 0), "socket");
	socklen_t length = sizeof(where);
	long sent = 0;

	call(bind(listener, (struct sockaddr *)&where, length), "bind");
	call(listen(listener, 100), "listen");
	call(getsockname(listener, (struct sockaddr *)&where, &length), "getsockname");
	for (int n = 0; n < number; n++) {
		int fd = call(socket(AF_INET, SOCK_STREAM, 0), "socket");

		call(connect(fd, (struct sockaddr *)&where, length), "connect");
		call(accept(listener, NULL, NULL), "accept");
		sent += fill(fd, bytes);
	}
	return sent;
}

static void say_ready(const char *path, long sent)
{
	FILE *ready = fopen(path, "w");

	if (!ready || fprintf(ready, "%ld\n", sent) < 0 || fclose(ready))
		err(1, "%s", path);
}

/* As many processes as the limit on open files makes necessary, one the child of the other. */
int main(int argc, char **argv)
{
	int left = argc > 3 ? atoi(argv[2]) : 0, most;
	struct rlimit files;
	long sent = 0;

	call(getrlimit(RLIMIT_NOFILE, &files), "getrlimit");
	files.rlim_cur = files.rlim_max;
	call(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
	for (most = files.rlim_max < 20100 ? (int)(files.rlim_max - 100) / 2 : 10000; left > most; left -= most) {
		sent += connect_all(most, atol(argv[3]));
		if (call(fork(), "fork"))
			for (;;)
				pause();
		call(close_range(3, ~0u, 0), "close_range");
	}
	say_ready(argv[1], sent + connect_all(left, atol(argv[3])));
	for (;;)
		pause();
}
