/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets processor
/* unix_stream - a connection between two processes with a checksummed stream at full speed in both directions. */
#include "sockets.h"
#include "workload.h"

int main(void)
{
	int ends[1][2];

	sockets_pair(AF_UNIX, SOCK_STREAM, ends[0]);
	sockets_exchange_streams(ends, 1);
	workload_pass();
}
