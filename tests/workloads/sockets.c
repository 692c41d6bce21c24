/* SPDX-License-Identifier: Apache-2.0 */
/* sockets.c - see sockets.h. */
#include "sockets.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "workload.h"

struct address sockets_address(int family)
{
	static int number;
	struct address a = { .storage.ss_family = family };
	struct sockaddr_in *v4 = (void *)&a.storage;
	struct sockaddr_in6 *v6 = (void *)&a.storage;
	struct sockaddr_un *local = (void *)&a.storage;
	char name[32];

	switch (family) {
	case AF_INET:
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		a.length = sizeof(*v4);
		break;
	case AF_INET6:
		v6->sin6_addr = in6addr_loopback;
		a.length = sizeof(*v6);
		break;
	default:
		snprintf(name, sizeof(name), "socket.%d.%d", getpid(), number++);
		strcpy(local->sun_path, workload_path(name));
		a.length = offsetof(struct sockaddr_un, sun_path) + strlen(local->sun_path) + 1;
	}
	return a;
}

int sockets_listen(int family, int type, int backlog, struct address *where)
{
	int fd = SYS(socket(family, type | SOCK_CLOEXEC, 0));

	*where = sockets_address(family);
	SYS(bind(fd, (struct sockaddr *)&where->storage, where->length));
	where->length = sizeof(where->storage);
	SYS(getsockname(fd, (struct sockaddr *)&where->storage, &where->length));
	SYS(listen(fd, backlog));
	return fd;
}

int sockets_connect(int type, const struct address *to)
{
	int fd = SYS(socket(to->storage.ss_family, type | SOCK_CLOEXEC, 0));

	SYS(connect(fd, (const struct sockaddr *)&to->storage, to->length));
	return fd;
}

void sockets_pair(int family, int type, int ends[2])
{
	struct address where;
	int listener = sockets_listen(family, type, 1, &where);

	ends[0] = sockets_connect(type, &where);
	ends[1] = SYS(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	SYS(close(listener));
	sockets_check_peer(ends[0], &where);
	sockets_check_name(ends[1], &where);
}

static void same_address(const char *which, const struct address *expected, const struct address *got)
{
	if (expected->length != got->length || memcmp(&expected->storage, &got->storage, got->length))
		FAIL("a socket's %s address is not what it was", which);
}

void sockets_check_name(int fd, const struct address *own)
{
	struct address got = { .length = sizeof(got.storage) };

	SYS(getsockname(fd, (struct sockaddr *)&got.storage, &got.length));
	same_address("own", own, &got);
}

void sockets_check_peer(int fd, const struct address *peer)
{
	struct address got = { .length = sizeof(got.storage) };

	SYS(getpeername(fd, (struct sockaddr *)&got.storage, &got.length));
	same_address("peer's", peer, &got);
}

size_t sockets_fill(int fd, uint64_t seed, size_t limit)
{
	char *bytes = malloc(limit);
	size_t sent = 0;
	ssize_t n;

	CHECK(bytes);
	workload_fill(bytes, limit, seed);
	while (sent < limit && (n = send(fd, bytes + sent, limit - sent, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
		sent += n;
	CHECK(sent == limit || errno == EAGAIN);
	free(bytes);
	return sent;
}

void sockets_drain(int fd, uint64_t seed, size_t size)
{
	char *bytes = malloc(size);
	size_t got = 0;

	CHECK(bytes);
	while (got < size) {
		ssize_t n = SYS(recv(fd, bytes + got, size - got, 0));

		if (!n)
			FAIL("a connection ends after %zu bytes of %zu", got, size);
		got += n;
	}
	workload_verify("what a connection brought", bytes, size, seed);
	free(bytes);
}

#define CHUNK (128 << 10)

/* The other side has ended, which it may only do at the end. */
static bool over(ssize_t n)
{
	return (n == 0 || (n < 0 && (errno == EPIPE || errno == ECONNRESET))) && workload_finished();
}

static void *write_stream(void *fd)
{
	char chunk[CHUNK];

	for (uint64_t number = 0;; number++) {
		size_t piece = 1 + number * 7919 % 50000;

		workload_fill(chunk, CHUNK, number);
		for (size_t at = 0; at < CHUNK;) {
			size_t left = CHUNK - at;
			ssize_t n = send((intptr_t)fd, chunk + at, left < piece ? left : piece, MSG_NOSIGNAL);

			if (over(n))
				return NULL;
			at += SYS(n);
		}
	}
}

static void start_stream(int fd)
{
	pthread_t thread;

	ZERO(pthread_create(&thread, NULL, write_stream, (void *)(intptr_t)fd));
	ZERO(pthread_detach(thread));
}

/* Reads the next piece of a stream. Returns false when the other side has ended. */
static bool read_stream(int fd, uint64_t number)
{
	char chunk[CHUNK];

	for (size_t at = 0; at < CHUNK;) {
		ssize_t n = recv(fd, chunk + at, CHUNK - at, 0);

		if (over(n))
			return false;
		if (!SYS(n))
			FAIL("a stream ends");
		at += n;
	}
	workload_verify("piece of a stream", chunk, CHUNK, number);
	return true;
}

static void *read_on(void *fd)
{
	for (uint64_t number = 0; read_stream((intptr_t)fd, number); number++)
		;
	return NULL;
}

static _Noreturn void stream_peer(int ends[][2], int connections)
{
	pthread_t thread[connections];

	for (int i = 0; i < connections; i++) {
		SYS(close(ends[i][0]));
		start_stream(ends[i][1]);
		ZERO(pthread_create(&thread[i], NULL, read_on, (void *)(intptr_t)ends[i][1]));
	}
	for (int i = 0; i < connections; i++)
		ZERO(pthread_join(thread[i], NULL));
	_exit(0);
}

void sockets_exchange_streams(int ends[][2], int connections)
{
	uint64_t number = 0;

	if (!SYS(fork()))
		stream_peer(ends, connections);
	for (int i = 0; i < connections; i++) {
		SYS(close(ends[i][1]));
		start_stream(ends[i][0]);
	}
	workload_ready();
	do {
		for (int n = 0; n < 4; n++, number++)
			for (int i = 0; i < connections; i++)
				CHECK(read_stream(ends[i][0], number));
	} while (workload_goes_on());
}
