/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.c - have the ports of listening sockets back at a restart.
 *
 * For a minute after the end of a connection the kernel keeps its ports (TIME_WAIT) from everybody, unless its socket
 * had SO_REUSEADDR, which connections inherit from their listener when they arrive. So listeners get it. Nobody else
 * can have the port for that: a port on which somebody listens is never shared so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>

#include "engine.h"
#include "sys.h"

__attribute__((visibility("default"))) int listen(int fd, int backlog)
{
	int on = 1;
	long ret;

	sys(__NR_setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (hf_is_engine_mapped())
		ENGINE->listens = 1;
	ret = sys(__NR_listen, fd, backlog);
	if (!ret)
		return 0;
	errno = (int)-ret;
	return -1;
}
