/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refill.c - send once more what waited in the queues of the job's sockets: bytes and messages, with the descriptors
 * that were in them, by those who had sent them.
 */
#include <asm/errno.h>
#include <asm/socket.h>
#include <linux/time_types.h>

#include "connect.h"
#include "message.h"
#include "standin.h"
#include "sys.h"

#define SOL_SOCKET 1
#define SCM_RIGHTS 1
#define SCM_CREDENTIALS 2
#define SCM_MAX_FD 253
#define MSG_OOB 1
#define MSG_DONTWAIT 0x40
#define MSG_NOSIGNAL 0x4000
#define POLLPRI 2

struct part {
	const void *start;
	uint64_t length;
};

/* struct msghdr */
struct message {
	const void *name;
	uint32_t name_length, pad;
	struct part *parts;
	uint64_t part_count;
	const void *control;
	uint64_t control_length;
	int32_t flags, pad2;
};

/* struct cmsghdr */
struct control {
	uint64_t length;
	int32_t level, type;
};

/* Control data to send: the sender, and the descriptors; each may be left out. */
struct controls {
	struct control sender;
	int32_t pid, uid, gid, pad;
	struct control rights;
	int32_t fds[SCM_MAX_FD + 1];
};

#define WITH_SENDER offsetof(struct controls, rights)

/* A message that is sent on a descriptor. */
struct sending {
	long fd;
	struct message message;
	int flags;
};

/* What waited in a socket's queue; NULL: nothing. */
static uint64_t padded(uint64_t length)
{
	return (length + 7) & ~7ull;
}

/* The descriptor of this process that is on its way as `held` of a process of the job. */
static int32_t description_of(int32_t pid, int32_t held)
{
	const struct hf_rec *rec = NULL;
	int wanted = 0;

	while ((rec = hf_next_record(hf_restart.plan, hf_restart.plan_length, rec))) {
		const struct hf_place *place = (const void *)(rec + 1);

		if (rec->type == HF_REC_NODE)
			wanted = ((const struct hf_node *)(rec + 1))->pid == pid;
		if (rec->type == HF_REC_PLACE && wanted && place->fd == held)
			return hf_descriptor_of(place->description);
	}
	return -1;
}

/* What a message's control data, from a queue that process `pid` copied, says to send with it. */
static void read_controls(const struct hf_queued *q, const char *control, int32_t pid, struct controls *to)
{
	const struct control *c;

	to->sender = (struct control){ sizeof(*c) + 3 * sizeof(int32_t), SOL_SOCKET, SCM_CREDENTIALS };
	to->rights = (struct control){ 0, SOL_SOCKET, SCM_RIGHTS };
	to->pid = 0;
	for (uint64_t at = 0; at + sizeof(*c) <= q->control_length; at += padded(c->length)) {
		const int32_t *values;

		c = (const void *)(control + at);
		values = (const void *)(c + 1);
		if (c->length < sizeof(*c))
			return;
		if (c->level != SOL_SOCKET)
			continue;
		if (c->type == SCM_CREDENTIALS) {
			to->pid = values[0];
			to->uid = values[1];
			to->gid = values[2];
		}
		if (c->type != SCM_RIGHTS)
			continue;
		for (uint64_t n = 0; n < (c->length - sizeof(*c)) / sizeof(*values) && n < SCM_MAX_FD; n++)
			to->fds[n] = description_of(pid, values[n]);
		to->rights.length = c->length;
	}
}

static long send_now(void *arg)
{
	const struct sending *s = arg;

	return sys(__NR_sendmsg, s->fd, &s->message, s->flags);
}

/* Sends all of a message, by its sender; of a stream in several times, of which the first takes the descriptors. */
static void send_all(const struct hf_socket *to, struct sending *s, int32_t sender)
{
	struct part *part = s->message.parts;

	for (;;) {
		long n = hf_stand_in(sender, send_now, s);

		if (n < 0)
			hf_refuse_socket(to, "cannot give back what waited in the socket of ", n);
		part->start = (const char *)part->start + n;
		part->length -= (uint64_t)n;
		s->message.control_length = sender ? WITH_SENDER : 0;
		if (!part->length)
			return;
	}
}

