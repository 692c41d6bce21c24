/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/*
 * epoll_sockets - a server on one epoll set: listening and connected sockets, level and edge triggered, the peer's end
 * reported; clients in another process come, ask, and stay until the end.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

#define CLIENTS 10

static const int families[] = { AF_INET, AF_UNIX };
static int epoll, listeners[2];

static void add(int fd, uint32_t events)
{
	SYS(fcntl(fd, F_SETFL, O_NONBLOCK));
	SYS(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){ events, { .fd = fd } }));
}

static void answer(int fd)
{
	char bytes[256];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		SAME(n, send(fd, bytes, n, MSG_NOSIGNAL));
	SAME(n ? EAGAIN : errno, errno);
}

static _Noreturn void serve(void)
{
	int clients = 0, ended = 0;

	while (!clients || ended < clients) {
		struct epoll_event event;

		if (!SYS(epoll_wait(epoll, &event, 1, 1000)))
			continue;
		if (event.data.fd == listeners[0] || event.data.fd == listeners[1]) {
			add(SYS(accept(event.data.fd, NULL, NULL)),
			    clients++ % 2 ? EPOLLIN | EPOLLRDHUP : EPOLLIN | EPOLLRDHUP | EPOLLET);
			continue;
		}
		answer(event.data.fd);
		if (event.events & EPOLLRDHUP) {
			SYS(close(event.data.fd));
			ended++;
		}
	}
	_exit(clients & 127);
}

static void ask(int fd, uint64_t number)
{
	char bytes[256], got[256];

	workload_fill(bytes, sizeof(bytes), number);
	SAME(sizeof(bytes), send(fd, bytes, sizeof(bytes), 0));
	SAME(sizeof(got), recv(fd, got, sizeof(got), MSG_WAITALL));
	CHECK(!memcmp(bytes, got, sizeof(got)));
}

int main(void)
{
	struct address where[2];
	int clients[CLIENTS], transient, count = CLIENTS;
	uint64_t number = 0;
	pid_t server;

	epoll = SYS(epoll_create1(EPOLL_CLOEXEC));
	for (int i = 0; i < 2; i++) {
		listeners[i] = sockets_listen(families[i], SOCK_STREAM, 10, &where[i]);
		add(listeners[i], EPOLLIN);
	}
	server = SYS(fork());
	if (!server)
		serve();
	for (int i = 0; i < CLIENTS; i++)
		ask(clients[i] = sockets_connect(SOCK_STREAM, &where[i % 2]), i);
	workload_ready();
	do {
		for (int i = 0; i < CLIENTS; i++)
			ask(clients[i], number++);
		ask(transient = sockets_connect(SOCK_STREAM, &where[number % 2]), number);
		SYS(close(transient));
		count++;
	} while (workload_goes_on());
	for (int i = 0; i < CLIENTS; i++)
		SYS(close(clients[i]));
	workload_reap(server, EXITED(count & 127));
	workload_pass();
}
