/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/*
 * accept_busy - clients that connect, send at once and wait for the answer, all the time, to a server that accepts one
 * after the other: at most moments some connections with data are not accepted yet.
 */
#include <pthread.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

#define CLIENTS 4
#define SIZE 1000

static struct server {
	int family, listener;
	struct address where;
	pthread_t thread, clients[CLIENTS];
} servers[] = { { .family = AF_INET }, { .family = AF_UNIX } };

static void *serve(void *arg)
{
	struct server *s = arg;

	for (;;) {
		int fd = SYS(accept(s->listener, NULL, NULL));
		unsigned char seed;

		SAME(1, read(fd, &seed, 1));
		if (!seed)
			return NULL;
		sockets_drain(fd, seed, SIZE);
		SAME(SIZE, sockets_fill(fd, seed + 1, SIZE));
		SYS(close(fd));
	}
}

static void ask(struct server *s, unsigned char seed)
{
	int fd = sockets_connect(SOCK_STREAM, &s->where);

	SAME(1, write(fd, &seed, 1));
	if (seed) {
		SAME(SIZE, sockets_fill(fd, seed, SIZE));
		sockets_drain(fd, seed + 1, SIZE);
	}
	SYS(close(fd));
}

static void *client(void *arg)
{
	for (int n = 0; !workload_finished(); n++) {
		ask(arg, 1 + n % 200);
		if (n % 3 == 0)
			workload_pause();
	}
	return NULL;
}

int main(void)
{
	for (int n = 0; n < 2; n++) {
		struct server *s = &servers[n];

		s->listener = sockets_listen(s->family, SOCK_STREAM, CLIENTS, &s->where);
		ZERO(pthread_create(&s->thread, NULL, serve, s));
		for (int c = 0; c < CLIENTS; c++)
			ZERO(pthread_create(&s->clients[c], NULL, client, s));
	}
	workload_ready();
	while (workload_goes_on())
		;
	for (int n = 0; n < 2; n++) {
		for (int c = 0; c < CLIENTS; c++)
			ZERO(pthread_join(servers[n].clients[c], NULL));
		ask(&servers[n], 0);
		ZERO(pthread_join(servers[n].thread, NULL));
	}
	workload_pass();
}
