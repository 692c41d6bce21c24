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
#include <sys/stat.h>

#include "engine.h"
#include "held.h"
#include "pty.h"
#include "socket.h"
#include "sys.h"

#define QUEUES_START ((HF_ENGINE_START + sizeof(struct engine) + HF_PAGE - 1) & ~(HF_PAGE - 1))
#define MESSAGE_MAX (4 << 20)
#define NO_PEEK_OFFSET (-1)
#define ADDRESS_SIZE 128
#define NO_MEMORY ((void *)8)
#define CONTROL_SIZE 2048 /* SCM_MAX_FD descriptors, and more */

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

static int ask(long fd, int request)
{
	int value = 0;

	return sys(__NR_ioctl, fd, request, &value) ? 0 : value;
}

/* A socket whose queue is copied. */
struct queue {
	long fd;
	int is_stream;
	uint64_t ino;	 /* of a Unix socket, else 0 */
	uint32_t rights; /* descriptors under way that the copy is past */
};

/* The next message, its parts apart from each other: data and address where they are kept, control data here. */
struct peeked {
	struct msghdr message;
	struct iovec data[2];
	char control[CONTROL_SIZE];
};

/*
 * Peeks at the next message, of at most `room` bytes. Returns its bytes or -errno.
 *
 * Unix streams: behind the room there is no memory, so what does not fit as a whole is left out (-EFAULT: the first
 * does not). Else a peek that has filled the room would go on to the next message that has descriptors, and give them.
 */
static long peek(const struct queue *s, uint64_t room, struct peeked *p)
{
	char *address = (char *)((struct hf_queued *)queues_end + 1);
	uint32_t name = s->is_stream ? 0 : ADDRESS_SIZE;
	long n;

	if (queues_end + sizeof(struct hf_queued) + name + room + CONTROL_SIZE > HF_RESERVED_END)
		return -ENOBUFS;
	p->data[0] = (struct iovec){ address + name, room };
	p->data[1] = (struct iovec){ NO_MEMORY, HF_PAGE };
	p->message = (struct msghdr){ .msg_name = name ? address : NULL,
				      .msg_namelen = name,
				      .msg_iov = p->data,
				      .msg_iovlen = s->ino && s->is_stream ? 2 : 1,
				      .msg_control = p->control,
				      .msg_controllen = sizeof(p->control) };
	n = sys(__NR_recvmsg, s->fd, &p->message, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n == -EAGAIN || n == -EINVAL || n == -ENOTCONN) /* nothing waits, or nothing can: it is not connected */
		return -ENODATA;
	if (!n && s->ino && !p->message.msg_controllen) /* its end: a message would tell its sender */
		return -ENODATA;
	return n >= 0 && p->message.msg_flags & MSG_CTRUNC ? -EMFILE : n;
}

/* Puts the next message, of at most `room` bytes, at queues_end. Returns its bytes, or -errno. */
static long copy_message(struct queue *s, uint64_t room, uint32_t flags)
{
	struct hf_queued *q = (void *)queues_end;
	char *to = (char *)(q + 1);
	struct peeked p;
	long n = peek(s, room, &p);

	if (n < 0)
		return n;
	hf_name_held(p.control, p.message.msg_controllen, s->ino, &s->rights);
	q->address_length = p.message.msg_namelen;
	q->length = (uint32_t)n;
	q->control_length = (uint32_t)p.message.msg_controllen;
	q->flags = flags;
	to += padded(q->address_length);
	if (to != p.data[0].iov_base)
		memmove(to, p.data[0].iov_base, (size_t)n);
	to += padded((uint64_t)n);
	memcpy(to, p.control, q->control_length);
	queues_end = (uint64_t)to + padded(q->control_length);
	return n;
}

/* A part of a stream is worse than none. */
static long copy_part(struct queue *s, uint64_t length, uint32_t flags)
{
	long n = length ? copy_message(s, length, flags) : 0;

	return n < 0 || n == (long)length ? n : -EIO;
}

