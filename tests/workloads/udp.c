/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/*
 * udp - bound and connected sockets over IPv4 and IPv6: datagrams wait until the end with their bounds and senders,
 * others go between two processes all the time.
 */
#include <string.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

#define WAITING 20

static const int families[] = { AF_INET, AF_INET6 };

static struct side {
	int server, kept, client;
	struct address at_server, at_kept, at_client;
} sides[2];

static int make(int family, struct address *where)
{
	int fd = SYS(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	*where = sockets_address(family);
	SYS(bind(fd, (struct sockaddr *)&where->storage, where->length));
	SYS(getsockname(fd, (struct sockaddr *)&where->storage, &where->length));
	return fd;
}

static void send_to(int fd, const struct address *to, size_t size, uint64_t seed)
{
	char bytes[3000];

	workload_fill(bytes, size, seed);
	SAME(size, sendto(fd, bytes, size, 0, (const struct sockaddr *)&to->storage, to->length));
}

static void receive(int fd, const struct address *from, size_t size, uint64_t seed)
{
	struct address got = { .length = sizeof(got.storage) };
	char bytes[3000];

	SAME(size, recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&got.storage, &got.length));
	SAME(from->length, got.length);
	CHECK(!memcmp(&from->storage, &got.storage, got.length));
	workload_verify("datagram", bytes, size, seed);
}

static void set_up(struct side *s, int family)
{
	s->server = make(family, &s->at_server);
	s->kept = make(family, &s->at_kept);
	s->client = make(family, &s->at_client);
	for (int i = 0; i < WAITING; i++)
		send_to(i % 2 ? s->client : s->server, &s->at_kept, i * 97 % 2000, i);
	SYS(connect(s->client, (struct sockaddr *)&s->at_server.storage, s->at_server.length));
}

/* Sends each datagram back to its sender. */
static void echo(struct side *s)
{
	struct address from;
	char bytes[3000];

	for (;;) {
		ssize_t n;

		from.length = sizeof(from.storage);
		n = SYS(recvfrom(s->server, bytes, sizeof(bytes), 0, (struct sockaddr *)&from.storage, &from.length));
		if (n == 3 && !memcmp(bytes, "end", 3))
			return;
		SAME(n, sendto(s->server, bytes, n, 0, (struct sockaddr *)&from.storage, from.length));
	}
}

static void check(struct side *s, uint64_t number)
{
	char bytes[3000];
	size_t size = number % 2900;

	workload_fill(bytes, size, number);
	SAME(size, send(s->client, bytes, size, 0));
	receive(s->client, &s->at_server, size, number);
	sockets_check_peer(s->client, &s->at_server);
	sockets_check_name(s->client, &s->at_client);
	sockets_check_name(s->kept, &s->at_kept);
}

int main(void)
{
	uint64_t number = 1;
	pid_t child[2];

	for (int i = 0; i < 2; i++) {
		set_up(&sides[i], families[i]);
		child[i] = SYS(fork());
		if (!child[i]) {
			echo(&sides[i]);
			_exit(0);
		}
		SYS(close(sides[i].server));
	}
	workload_ready();
	do
		for (int i = 0; i < 2; i++)
			check(&sides[i], number++);
	while (workload_goes_on());
	for (int i = 0; i < 2; i++) {
		for (int n = 0; n < WAITING; n++)
			receive(sides[i].kept, n % 2 ? &sides[i].at_client : &sides[i].at_server, n * 97 % 2000, n);
		SAME(3, send(sides[i].client, "end", 3, 0));
		workload_reap(child[i], EXITED(0));
	}
	workload_pass();
}
