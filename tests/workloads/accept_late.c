/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/*
 * accept_late - connections that wait with data for a long time: the listener can be read all the while, and what is
 * accepted in the end is in order, has the lowest number, its own peer and the flags asked for, and nothing is left.
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

#define LISTENERS 2
#define WAITING 4

static struct side {
	struct address where;
	int listener, client[WAITING];
} sides[LISTENERS];

static int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	CHECK(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void set_up(struct side *s, int family)
{
	s->listener = sockets_listen(family, SOCK_STREAM, 10, &s->where);
	SYS(fcntl(s->listener, F_SETFL, O_NONBLOCK));
	for (int i = 0; i < WAITING; i++) {
		s->client[i] = sockets_connect(SOCK_STREAM, &s->where);
		SAME(1000 + i, sockets_fill(s->client[i], i, 1000 + i));
	}
}

static void check(const struct side *s)
{
	struct pollfd poll_in = { s->listener, POLLIN, 0 };

	SAME(1, poll(&poll_in, 1, 0));
	SAME(POLLIN, poll_in.revents);
}

/* The lowest number that is free. */
static int lowest(void)
{
	int fd = SYS(dup(STDIN_FILENO));

	SYS(close(fd));
	return fd;
}

static void check_peer(int server, int client, const struct address *told)
{
	struct address name = { .length = sizeof(name.storage) }, peer = { .length = sizeof(peer.storage) };

	SYS(getsockname(client, (struct sockaddr *)&name.storage, &name.length));
	SYS(getpeername(server, (struct sockaddr *)&peer.storage, &peer.length));
	SAME(name.length, peer.length);
	CHECK(!memcmp(&name.storage, &peer.storage, name.length));
	SAME(peer.length, told->length);
	CHECK(!memcmp(&told->storage, &peer.storage, peer.length));
}

static void accept_all(struct side *s)
{
	for (int i = 0; i < WAITING; i++) {
		struct address told = { .length = sizeof(told.storage) };
		int expected = lowest(), server;

		server = SYS(accept4(s->listener, (struct sockaddr *)&told.storage, &told.length,
				     SOCK_NONBLOCK | SOCK_CLOEXEC));
		SAME(expected, server);
		SAME(O_RDWR | O_NONBLOCK, fcntl(server, F_GETFL));
		SAME(FD_CLOEXEC, fcntl(server, F_GETFD));
		check_peer(server, s->client[i], &told);
		sockets_drain(server, i, 1000 + i);
		SAME(500, sockets_fill(server, i + 7, 500));
		sockets_drain(s->client[i], i + 7, 500);
	}
	SAME(-1, accept(s->listener, NULL, NULL));
	SAME(EAGAIN, errno);
}

int main(void)
{
	int before;

	set_up(&sides[0], AF_INET);
	set_up(&sides[1], AF_UNIX);
	before = open_descriptors();
	workload_ready();
	do
		for (int i = 0; i < LISTENERS; i++)
			check(&sides[i]);
	while (workload_goes_on());
	for (int i = 0; i < LISTENERS; i++)
		accept_all(&sides[i]);
	SAME(before + LISTENERS * WAITING, open_descriptors());
	workload_pass();
}
