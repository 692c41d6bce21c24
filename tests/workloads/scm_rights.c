/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scm_rights - descriptors on their way in a socket's queue, closed everywhere else, arrive at the end as what they
 * were: a pipe, a file with its position, a socket that itself has a descriptor inside; others come and go.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload.h"

union control {
	char space[CMSG_SPACE(3 * sizeof(int))];
	struct cmsghdr align;
};

static void send_fds(int socket, const int *fds, int count, char byte)
{
	union control control = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.space,
				  .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	SAME(1, sendmsg(socket, &message, 0));
}

static void receive_fds(int socket, int *fds, int count, char expected)
{
	union control control = { 0 };
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof(control.space)
	};
	struct cmsghdr *header;

	SAME(1, recvmsg(socket, &message, MSG_CMSG_CLOEXEC));
	SAME(expected, byte);
	header = CMSG_FIRSTHDR(&message);
	CHECK(header);
	SAME(SCM_RIGHTS, header->cmsg_type);
	SAME(CMSG_LEN(count * sizeof(int)), header->cmsg_len);
	memcpy(fds, CMSG_DATA(header), count * sizeof(int));
}

/* One message with no descriptor on either side of one with three. */
static void put_on_the_way(int socket)
{
	int ends[2], inner[2], file = SYS(open(workload_path("file"), O_CREAT | O_RDWR, 0600));

	SYS(pipe(ends));
	SAME(4, write(ends[1], "pipe", 4));
	SAME(9, write(file, "some text", 9));
	SYS(lseek(file, 5, SEEK_SET));
	SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, inner));
	send_fds(inner[1], &ends[1], 1, 'i');
	SAME(1, write(socket, "a", 1));
	send_fds(socket, (int[]){ ends[0], file, inner[0] }, 3, 'f');
	SAME(1, write(socket, "z", 1));
	for (int i = 0; i < 2; i++) {
		SYS(close(ends[i]));
		SYS(close(inner[i]));
	}
	SYS(close(file));
}

static void take_from_the_way(int socket)
{
	int fds[3], written;
	char text[16] = "";

	SAME(1, read(socket, text, 1));
	SAME('a', text[0]);
	receive_fds(socket, fds, 3, 'f');
	SAME(1, read(socket, text, 16));
	SAME('z', text[0]);
	SAME(4, read(fds[1], text, 16));
	CHECK(!memcmp(text, "text", 4));
	receive_fds(fds[2], &written, 1, 'i');
	SAME(5, write(written, " more", 5));
	SYS(close(written));
	SAME(9, read(fds[0], text, 16));
	CHECK(!memcmp(text, "pipe more", 9));
	SAME(0, read(fds[0], text, 16));
}

static void pass_one(int sockets[2])
{
	int ends[2], received;
	char byte = 0;

	SYS(pipe(ends));
	send_fds(sockets[0], &ends[0], 1, 'p');
	SYS(close(ends[0]));
	receive_fds(sockets[1], &received, 1, 'p');
	SAME(1, write(ends[1], "x", 1));
	SAME(1, read(received, &byte, 1));
	SAME('x', byte);
	SYS(close(received));
	SYS(close(ends[1]));
}

int main(void)
{
	int kept[2], busy[2];

	SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, kept));
	SYS(socketpair(AF_UNIX, SOCK_DGRAM, 0, busy));
	put_on_the_way(kept[0]);
	workload_ready();
	do
		pass_one(busy);
	while (workload_goes_on());
	take_from_the_way(kept[1]);
	workload_pass();
}
