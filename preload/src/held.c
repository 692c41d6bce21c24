/* SPDX-License-Identifier: Apache-2.0 */
/*
 * held.c - descriptors on their way in the queues of the stopped process's sockets (SCM_RIGHTS).
 *
 * A peek at a message gives duplicates of the descriptors in it, which the checkpoint thread keeps in its own table
 * while the process stands still. The n-th of them has number HF_HELD + n and is the thread's descriptor own[n].
 */
#define _GNU_SOURCE
#include "held.h"

#include <asm/errno.h>
#include <sys/socket.h>

#include "engine.h"
#include "sys.h"

#define CONTROL_SIZE 2048 /* SCM_MAX_FD descriptors, and more */

int hf_held(void)
{
	return (int)ENGINE->held_count;
}

/* Calls fn with each descriptor in control data; stops when it fails. */
static long each_right(void *control, size_t length, long (*fn)(int32_t *fd, void *arg), void *arg)
{
	struct msghdr m = { .msg_control = control, .msg_controllen = length };

	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		int32_t *fds = (void *)CMSG_DATA(c);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t n = 0; n < (c->cmsg_len - CMSG_LEN(0)) / sizeof(*fds); n++) {
			long ret = fn(&fds[n], arg);

			if (ret)
				return ret;
		}
	}
	return 0;
}

static long keep(int32_t *fd, void *ino)
{
	if (ENGINE->held_count == MAX_HELD)
		return -EMFILE;
	ENGINE->held[ENGINE->held_count++] = (struct held){ .ino = *(uint64_t *)ino, .fd = *fd };
	return 0;
}

uint32_t hf_held_of(uint64_t ino)
{
	uint32_t count = 0;

	for (uint32_t n = 0; n < ENGINE->held_count; n++)
		count += ENGINE->held[n].ino == ino;
	return count;
}

/* Peeks at the next message, whose data is of no interest, and keeps its descriptors. Returns its bytes or -errno. */
static long hold_next(long fd, uint64_t ino)
{
	char control[CONTROL_SIZE];
	struct iovec data = { ENGINE->request, sizeof(ENGINE->request) };
	struct msghdr m = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	long n = sys(__NR_recvmsg, fd, &m, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	long ret = n < 0 ? n : each_right(control, m.msg_controllen, keep, &ino);

	return ret ? ret : m.msg_flags & MSG_CTRUNC ? -EMFILE : n;
}

long hf_hold(long fd, uint64_t ino, uint64_t count)
{
	int offset = -1, start = 0;
	uint32_t length = sizeof(offset);
	long ret = 0;

	if (hf_held_of(ino)) /* another descriptor of the same socket */
		return 0;
	sys(__NR_getsockopt, fd, SOL_SOCKET, SO_PEEK_OFF, &offset, &length);
	sys(__NR_setsockopt, fd, SOL_SOCKET, SO_PEEK_OFF, &start, sizeof(start));
	while (ret >= 0 && hf_held_of(ino) < count)
		ret = hold_next(fd, ino);
	sys(__NR_setsockopt, fd, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof(offset));
	return ret < 0 ? ret : 0;
}

struct naming {
	uint64_t ino;
	uint32_t *passed;
	int any;
};

static long name(int32_t *fd, void *arg)
{
	struct naming *to = arg;
	uint32_t left = *to->passed;

	sys(__NR_close, *fd);
	for (uint32_t n = 0; n < ENGINE->held_count; n++)
		if (ENGINE->held[n].ino == to->ino && !left--) {
			*fd = HF_HELD + (int32_t)n;
			break;
		}
	++*to->passed;
	to->any = 1;
	return 0;
}

int hf_name_held(void *control, size_t length, uint64_t ino, uint32_t *passed)
{
	struct naming to = { ino, passed, 0 };

	each_right(control, length, name, &to);
	return to.any;
}

void hf_release_held(void)
{
	for (uint32_t n = 0; n < ENGINE->held_count; n++)
		sys(__NR_close, ENGINE->held[n].fd);
	ENGINE->held_count = 0;
}
