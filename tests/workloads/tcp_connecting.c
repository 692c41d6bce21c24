/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/*
 * tcp_connecting - connections under way to a socket whose backlog is full: one non-blocking, one in a blocked call;
 * both are made when there is room, at the end.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

static struct address where;

static bool writable(int fd)
{
	struct pollfd p = { fd, POLLOUT, 0 };

	return SYS(poll(&p, 1, 0));
}

static void *connects(void *ignored)
{
	int fd = sockets_connect(SOCK_STREAM, &where);

	(void)ignored;
	CHECK(workload_finished());
	SAME(100, sockets_fill(fd, 3, 100));
	return NULL;
}

int main(void)
{
	int listener = sockets_listen(AF_INET, SOCK_STREAM, 0, &where), fd, error, accepted = 0;
	socklen_t length = sizeof(error);
	pthread_t thread;
	bool made = false;

	SYS(fcntl(listener, F_SETFL, O_NONBLOCK));
	sockets_connect(SOCK_STREAM, &where); /* fills the backlog */
	fd = SYS(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	FAILS(EINPROGRESS, connect(fd, (struct sockaddr *)&where.storage, where.length));
	ZERO(pthread_create(&thread, NULL, connects, NULL));
	workload_ready();
	do {
		CHECK(!writable(fd));
		FAILS(EALREADY, connect(fd, (struct sockaddr *)&where.storage, where.length));
	} while (workload_goes_on());
	while (accepted < 3 || !made) {
		accepted += accept(listener, NULL, NULL) >= 0;
		if (!made && writable(fd)) {
			SYS(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length));
			SAME(0, error);
			SAME(100,
			     sockets_fill(fd, 4, 100)); /* what is sent completes it where the backlog overflowed */
			made = true;
		}
		workload_pause();
	}
	ZERO(pthread_join(thread, NULL));
	workload_pass();
}
