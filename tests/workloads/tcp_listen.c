/* SPDX-License-Identifier: Apache-2.0 */
// driver: signals
// needs: sockets
/*
 * tcp_listen - listening sockets over IPv4 and IPv6: connections wait in the backlog with data until they are accepted
 * at the end; a remembered port goes on answering.
 */
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

#define WAITING 5

static const int families[] = { AF_INET, AF_INET6 };

static struct side {
	int busy, kept, client[WAITING];
	struct address at_busy, at_kept;
} sides[2];

static void set_up(struct side *s, int family)
{
	s->busy = sockets_listen(family, SOCK_STREAM, 10, &s->at_busy);
	s->kept = sockets_listen(family, SOCK_STREAM, 10, &s->at_kept);
	for (int i = 0; i < WAITING; i++) {
		s->client[i] = sockets_connect(SOCK_STREAM, &s->at_kept);
		SAME(3000 * i + 1, sockets_fill(s->client[i], i, 3000 * i + 1));
	}
	SYS(shutdown(s->client[2], SHUT_WR));
}

static void check(struct side *s)
{
	int client = sockets_connect(SOCK_STREAM, &s->at_busy), server = SYS(accept(s->busy, NULL, NULL));

	SAME(10000, sockets_fill(client, 7, 10000));
	sockets_drain(server, 7, 10000);
	SYS(close(server));
	SYS(close(client));
	sockets_check_name(s->kept, &s->at_kept);
}

static void finish(struct side *s)
{
	char byte;

	for (int i = 0; i < WAITING; i++) {
		int server = SYS(accept(s->kept, NULL, NULL));

		sockets_check_name(server, &s->at_kept);
		sockets_drain(server, i, 3000 * i + 1);
		if (i == 2)
			SAME(0, read(server, &byte, 1));
		SAME(2000, sockets_fill(server, i + 20, 2000));
		sockets_drain(s->client[i], i + 20, 2000);
	}
}

int main(void)
{
	for (int i = 0; i < 2; i++)
		set_up(&sides[i], families[i]);
	workload_ready();
	do
		for (int i = 0; i < 2; i++)
			check(&sides[i]);
	while (workload_goes_on());
	for (int i = 0; i < 2; i++)
		finish(&sides[i]);
	workload_pass();
}
