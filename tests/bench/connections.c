/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connections.c - a process with many TCP connections to itself, so many bytes under way on each. usage: connections
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

int main(int argc, char **argv)
{
	struct sockaddr_in where = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int number = argc > 3 ? atoi(argv[2]) : 0, listener = call(socket(AF_INET, SOCK_STREAM, 0), "socket");
	struct rlimit files = { 2 * number + 100, 2 * number + 100 };
	socklen_t length = sizeof(where);
	long sent = 0;
	FILE *ready;

	if (files.rlim_cur > 1024)
		call(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
	call(bind(listener, (struct sockaddr *)&where, length), "bind");
	call(listen(listener, 100), "listen");
	call(getsockname(listener, (struct sockaddr *)&where, &length), "getsockname");
	for (int n = 0; n < number; n++) {
		int fd = call(socket(AF_INET, SOCK_STREAM, 0), "socket");

		call(connect(fd, (struct sockaddr *)&where, length), "connect");
		call(accept(listener, NULL, NULL), "accept");
		sent += fill(fd, atol(argv[3]));
	}
	ready = fopen(argv[1], "w");
	if (!ready || fprintf(ready, "%ld\n", sent) < 0 || fclose(ready))
		err(1, "%s", argv[1]);
	for (;;)
		pause();
}
