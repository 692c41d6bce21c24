/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcp_closing - connections in the states of their end, between two processes: shut down by one side, by the other, by
 * both; closed by the peer with data not read yet; reset by the peer.
 */
#include <poll.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

enum { SHUT_BY_US, SHUT_BY_PEER, SHUT_BY_BOTH, CLOSED, RESET, CONNECTIONS };

static const int families[] = { AF_INET, AF_INET6 };

static struct side {
	int ends[CONNECTIONS][2];
} sides[2];

static void set_up(struct side *s, int family)
{
	for (int i = 0; i < CONNECTIONS; i++) {
		sockets_pair(family, SOCK_STREAM, s->ends[i]);
		SAME(6000, sockets_fill(s->ends[i][1], i, 6000));
	}
	SAME(500, sockets_fill(s->ends[SHUT_BY_US][0], 11, 500));
	SYS(shutdown(s->ends[SHUT_BY_US][0], SHUT_WR));
	SYS(shutdown(s->ends[SHUT_BY_PEER][1], SHUT_WR));
	SYS(shutdown(s->ends[SHUT_BY_BOTH][0], SHUT_WR));
	SYS(shutdown(s->ends[SHUT_BY_BOTH][1], SHUT_WR));
	SYS(setsockopt(s->ends[RESET][1], SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger)));
	SYS(close(s->ends[CLOSED][1]));
	SYS(close(s->ends[RESET][1]));
}

static void expect_end(int fd)
{
	char byte;

	SAME(0, recv(fd, &byte, 1, 0));
}

/* What the peer still does at the end. */
static void finish_peer(struct side *s)
{
	sockets_drain(s->ends[SHUT_BY_US][1], 11, 500);
	expect_end(s->ends[SHUT_BY_US][1]);
	SAME(700, sockets_fill(s->ends[SHUT_BY_US][1], 12, 700));
	sockets_drain(s->ends[SHUT_BY_PEER][1], 13, 800);
	expect_end(s->ends[SHUT_BY_BOTH][1]);
}

static void check(struct side *s)
{
	struct pollfd p[] = { { s->ends[SHUT_BY_PEER][0], POLLRDHUP, 0 },
			      { s->ends[SHUT_BY_BOTH][0], POLLRDHUP, 0 },
			      { s->ends[CLOSED][0], POLLRDHUP, 0 },
			      { s->ends[SHUT_BY_US][0], POLLRDHUP, 0 } };

	FAILS(EPIPE, send(s->ends[SHUT_BY_US][0], "x", 1, MSG_NOSIGNAL));
	FAILS(EPIPE, send(s->ends[SHUT_BY_BOTH][0], "x", 1, MSG_NOSIGNAL));
	SAME(3, poll(p, 4, 0));
	SAME(0, p[3].revents);
	p[0].fd = s->ends[RESET][0];
	SAME(1, poll(p, 1, 0));
	CHECK(p[0].revents & POLLHUP && p[0].revents & POLLERR);
}

static void finish(struct side *s)
{
	char byte;

	sockets_drain(s->ends[SHUT_BY_US][0], SHUT_BY_US, 6000);
	sockets_drain(s->ends[SHUT_BY_US][0], 12, 700);
	sockets_drain(s->ends[SHUT_BY_PEER][0], SHUT_BY_PEER, 6000);
	expect_end(s->ends[SHUT_BY_PEER][0]);
	SAME(800, sockets_fill(s->ends[SHUT_BY_PEER][0], 13, 800));
	sockets_drain(s->ends[SHUT_BY_BOTH][0], SHUT_BY_BOTH, 6000);
	expect_end(s->ends[SHUT_BY_BOTH][0]);
	sockets_drain(s->ends[CLOSED][0], CLOSED, 6000);
	expect_end(s->ends[CLOSED][0]);
	sockets_drain(s->ends[RESET][0], RESET, 6000);
	FAILS(ECONNRESET, recv(s->ends[RESET][0], &byte, 1, 0));
}

int main(void)
{
	pid_t child;

	for (int i = 0; i < 2; i++)
		set_up(&sides[i], families[i]);
	child = SYS(fork());
	if (!child) {
		for (int i = 0; i < 2; i++)
			for (int c = 0; c < CONNECTIONS; c++)
				SYS(close(sides[i].ends[c][0]));
		while (!workload_finished())
			workload_pause();
		for (int i = 0; i < 2; i++)
			finish_peer(&sides[i]);
		_exit(0);
	}
	for (int i = 0; i < 2; i++)
		for (int c = 0; c < CLOSED; c++)
			SYS(close(sides[i].ends[c][1]));
	workload_ready();
	do
		for (int i = 0; i < 2; i++)
			check(&sides[i]);
	while (workload_goes_on());
	for (int i = 0; i < 2; i++)
		finish(&sides[i]);
	workload_reap(child, EXITED(0));
	workload_pass();
}
