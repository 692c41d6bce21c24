/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socket.c - describe the sockets of the stopped process, and pull what is on its way into their queues.
 *
 * Nothing is ever taken out of a queue: while both sides stand still, all that waits can be peeked at, once it has
 * arrived. What waits in the sender for the receiver's window is pulled over by widening that window: SO_RCVLOWAT
 * raises the receive buffer to hold what it asks for (tcp_set_rcvlowat), up to half of tcp_rmem's maximum, which a slow
 * reader's queue may have filled before: SO_RCVBUFFORCE has no limit, but needs CAP_NET_ADMIN. A peek then sends the
 * window update.
 */
#define _GNU_SOURCE
#include "socket.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <linux/sockios.h>

#include "diag.h"
#include "engine.h"
#include "held.h"
#include "hold_sends.h"
#include "options.h"
#include "placeholder.h"
#include "sys.h"

#define WIDE (1 << 30)

long hf_borrow(int fd)
{
	if (fd >= HF_HELD)
		return sys(__NR_fcntl, ENGINE->held[fd - HF_HELD].fd, F_DUPFD_CLOEXEC, 3);
	return sys(__NR_pidfd_getfd, ENGINE->self, fd, 0);
}

static long get(long fd, int level, int name, void *value, uint32_t length)
{
	return sys(__NR_getsockopt, fd, level, name, value, &length);
}

int hf_number_of(long fd, int name)
{
	int value = 0;

	return get(fd, SOL_SOCKET, name, &value, sizeof(value)) ? 0 : value;
}

long hf_set_number(long fd, int name, int value)
{
	return sys(__NR_setsockopt, fd, SOL_SOCKET, name, &value, sizeof(value));
}

static int is_tcp(const struct hf_socket *s)
{
	return (s->family == AF_INET || s->family == AF_INET6) && s->type == SOCK_STREAM;
}

int hf_is_connection(const struct hf_socket *s)
{
	return is_tcp(s) && !(s->flags & HF_SOCKET_LISTENING);
}

static short events_of(long fd)
{
	struct {
		int fd;
		short events, revents;
	} poll = { (int)fd, POLLIN | POLLPRI | POLLRDHUP, 0 };

	sys(__NR_poll, &poll, 1, 0);
	return poll.revents;
}

static void ask_info(long fd, struct tcp_info *info)
{
	memset(info, 0, sizeof(*info));
	get(fd, IPPROTO_TCP, TCP_INFO, info, sizeof(*info));
}

static struct hf_stream stream(int fd, const struct tcp_info *info)
{
	return (struct hf_stream){
		.fd = fd,
		.state = info->tcpi_state,
		.sent = info->tcpi_bytes_sent - info->tcpi_bytes_retrans,
		.unsent = info->tcpi_notsent_bytes,
		.received = info->tcpi_bytes_received,
	};
}

/* Behind the urgent mark, data is not counted as queued. */
static int is_empty(long fd, const struct hf_socket *s, short events)
{
	int at_mark = 0;

	return !s->queued && !(events & (POLLIN | POLLPRI)) && !sys(__NR_ioctl, fd, SIOCATMARK, &at_mark) && !at_mark;
}

static void ask_tcp(long fd, struct hf_socket *s, struct tcp_info *info)
{
	short events = events_of(fd);

	ask_info(fd, info);
	s->state = info->tcpi_state;
	if (is_empty(fd, s, events))
		s->flags |= HF_SOCKET_EMPTY;
	switch (s->state) {
	case HF_TCP_LISTEN:
		s->waiting = info->tcpi_unacked;
		s->backlog = info->tcpi_sacked;
		return;
	case HF_TCP_FIN_WAIT1:
	case HF_TCP_FIN_WAIT2:
		s->flags |= HF_SOCKET_SHUT_WRITE;
		break;
	case HF_TCP_CLOSING:
	case HF_TCP_LAST_ACK:
		s->flags |= HF_SOCKET_SHUT_WRITE | HF_SOCKET_PEER_CLOSED;
		return;
	case HF_TCP_CLOSE_WAIT:
		s->flags |= HF_SOCKET_PEER_CLOSED;
		return;
	case HF_TCP_CLOSED:
		if (events & POLLRDHUP)
			s->flags |= HF_SOCKET_ENDED;
		if (events & POLLERR)
			s->flags |= HF_SOCKET_FAILED;
		return;
	case HF_TCP_ESTABLISHED:
		if (events & POLLRDHUP)
			s->flags |= HF_SOCKET_SHUT_READ;
		break;
	default:
		break;
	}
}

