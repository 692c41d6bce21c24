/* SPDX-License-Identifier: Apache-2.0 */
// driver: signals
// needs: sockets processor
/*
 * accept_same_port - connections wait at one listener while others come to a second one from every port that the
 * system gives, the same ones among them: each listener gives its own.
 */
#include <stdio.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

#define WAITING 4

static int ports(void)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");
	int from, to;

	CHECK(file && fscanf(file, "%d %d", &from, &to) == 2);
	fclose(file);
	return to - from;
}

static void exchange(int client, int server, int seed)
{
	SAME(100, sockets_fill(server, seed, 100));
	sockets_drain(client, seed, 100);
}

/* Ends with a reset, so that nothing of it is left. */
static void come_and_go(int listener, const struct address *where)
{
	struct linger reset = { 1, 0 };
	int client = sockets_connect(SOCK_STREAM, where), server = SYS(accept(listener, NULL, NULL));

	exchange(client, server, 7);
	SYS(setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)));
	SYS(close(client));
	SYS(close(server));
}

int main(void)
{
	struct address at_kept, at_busy;
	int kept = sockets_listen(AF_INET, SOCK_STREAM, 10, &at_kept);
	int busy = sockets_listen(AF_INET, SOCK_STREAM, 10, &at_busy), client[WAITING], count = ports();

	for (int i = 0; i < WAITING; i++)
		client[i] = sockets_connect(SOCK_STREAM, &at_kept);
	workload_ready();
	do
		/* From half of the ports or so: in three checks those of the placeholders are nearly always among them. */
		for (int i = 0; i < count / 2; i++)
			come_and_go(busy, &at_busy);
	while (workload_goes_on());
	for (int i = 0; i < WAITING; i++)
		exchange(client[i], SYS(accept(kept, NULL, NULL)), i);
	workload_pass();
}
