/* SPDX-License-Identifier: Apache-2.0 */
// driver: signals
// needs: sockets
/*
 * unix_listen - listening sockets at a path and at an abstract address: connections wait there with data until they
 * are accepted at the end, and new ones to another come and go all the time.
 */
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

#define WAITING 3

static struct address abstract_address(void)
{
	struct address a = { .storage.ss_family = AF_UNIX };
	struct sockaddr_un *local = (void *)&a.storage;

	a.length = offsetof(struct sockaddr_un, sun_path) + 1 +
		   snprintf(local->sun_path + 1, sizeof(local->sun_path) - 1, "%.100s", workload_path("abstract"));
	return a;
}

static int listen_abstract(struct address *where)
{
	int fd = SYS(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

	*where = abstract_address();
	SYS(bind(fd, (struct sockaddr *)&where->storage, where->length));
	SYS(listen(fd, 10));
	return fd;
}

static void greet(const struct address *where, int listener)
{
	int client = sockets_connect(SOCK_STREAM, where), server = SYS(accept(listener, NULL, NULL));

	SAME(1000, sockets_fill(client, 8, 1000));
	sockets_drain(server, 8, 1000);
	sockets_check_name(listener, where);
	sockets_check_peer(client, where);
	SYS(close(client));
	SYS(close(server));
}

int main(void)
{
	struct address busy_path, busy_abstract, path;
	int at_path = sockets_listen(AF_UNIX, SOCK_STREAM, 10, &busy_path),
	    at_abstract = listen_abstract(&busy_abstract);
	int listener = sockets_listen(AF_UNIX, SOCK_STREAM, 10, &path), client[WAITING], server;

	for (int i = 0; i < WAITING; i++) {
		client[i] = sockets_connect(SOCK_STREAM, &path);
		SAME(5000, sockets_fill(client[i], i, 5000));
	}
	SYS(close(client[1])); /* whoever accepts it finds its data, and then its end */
	workload_ready();
	do {
		greet(&busy_path, at_path);
		greet(&busy_abstract, at_abstract);
	} while (workload_goes_on());
	for (int i = 0; i < WAITING; i++) {
		char byte;

		server = SYS(accept(listener, NULL, NULL));
		sockets_drain(server, i, 5000);
		if (i == 1) {
			SAME(0, read(server, &byte, 1));
			continue;
		}
		SAME(100, sockets_fill(server, i + 10, 100));
		sockets_drain(client[i], i + 10, 100);
	}
	workload_pass();
}