/* The urgent byte and what is behind it, `before` bytes behind the next that the program reads. */
static long copy_urgent(struct queue *s, long before, long length, uint32_t flags)
{
	long n;

	if (hf_set_number(s->fd, SO_PEEK_OFF, (int)before))
		return -EOPNOTSUPP; /* Linux before 6.9: nobody can look behind the mark */
	n = copy_part(s, 1, HF_QUEUED_URGENT | flags);
	if (n < 0)
		return n;
	hf_set_number(s->fd, SO_PEEK_OFF, (int)before + 1);
	return copy_part(s, (uint64_t)length - 1, 0);
}

/* Of a stream whose urgent data is in line now; `flags` of the urgent byte, if there is one. */
static long copy_in_line(struct queue *s, uint32_t flags)
{
	long all = ask(s->fd, SIOCINQ), before = 0;

	if (!all)
		return 0;
	if (!ask(s->fd, SIOCATMARK))
		before = copy_message(s, (uint64_t)all, 0);
	return before < 0 || before == all ? before : copy_urgent(s, before, all - before, flags);
}

static long copy_tcp(struct queue *s)
{
	int in_line = hf_number_of(s->fd, SO_OOBINLINE);
	uint32_t flags = 0;
	char byte;
	long ret;

	if (!in_line && sys(__NR_recvfrom, s->fd, &byte, 1, MSG_OOB | MSG_PEEK | MSG_DONTWAIT, NULL, NULL) != 1)
		flags = HF_QUEUED_TAKEN;
	hf_set_number(s->fd, SO_OOBINLINE, 1);
	hf_set_number(s->fd, SO_PEEK_OFF, NO_PEEK_OFFSET);
	ret = copy_in_line(s, flags);
	hf_set_number(s->fd, SO_OOBINLINE, in_line);
	return ret;
}

/*
 * A peek goes on from bytes without descriptors to those of the first message that has some, and ends with these. They
 * were sent, and will be read, apart: how many bytes come before that message, which are `at` behind the first?
 */
static uint64_t before_rights(const struct queue *s, long at)
{
	uint32_t passed = 0;
	struct peeked p;
	long n = peek(s, MESSAGE_MAX, &p);

	if (n <= 1 || !hf_name_held(p.control, p.message.msg_controllen, s->ino, &passed))
		return 0;
	/* All but one of these bytes: the message with the descriptors does not fit. */
	hf_set_number(s->fd, SO_PEEK_OFF, (int)at);
	n = peek(s, (uint64_t)n - 1, &p);
	return n < 0 ? 0 : (uint64_t)n;
}

static long copy_stream(struct queue *s)
{
	long at = 0, n;

	do {
		uint64_t before;

		hf_set_number(s->fd, SO_PEEK_OFF, (int)at);
		before = hf_held_of(s->ino) ? before_rights(s, at) : 0;
		hf_set_number(s->fd, SO_PEEK_OFF, (int)at);
		n = copy_message(s, before ? before : MESSAGE_MAX, 0);
		at += n;
	} while (n > 0);
	return n == -ENODATA ? 0 : n;
}

static long copy_messages(struct queue *s)
{
	long n;

	hf_set_number(s->fd, SO_PEEK_OFF, 0);
	do
		n = copy_message(s, MESSAGE_MAX, 0);
	while (n >= 0);
	return n == -ENODATA ? 0 : n;
}

/* Meanwhile messages tell their senders, and those of different ones are not seen as one. */
static long copy_unix(struct queue *s)
{
	int tells = hf_number_of(s->fd, SO_PASSCRED);
	long ret;

	hf_set_number(s->fd, SO_PASSCRED, 1);
	ret = s->is_stream ? copy_stream(s) : copy_messages(s);
	hf_set_number(s->fd, SO_PASSCRED, tells);
	return ret;
}

static long copy_socket(long fd)
{
	struct queue s = { .fd = fd, .is_stream = hf_number_of(fd, SO_TYPE) == SOCK_STREAM };
	int offset = hf_number_of(fd, SO_PEEK_OFF);
	struct stat st;
	long ret = sys(__NR_fstat, fd, &st);

	if (ret)
		return ret;
	if (hf_number_of(fd, SO_DOMAIN) == AF_UNIX) {
		s.ino = st.st_ino;
		ret = copy_unix(&s);
	} else {
		ret = s.is_stream ? copy_tcp(&s) : copy_messages(&s);
	}
	hf_set_number(fd, SO_PEEK_OFF, offset);
	return ret;
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
