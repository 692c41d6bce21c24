/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/*
 * tcp_full_buffers - connections with all that goes in, both ways, before anything is read: at the end each side gets
 * all of it. Non-blocking, between two processes.
 */
#include <fcntl.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

#define MOST (16 << 20)

static const int families[] = { AF_INET, AF_INET6, AF_UNIX };
#define FAMILIES 3

#define FILLS 50

/* What each end has written: pieces, each with the bytes of its index as seed. */
static struct side {
	int ends[2], pieces[2];
	size_t sizes[2][FILLS];
} sides[FAMILIES];

/* Once more than nothing goes in, the buffers may have grown; until nothing does twice. */
static void set_up(struct side *s, int family)
{
	int idle = 0;

	sockets_pair(family, SOCK_STREAM, s->ends);
	for (int i = 0; i < 2; i++)
		SYS(fcntl(s->ends[i], F_SETFL, O_NONBLOCK));
	while (idle < 2) {
		idle++;
		for (int i = 0; i < 2; i++) {
			int piece = s->pieces[i];
			size_t size = sockets_fill(s->ends[i], piece, piece ? MOST / 16 : MOST);

			if (!size)
				continue;
			idle = 0;
			s->sizes[i][piece] = size;
			s->pieces[i]++;
			CHECK(piece + 1 < FILLS);
		}
		workload_pause();
	}
}

static void check(struct side *s, int end)
{
	CHECK(SYS(fcntl(s->ends[end], F_GETFL)) & O_NONBLOCK);
}

/* Both read at the same time, or the one that writes no more would see the other's end. */
static void drain(struct side *s, int end)
{
	SYS(fcntl(s->ends[end], F_SETFL, 0));
	for (int piece = 0; piece < s->pieces[!end]; piece++)
		sockets_drain(s->ends[end], piece, s->sizes[!end][piece]);
}

static void drain_all(int end)
{
	for (int i = 0; i < FAMILIES; i++)
		drain(&sides[i], end);
}

int main(void)
{
	pid_t child;

	for (int i = 0; i < FAMILIES; i++)
		set_up(&sides[i], families[i]);
	child = SYS(fork());
	if (!child) {
		for (int i = 0; i < FAMILIES; i++)
			SYS(close(sides[i].ends[0]));
		while (!workload_finished()) {
			for (int i = 0; i < FAMILIES; i++)
				check(&sides[i], 1);
			workload_pause();
		}
		drain_all(1);
		_exit(0);
	}
	for (int i = 0; i < FAMILIES; i++)
		SYS(close(sides[i].ends[1]));
	workload_ready();
	do
		for (int i = 0; i < FAMILIES; i++)
			check(&sides[i], 0);
	while (workload_goes_on());
	drain_all(0);
	workload_reap(child, EXITED(0));
	workload_pass();
}