static int is_zero(const uint8_t *bytes, size_t length)
{
	for (size_t n = 0; n < length; n++)
		if (bytes[n])
			return 0;
	return 1;
}

/* Those that are not zero: a job may have very many sockets, and most of their options are. */
static uint32_t gather_options(long fd, const struct hf_socket *s, struct hf_option *to)
{
	uint32_t count = 0;

	for (size_t n = 0; n < HF_OPTIONS; n++) {
		const struct option *o = &hf_options[n];
		uint32_t length = o->length;

		if (!hf_option_applies(o, s->family, s->type))
			continue;
		memset(&to[count], 0, sizeof(*to));
		if (sys(__NR_getsockopt, fd, o->level, o->name, to[count].value, &length))
			continue; /* not of this kind of socket, or not of this kernel */
		if (is_zero(to[count].value, sizeof(to[count].value)))
			continue;
		to[count].level = o->level;
		to[count].name = o->name;
		to[count++].length = length;
	}
	return count;
}

static long describe(long fd, struct hf_socket *s, struct tcp_info *info)
{
	struct ucred peer;
	int queued = 0;

	s->family = (uint16_t)hf_number_of(fd, SO_DOMAIN);
	s->type = (uint16_t)hf_number_of(fd, SO_TYPE);
	s->protocol = (uint32_t)hf_number_of(fd, SO_PROTOCOL);
	if (hf_number_of(fd, SO_ACCEPTCONN))
		s->flags |= HF_SOCKET_LISTENING;
	s->local_length = s->remote_length = sizeof(s->local);
	if (sys(__NR_getsockname, fd, s->local, &s->local_length))
		s->local_length = 0;
	if (sys(__NR_getpeername, fd, s->remote, &s->remote_length))
		s->remote_length = 0;
	else
		s->flags |= HF_SOCKET_CONNECTED;
	if (!sys(__NR_ioctl, fd, SIOCINQ, &queued))
		s->queued = (uint32_t)queued;
	if (s->family == AF_UNIX) {
		if (!sys(__NR_ioctl, fd, SIOCOUTQ, &queued) && queued > 0)
			s->flags |= HF_SOCKET_UNREAD;
		if (!get(fd, SOL_SOCKET, SO_PEERCRED, &peer, sizeof(peer)) && peer.pid > 0)
			s->peer_pid = peer.pid;
		return hf_diag_unix(s);
	}
	if (is_tcp(s))
		ask_tcp(fd, s, info);
	return s->state == HF_TCP_SYN_SENT ? hf_diag_connecting(s) : 0;
}

long hf_gather_socket(int fd, long own, uint64_t ino, uint64_t under_way, struct records *out)
{
	struct hf_option options[HF_OPTIONS];
	struct hf_stream *progress;
	struct tcp_info info;
	struct hf_socket s;
	uint32_t count;
	char *to;
	long ret;

	memset(&s, 0, sizeof(s));
	s.fd = fd;
	s.ino = ino;
	ret = describe(own, &s, &info);
	count = ret ? 0 : gather_options(own, &s, options);
	hf_describe_held(s.ino, fd, options, count);
	if (s.flags & HF_SOCKET_LISTENING && hf_has_placeholders_only(&s))
		s.flags |= HF_SOCKET_PLACEHOLDERS;
	if (under_way && !ret && !(s.flags & HF_SOCKET_LISTENING))
		ret = hf_hold(own, s.ino, under_way);
	/*
	 * What the kernel remembers of a connection for a minute after its end (TIME_WAIT) keeps its port from a
	 * restart, unless the socket had this. Another socket of the program still cannot have the port: both need it.
	 */
	if (is_tcp(&s))
		hf_set_number(own, SO_REUSEADDR, 1);
	if (ret)
		return ret;
	to = hf_record(out, HF_REC_SOCKET, sizeof(s), count * sizeof(*options));
	if (!to)
		return -ENOBUFS;
	memcpy(to, &s, sizeof(s));
	memcpy(to + sizeof(s), options, count * sizeof(*options));
	if (!hf_is_connection(&s))
		return 0;
	progress = hf_record(out, HF_REC_STREAM, sizeof(*progress), 0);
	if (!progress)
		return -ENOBUFS;
	*progress = stream(fd, &info);
	return 0;
}