/* The job's socket that has sent a datagram, or one made for it; -1: the sender was outside. */
static long sender_of(const struct hf_socket *to, const struct hf_queued *q)
{
	struct hf_socket from = {
		.family = to->family, .type = to->type, .protocol = to->protocol, .local_length = q->address_length
	};
	int found = -1;

	memcpy(from.local, q + 1, q->address_length < sizeof(from.local) ? q->address_length : sizeof(from.local));
	if (hf_has_name(&from))
		found = hf_find_socket(&from, 0);
	if (found >= 0)
		return sys(__NR_fcntl, found, F_DUPFD_CLOEXEC, 3);
	return to->family == AF_UNIX ? hf_new_socket(to) : -1;
}

/* The program had read the urgent byte: it is read once more, which leaves its mark. */
static void take_urgent(uint32_t index)
{
	struct {
		int fd;
		short events, revents;
	} poll = { hf_descriptor_of(index), POLLPRI, 0 };
	char byte;

	sys(__NR_poll, &poll, 1, PATIENCE * PAUSE_NS / 1000000);
	sys(__NR_recvfrom, poll.fd, &byte, 1, MSG_OOB, NULL, NULL);
}

/* Sends one message, whose control data speaks of the descriptors of process `pid`. */
static void give(uint32_t index, long peer, const struct hf_queued *q, int32_t pid)
{
	const struct hf_socket *s = hf_socket_of(index);
	const char *bytes = (const char *)(q + 1) + padded(q->address_length);
	struct controls controls;
	struct part part = { bytes, q->length };
	struct sending sending = { .fd = peer, .message = { .parts = &part, .part_count = 1 }, .flags = MSG_NOSIGNAL };

	read_controls(q, bytes + padded(q->length), pid, &controls);
	sending.message.control = controls.pid ? &controls.sender : &controls.rights;
	sending.message.control_length = padded(controls.rights.length) + (controls.pid ? WITH_SENDER : 0);
	if (q->flags & HF_QUEUED_URGENT)
		sending.flags |= MSG_OOB;
	if (peer < 0) {
		sending.fd = sender_of(s, q);
		sending.flags |= MSG_DONTWAIT;
		sending.message.name = s->local;
		sending.message.name_length = s->local_length;
	}
	if (sending.fd >= 0) /* a datagram from outside is lost, as the network may lose it */
		send_all(s, &sending, controls.pid);
	if (peer < 0 && sending.fd >= 0)
		sys(__NR_close, sending.fd);
	if (q->flags & HF_QUEUED_TAKEN)
		take_urgent(index);
}

/* Room for all at once; the options set the sizes as they were when all stand. */
static void widen(uint32_t index, long peer)
{
	const struct hf_socket *s = hf_socket_of(index);
	struct __kernel_timespec patience = { 10, 0 };
	int most = 1 << 30, forced = most / 2;

	if (peer >= 0)
		sys(__NR_setsockopt, peer, SOL_SOCKET, SO_SNDTIMEO_OLD, &patience, sizeof(patience));
	if (s->family == AF_UNIX && peer >= 0)
		sys(__NR_setsockopt, peer, SOL_SOCKET, SO_SNDBUF, &most, sizeof(most));
	if (s->family != AF_UNIX && s->type == SOCK_STREAM) {
		sys(__NR_setsockopt, hf_descriptor_of(index), SOL_SOCKET, SO_RCVLOWAT, &most, sizeof(most));
		sys(__NR_setsockopt, hf_descriptor_of(index), SOL_SOCKET, SO_RCVBUFFORCE, &forced,
		    sizeof(forced)); /* needs CAP_NET_ADMIN */
	}
}

void hf_refill(uint32_t index, long peer)
{
	const struct hf_data *data = hf_data(index);
	const char *at, *end;

	if (!data)
		return;
	widen(index, peer);
	at = (const char *)(data + 1);
	end = at + data->length;
	while (at + sizeof(struct hf_queued) <= end) {
		const struct hf_queued *q = (const void *)at;

		give(index, peer, q, data->pid);
		at += sizeof(*q) + padded(q->address_length) + padded(q->length) + padded(q->control_length);
	}
}
