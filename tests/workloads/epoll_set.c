/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epoll_set - members of an epoll set keep their data and their mode: level, edge, one-shot (armed and used up),
 * nested sets, a set shared with a child.
 */
#include <sys/epoll.h>
#include <unistd.h>

#include "workload.h"

#define MEMBERS 6
enum { LEVEL_READY, LEVEL_IDLE, EDGE, ONESHOT_USED, ONESHOT_ARMED, WRITABLE };

static int pipes[MEMBERS][2], outer, inner;

static void add(int epoll, int fd, uint32_t events, uint64_t data)
{
	SYS(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){ events, { .u64 = data } }));
}

static void put(int i)
{
	SAME(1, write(pipes[i][1], "x", 1));
}

static uint64_t data_of(int i)
{
	return 0x1111111122222200 + i;
}

/* Which members are reported now, as bits. The edge member may be reported once more than needed. */
static unsigned reported(void)
{
	struct epoll_event events[MEMBERS];
	int n = SYS(epoll_wait(inner, events, MEMBERS, 0));
	unsigned bits = 0;

	for (int i = 0; i < n; i++) {
		int member = events[i].data.u64 - data_of(0);

		if (member < 0 || member >= MEMBERS)
			FAIL("data of an event: %#lx", events[i].data.u64);
		SAME(member == WRITABLE ? EPOLLOUT : EPOLLIN, events[i].events);
		bits |= 1 << member;
	}
	return bits;
}

#define ALWAYS (1 << LEVEL_READY | 1 << WRITABLE)

static void check(void)
{
	struct epoll_event event;
	char bytes[8];

	SAME(ALWAYS, reported() & ~(1 << EDGE));
	SAME(ALWAYS, reported());
	put(EDGE); /* a new edge, though the data before was not read */
	SAME(ALWAYS | 1 << EDGE, reported());
	SAME(ALWAYS, reported());
	SAME(1, read(pipes[EDGE][0], bytes, 1));
	put(LEVEL_IDLE);
	SAME(ALWAYS | 1 << LEVEL_IDLE, reported());
	SAME(1, read(pipes[LEVEL_IDLE][0], bytes, 1));
	SAME(1, epoll_wait(outer, &event, 1, 0));
	SAME(77, event.data.u64);
}

int main(void)
{
	const uint32_t modes[] = { EPOLLIN, EPOLLIN, EPOLLIN | EPOLLET, EPOLLIN | EPOLLONESHOT, EPOLLIN | EPOLLONESHOT,
				   EPOLLOUT };
	pid_t child;

	inner = SYS(epoll_create1(EPOLL_CLOEXEC));
	outer = SYS(epoll_create1(0));
	for (int i = 0; i < MEMBERS; i++) {
		SYS(pipe(pipes[i]));
		add(inner, pipes[i][i == WRITABLE], modes[i], data_of(i));
	}
	add(outer, inner, EPOLLIN, 77);
	put(LEVEL_READY);
	put(EDGE);
	put(ONESHOT_USED);
	SAME(1 << LEVEL_READY | 1 << EDGE | 1 << ONESHOT_USED | 1 << WRITABLE, reported());
	child = SYS(fork());
	if (!child) {
		struct epoll_event event;

		SAME(1, epoll_wait(outer, &event, 1, -1));
		while (!workload_finished())
			workload_pause();
		_exit(0);
	}
	workload_ready();
	do
		check();
	while (workload_goes_on());
	put(ONESHOT_ARMED);
	SAME(1 << ONESHOT_ARMED, reported() & ~(ALWAYS | 1 << EDGE));
	SAME(0, reported() & 1 << ONESHOT_ARMED);
	workload_reap(child, EXITED(0));
	workload_pass();
}
