/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets
/*
 * unix_dgram - datagrams between named sockets keep their bounds, their order and their sender; those not yet read
 * wait until the end, and a full queue stays full.
 */
#include <string.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

static int make(struct address *where)
{
	int fd = SYS(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	*where = sockets_address(AF_UNIX);
	SYS(bind(fd, (struct sockaddr *)&where->storage, where->length));
	return fd;
}

static ssize_t send_to(int fd, const struct address *to, size_t size, uint64_t seed)
{
	char bytes[4000];

	workload_fill(bytes, size, seed);
	return sendto(fd, bytes, size, MSG_DONTWAIT, (const struct sockaddr *)&to->storage, to->length);
}

static void receive(int fd, const struct address *from, size_t size, uint64_t seed)
{
	struct address got = { .length = sizeof(got.storage) };
	char bytes[4000];

	SAME(size, recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&got.storage, &got.length));
	SAME(from->length, got.length);
	CHECK(!memcmp(&from->storage, &got.storage, got.length));
	workload_verify("datagram", bytes, size, seed);
}

int main(void)
{
	struct address at_sender, at_busy, at_kept;
	int sender = make(&at_sender), busy = make(&at_busy), kept = make(&at_kept), ends[2], waiting = 0;
	uint64_t number = 0;

	while (send_to(sender, &at_kept, 1 + waiting * 37 % 3000, waiting) > 0)
		waiting++;
	SAME(EAGAIN, errno);
	CHECK(waiting > 3);
	SYS(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	SAME(0, send(ends[0], "", 0, 0));
	SAME(3, send(ends[0], "abc", 3, 0));
	workload_ready();
	do {
		SAME(number % 3000, send_to(sender, &at_busy, number % 3000, number));
		SAME(number * 7 % 3000, send_to(kept, &at_busy, number * 7 % 3000, number + 1));
		receive(busy, &at_sender, number % 3000, number);
		receive(busy, &at_kept, number * 7 % 3000, number + 1);
		FAILS(EAGAIN, send_to(sender, &at_kept, 10, 0));
		sockets_check_name(kept, &at_kept);
		number++;
	} while (workload_goes_on());
	for (int i = 0; i < waiting; i++)
		receive(kept, &at_sender, 1 + i * 37 % 3000, i);
	FAILS(EAGAIN, recv(kept, &number, 1, MSG_DONTWAIT));
	SAME(0, recv(ends[1], &number, 8, MSG_DONTWAIT));
	SAME(3, recv(ends[1], &number, 8, MSG_DONTWAIT));
	workload_pass();
}