/* Calls fn with each TCP connection among the gathered sockets. */
static void each_connection(void (*fn)(const struct hf_rec *, const struct hf_socket *, struct records *),
			    struct records *out)
{
	const struct hf_rec *rec = NULL;

	while ((rec = hf_next_record(ENGINE->out.start, ENGINE->out.used, rec))) {
		const struct hf_socket *s = (const void *)(rec + 1);

		if (rec->type == HF_REC_SOCKET && hf_is_connection(s))
			fn(rec, s, out);
	}
}

static void pull(const struct hf_rec *rec, const struct hf_socket *s, struct records *out)
{
	struct hf_stream *to = (void *)(out->start + out->used);
	struct tcp_info info;
	int on = 1;
	char byte;
	long fd = hf_borrow(s->fd);

	(void)rec;
	if (fd < 0 || out->size - out->used < sizeof(*to)) {
		out->full = 1;
		return;
	}
	/* What waits to fill a segment (Nagle, TCP_CORK) is sent now. */
	sys(__NR_setsockopt, fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	hf_set_number(fd, SO_BUF_LOCK, 0);
	hf_set_number(fd, SO_RCVLOWAT, WIDE);
	hf_set_number(fd, SO_RCVBUFFORCE, WIDE / 2);
	/* Where nothing waits, it would take the error that the program is to find. */
	if (!(events_of(fd) & POLLERR))
		sys(__NR_recvfrom, fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, NULL, NULL);
	ask_info(fd, &info);
	*to = stream(s->fd, &info);
	out->used += sizeof(*to);
	sys(__NR_close, fd);
}

void hf_drain(struct records *out)
{
	each_connection(pull, out);
}

/* Sets what pull has changed as the record has it. */
static void narrow(const struct hf_rec *rec, const struct hf_socket *s, struct records *out)
{
	const struct hf_option *options = (const void *)(s + 1);
	size_t count = (rec->length - sizeof(*rec) - sizeof(*s)) / sizeof(*options);
	int no_delay = hf_option_number(options, count, IPPROTO_TCP, TCP_NODELAY);
	int size = hf_option_number(options, count, SOL_SOCKET, SO_RCVBUF) / 2;
	int locks = hf_option_number(options, count, SOL_SOCKET, SO_BUF_LOCK);
	long fd = hf_borrow(s->fd);

	(void)out;
	if (fd < 0)
		return;
	sys(__NR_setsockopt, fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof(no_delay));
	hf_set_number(fd, SO_RCVLOWAT, hf_option_number(options, count, SOL_SOCKET, SO_RCVLOWAT));
	hf_set_number(fd, SO_PEEK_OFF, hf_option_number(options, count, SOL_SOCKET, SO_PEEK_OFF));
	if (locks & SOCK_RCVBUF_LOCK) /* else the kernel sizes it, and without privilege this would make it smaller */
		hf_set_number(fd, SO_RCVBUF, size);
	hf_set_number(fd, SO_RCVBUFFORCE, size);
	hf_set_number(fd, SO_BUF_LOCK, locks);
	sys(__NR_close, fd);
}

void hf_drained(void)
{
	each_connection(narrow, NULL);
}
