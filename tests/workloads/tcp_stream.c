/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets processor
/* tcp_stream - connections over IPv4 and IPv6 with a checksummed stream at full speed in both directions. */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "sockets.h"
#include "workload.h"

int main(void)
{
	int ends[2][2];

	sockets_pair(AF_INET, SOCK_STREAM, ends[0]);
	sockets_pair(AF_INET6, SOCK_STREAM, ends[1]);
	SYS(setsockopt(ends[1][0], IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)));
	sockets_exchange_streams(ends, 2);
	workload_pass();
}
