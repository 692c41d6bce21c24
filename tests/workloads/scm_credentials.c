/* SPDX-License-Identifier: Apache-2.0 */
/* scm_credentials - messages tell their sender, also those that wait until the end; connections, who made them. */
#include <string.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

static void receive(int socket, pid_t sender, char expected)
{
	union {
		char space[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control = { 0 };
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof(control.space)
	};
	struct cmsghdr *header;
	struct ucred sent;

	SAME(1, recvmsg(socket, &message, 0));
	SAME(expected, byte);
	header = CMSG_FIRSTHDR(&message);
	CHECK(header);
	SAME(SCM_CREDENTIALS, header->cmsg_type);
	memcpy(&sent, CMSG_DATA(header), sizeof(sent));
	SAME(sender, sent.pid);
	SAME(getuid(), sent.uid);
	SAME(getgid(), sent.gid);
}

static void check_peer(int socket, pid_t peer)
{
	struct ucred got;
	socklen_t length = sizeof(got);

	SYS(getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &got, &length));
	SAME(peer, got.pid);
	SAME(getuid(), got.uid);
	SAME(getgid(), got.gid);
}

int main(void)
{
	int kept[2], busy[2], listener, connection, yes = 1;
	struct address where;
	pid_t child;

	SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, kept));
	SYS(socketpair(AF_UNIX, SOCK_DGRAM, 0, busy));
	SYS(setsockopt(kept[1], SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)));
	SYS(setsockopt(busy[1], SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)));
	listener = sockets_listen(AF_UNIX, SOCK_STREAM, 1, &where);
	child = SYS(fork());
	if (!child) {
		int fd = sockets_connect(SOCK_STREAM, &where);

		check_peer(fd, getppid());
		SAME(1, write(kept[0], "c", 1));
		while (!workload_finished()) {
			SAME(1, write(busy[0], "b", 1));
			check_peer(fd, getppid());
			workload_pause();
		}
		_exit(0);
	}
	connection = SYS(accept(listener, NULL, NULL));
	receive(busy[1], child, 'b'); /* so its first message has been sent before this one */
	SAME(1, write(kept[0], "p", 1));
	workload_ready();
	do {
		receive(busy[1], child, 'b');
		check_peer(connection, child);
		check_peer(kept[0], getpid());
	} while (workload_goes_on());
	receive(kept[1], child, 'c');
	receive(kept[1], getpid(), 'p');
	workload_reap(child, EXITED(0));
	workload_pass();
}
