/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue.c - copy what waits in the sockets and pseudo terminals of the stopped process, taking nothing out.
 *
 * A stream is peeked at all at once, messages one after the other: SO_PEEK_OFF moves on by itself. A peek at TCP stops
 * at urgent data, and passes over its byte unless that is in line: so it is put in line meanwhile, and what is behind
 * the mark is peeked at from there.
 */
#define _GNU_SOURCE
#include "queue.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <linux/mman.h>
#include <linux/sockios.h>
#include <sys/socket.h>

#include "engine.h"
#include "pty.h"
#include "socket.h"
#include "sys.h"

#define QUEUES_START ((HF_ENGINE_START + sizeof(struct engine) + HF_PAGE - 1) & ~(HF_PAGE - 1))
#define MESSAGE_MAX (4 << 20)
#define NO_PEEK_OFFSET (-1)

static uint64_t queues_end; /* 0: not mapped; else where the next queue is copied to */

static long map_queues(void)
{
	long ret;

	if (queues_end)
		return 0;
	ret = sys(__NR_mmap, QUEUES_START, HF_RESERVED_END - QUEUES_START, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (ret < 0)
		return ret;
	queues_end = QUEUES_START;
	return 0;
}

void hf_forget_queues(void)
{
	if (queues_end)
		sys(__NR_munmap, QUEUES_START, HF_RESERVED_END - QUEUES_START);
	queues_end = 0;
}

static uint64_t padded(uint64_t length)
{
	return (length + 7) & ~7ull;
}

static int number(long fd, int name)
{
	int value = 0;
	uint32_t length = sizeof(value);

	return sys(__NR_getsockopt, fd, SOL_SOCKET, name, &value, &length) ? 0 : value;
}

static long set_number(long fd, int name, int value)
{
	return sys(__NR_setsockopt, fd, SOL_SOCKET, name, &value, sizeof(value));
}

static int ask(long fd, int request)
{
	int value = 0;

	return sys(__NR_ioctl, fd, request, &value) ? 0 : value;
}

/* Peeks at the next message, of at most `room` bytes, and puts it at queues_end. Returns its bytes, or -errno. */
static long copy_message(long fd, uint64_t room, uint32_t flags)
{
	struct hf_queued *q = (void *)queues_end;
	char *address = (char *)(q + 1), control[1024];
	struct iovec data = { address + 128, room };
	struct msghdr m = { .msg_name = address,
			    .msg_namelen = 128,
			    .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	long n;

	if (queues_end + sizeof(*q) + 128 + room + sizeof(control) > HF_RESERVED_END)
		return -ENOBUFS;
	n = sys(__NR_recvmsg, fd, &m, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n == -EAGAIN || n == -EINVAL || n == -ENOTCONN) /* nothing waits, or nothing can: it is not connected */
		return -ENODATA;
	if (n < 0)
		return n;
	q->address_length = m.msg_namelen;
	q->length = (uint32_t)n;
	q->control_length = (uint32_t)m.msg_controllen;
	q->flags = flags;
	memcpy(address + padded(m.msg_namelen), address + 128, (size_t)n);
	memcpy(address + padded(m.msg_namelen) + padded((uint64_t)n), control, m.msg_controllen);
	queues_end += sizeof(*q) + padded(m.msg_namelen) + padded((uint64_t)n) + padded(m.msg_controllen);
	return n;
}

/* A part of a stream is worse than none. */
static long copy_part(long fd, uint64_t length, uint32_t flags)
{
	long n = length ? copy_message(fd, length, flags) : 0;

	return n < 0 || n == (long)length ? n : -EIO;
}

/* The urgent byte and what is behind it, `before` bytes behind the next that the program reads. */
static long copy_urgent(long fd, long before, long length, uint32_t flags)
{
	long n;

	if (set_number(fd, SO_PEEK_OFF, (int)before))
		return -EOPNOTSUPP; /* Linux before 6.9: nobody can look behind the mark */
	n = copy_part(fd, 1, HF_QUEUED_URGENT | flags);
	if (n < 0)
		return n;
	set_number(fd, SO_PEEK_OFF, (int)before + 1);
	return copy_part(fd, (uint64_t)length - 1, 0);
}

/* Of a stream whose urgent data is in line now; `flags` of the urgent byte, if there is one. */
static long copy_in_line(long fd, uint32_t flags)
{
	long all = ask(fd, SIOCINQ), before = 0;

	if (!all)
		return 0;
	if (!ask(fd, SIOCATMARK))
		before = copy_message(fd, (uint64_t)all, 0);
	return before < 0 || before == all ? before : copy_urgent(fd, before, all - before, flags);
}

static long copy_tcp(long fd)
{
	int in_line = number(fd, SO_OOBINLINE), offset = number(fd, SO_PEEK_OFF);
	uint32_t flags = 0;
	char byte;
	long ret;

	if (!in_line && sys(__NR_recvfrom, fd, &byte, 1, MSG_OOB | MSG_PEEK | MSG_DONTWAIT, NULL, NULL) != 1)
		flags = HF_QUEUED_TAKEN;
	set_number(fd, SO_OOBINLINE, 1);
	set_number(fd, SO_PEEK_OFF, NO_PEEK_OFFSET);
	ret = copy_in_line(fd, flags);
	set_number(fd, SO_PEEK_OFF, offset);
	set_number(fd, SO_OOBINLINE, in_line);
	return ret;
}

static long copy_messages(long fd, int is_stream)
{
	int offset = number(fd, SO_PEEK_OFF);
	long ret;

	set_number(fd, SO_PEEK_OFF, 0);
	do
		ret = copy_message(fd, MESSAGE_MAX, 0);
	while (ret > 0 || (!ret && !is_stream));
	set_number(fd, SO_PEEK_OFF, offset);
	return ret == -ENODATA ? 0 : ret;
}

static long copy_socket(long fd)
{
	int is_stream = number(fd, SO_TYPE) == SOCK_STREAM;

	return is_stream && number(fd, SO_DOMAIN) != AF_UNIX ? copy_tcp(fd) : copy_messages(fd, is_stream);
}

static long copy_pty(long fd)
{
	long n = hf_copy_pty(fd, (char *)queues_end, MESSAGE_MAX);

	if (n > 0)
		queues_end += padded((uint64_t)n);
	return n;
}

long hf_copy_queue(struct hf_blob *blob)
{
	long fd, ret = map_queues();
	int index;

	if (ret)
		return ret;
	fd = hf_borrow(blob->fd);
	if (fd < 0)
		return fd;
	blob->addr = queues_end;
	if (!sys(__NR_ioctl, fd, TIOCGPTN, &index)) {
		ret = copy_pty(fd);
		blob->length = ret < 0 ? 0 : (uint64_t)ret;
	} else {
		ret = copy_socket(fd);
		blob->length = queues_end - blob->addr;
	}
	sys(__NR_close, fd);
	return ret < 0 ? ret : 0;
}
