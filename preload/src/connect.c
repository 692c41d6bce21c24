/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connect.c - make the sockets of a job again: listeners first, then connections between them, with their addresses,
 * and what waited in their queues sent once more by the other side.
 *
 * An end whose other side is not in the job gets one for as long as it takes: it sends what waited, and ends as the
 * real one had (or with a reset, when the connection left the job).
 */
#include "connect.h"

#include <asm/errno.h>
#include <asm/stat.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <linux/un.h>

#include "message.h"
#include "options.h"
#include "standin.h"
#include "sys.h"
#include "text.h"

#define SHUT_WR 1
#define SHUT_RD 0
#define NO_PEER (~0ull)

/* "tcp 127.0.0.1:1234" would need more than it is worth: the port or the path says which. */
_Noreturn void hf_refuse_socket(const struct hf_socket *s, const char *what, long error)
{
	const struct sockaddr_un *un = (const void *)s->local;
	const struct sockaddr_in *in = (const void *)s->local;

	if (s->family != AF_UNIX)
		hf_give_up_number(what, ((in->sin_port & 0xff) << 8 | in->sin_port >> 8) & 0xffff, error);
	hf_give_up(what, s->local_length > 2 && un->sun_path[0] ? un->sun_path : "a Unix socket", error);
}

long hf_new_socket(const struct hf_socket *s)
{
	long fd = sys(__NR_socket, s->family, s->type | SOCK_CLOEXEC, s->protocol);

	if (fd < 0)
		hf_refuse_socket(s, "cannot make the socket of ", fd);
	return fd;
}

static void set_number(long fd, int level, int name, int value)
{
	sys(__NR_setsockopt, fd, level, name, &value, sizeof(value));
}

/* A Unix socket's name on disk outlives it: what lies there of the job that was is taken away. */
static void make_room(const struct hf_socket *s)
{
	const struct sockaddr_un *un = (const void *)s->local;
	struct stat st;

	if (s->family == AF_UNIX && un->sun_path[0] && !sys(__NR_stat, un->sun_path, &st) &&
	    (st.st_mode & S_IFMT) == S_IFSOCK)
		sys(__NR_unlink, un->sun_path);
}

/* The options of a plan's socket, which follow it. */
static const struct hf_option *options_of(const struct hf_socket *s, size_t *count)
{
	const struct hf_rec *rec = (const void *)((const char *)s - sizeof(struct hf_description) -
						  sizeof(struct hf_rec));

	*count = (rec->length - sizeof(*rec) - sizeof(struct hf_description) - sizeof(*s)) / sizeof(struct hf_option);
	return (const void *)(s + 1);
}

/* Whether IPv6's ports are apart from IPv4's can only be said before an address is bound. */
static void keep_apart(long fd, const struct hf_socket *s)
{
	size_t count;
	const struct hf_option *o = options_of(s, &count);

	set_number(fd, IPPROTO_IPV6, IPV6_V6ONLY, hf_option_number(o, count, IPPROTO_IPV6, IPV6_V6ONLY));
}

static long bind_to(long fd, const struct hf_socket *s)
{
	if (!hf_has_name(s))
		return 0;
	if (s->family == AF_INET6)
		keep_apart(fd, s);
	set_number(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	return sys(__NR_bind, fd, s->local, s->local_length);
}

static void bind_own(long fd, const struct hf_socket *s)
{
	long ret;

	make_room(s);
	ret = bind_to(fd, s);
	if (ret)
		hf_refuse_socket(s, s->family == AF_UNIX ? "cannot bind again " : "cannot bind again port ", ret);
}

static void give_option(int fd, const struct option *o, const struct hf_option *wanted)
{
	struct hf_option now = { .length = o->length }, zero = { .length = o->length };
	int value, same = 1;

	if (!wanted)
		wanted = &zero;
	value = *(const int *)wanted->value;
	if (sys(__NR_getsockopt, fd, o->level, o->name, now.value, &now.length))
		return;
	for (uint32_t n = 0; n < sizeof(now.value); n++)
		same &= now.value[n] == wanted->value[n];
	if (same)
		return;
	/* The kernel doubles what it is told; more than its limit it takes from those with CAP_NET_ADMIN. */
	if (o->level == SOL_SOCKET && (o->name == SO_SNDBUF || o->name == SO_RCVBUF)) {
		set_number(fd, SOL_SOCKET, o->name, value / 2);
		set_number(fd, SOL_SOCKET, o->name == SO_SNDBUF ? SO_SNDBUFFORCE : SO_RCVBUFFORCE, value / 2);
	} else {
		sys(__NR_setsockopt, fd, o->level, o->name, wanted->value, wanted->length);
	}
}

/* When all connections stand: until then ports are shared and buffers wide. */
static void give_options(uint32_t index)
{
	const struct hf_socket *s = hf_socket_of(index);
	size_t count;
	const struct hf_option *wanted = options_of(s, &count);

	for (size_t n = 0; n < HF_OPTIONS; n++) {
		const struct option *o = &hf_options[n];

		if (hf_option_applies(o, s->family, s->type))
			give_option(hf_descriptor_of(index), o, hf_find_option(wanted, count, o->level, o->name));
	}
}

static void move(long fd, int to)
{
	long at = sys(__NR_dup3, fd, to, O_CLOEXEC);

	if (at < 0)
		hf_give_up("too many descriptors: raise the limit on open files", "", at);
	sys(__NR_close, fd);
}

/* Puts a socket into its place among the descriptions. */
static void keep(uint32_t index, long fd)
{
	move(fd, hf_descriptor_of(index));
}

static uint32_t *others; /* by index of a description: which of the other sides is its own; 0: none yet */
static uint32_t other_count;

/* Where the other side of a connection is, behind all descriptions, that is not in the job. */
static int other_side(uint32_t index)
{
	if (!others[index])
		others[index] = ++other_count;
	return hf_restart.first_free + (int)(hf_restart.head.descriptions + others[index] - 1);
}

/* What a process of the job does, of which the other side of a Unix socket can see who did it (SO_PEERCRED). */
struct deed {
	const struct hf_socket *s;
	long fd;
	const uint8_t *address;
	uint32_t length; /* of the address; of the queue of a listener */
	int pair[2];
};

static long do_listen(void *arg)
{
	const struct deed *d = arg;

	return sys(__NR_listen, d->fd, d->length);
}

static long do_connect(void *arg)
{
	const struct deed *d = arg;

	return sys(__NR_connect, d->fd, d->address, d->length);
}

static long do_pair(void *arg)
{
	struct deed *d = arg;

	return sys(__NR_socketpair, AF_UNIX, d->s->type | SOCK_CLOEXEC, d->s->protocol, d->pair);
}

static void make_listener(uint32_t index)
{
	const struct hf_socket *s = hf_socket_of(index);
	long fd = hf_new_socket(s);
	struct deed deed = { .fd = fd, .length = s->backlog };
	long ret;

	bind_own(fd, s);
	ret = hf_stand_in(s->peer_pid, do_listen, &deed);
	if (ret)
		hf_refuse_socket(s, "cannot listen again on ", ret);
	keep(index, fd);
}

/* It connects once more. That nobody is there, the program is to find by itself. */
static void begin_to_connect(long fd, const struct hf_socket *s)
{
	long ret;

	sys(__NR_fcntl, fd, F_SETFL, O_NONBLOCK);
	ret = sys(__NR_connect, fd, s->remote, s->remote_length);
	if (ret && ret != -EINPROGRESS && ret != -ECONNREFUSED && ret != -ENETUNREACH && ret != -EHOSTUNREACH)
		hf_refuse_socket(s, "cannot connect again the socket of ", ret);
}

/* A socket of its own: of datagrams, not connected, or still connecting. */
static void make_single(uint32_t index)
{
	const struct hf_socket *s = hf_socket_of(index);
	long fd = hf_new_socket(s);

	bind_own(fd, s);
	if (s->state == HF_TCP_SYN_SENT)
		begin_to_connect(fd, s);
	keep(index, fd);
}

static int same_name(const struct hf_socket *a, const struct hf_socket *b)
{
	if (a->family != AF_UNIX)
		return ((const struct sockaddr_in *)a->local)->sin_port ==
		       ((const struct sockaddr_in *)b->local)->sin_port;
	for (uint32_t n = 0; n < a->local_length; n++)
		if (a->local_length != b->local_length || a->local[n] != b->local[n])
			return 0;
	return 1;
}

int hf_find_socket(const struct hf_socket *s, uint32_t flags)
{
	for (uint32_t n = 0; n < hf_restart.head.descriptions; n++) {
		const struct hf_socket *other = hf_socket_of(n);

		if (hf_is_socket(n) && (other->flags & flags) == flags && other->family == s->family &&
		    other->type == s->type && same_name(other, s))
			return hf_descriptor_of(n);
	}
	return -1;
}

/* The job's listener that a connection to `s` comes to, -1: none. */
static int listener_of(const struct hf_socket *s)
{
	return hf_find_socket(s, HF_SOCKET_LISTENING);
}

/* The same for when the job's listener, which was that of process `pid`, is closed by now. */
static long temporary_listener(const struct hf_socket *s, int32_t pid)
{
	long fd = hf_new_socket(s);
	struct deed deed = { .fd = fd, .length = 1 };
	long ret;

	make_room(s);
	ret = bind_to(fd, s);
	if (!ret)
		ret = hf_stand_in(pid, do_listen, &deed);
	if (ret)
		hf_refuse_socket(s, s->family == AF_UNIX ? "cannot bind again " : "cannot bind again port ", ret);
	return fd;
}

/*
 * Connects, as process `pid`; waits until the kernel has forgotten the connection of the same addresses that the job
 * had before.
 */
static void connect_to(long fd, const struct hf_socket *from, const uint8_t *address, uint32_t length, int32_t pid)
{
	struct deed deed = { .fd = fd, .address = address, .length = length };
	struct __kernel_timespec pause = { 0, PAUSE_NS };
	long ret = -EADDRNOTAVAIL;

	for (int n = 0; n < PATIENCE && ret == -EADDRNOTAVAIL; n++) {
		if (n)
			sys(__NR_nanosleep, &pause, NULL);
		ret = hf_stand_in(pid, do_connect, &deed);
	}
	if (ret)
		hf_refuse_socket(from, "cannot connect again the socket of ", ret);
}

/* Connects ends[0], made from `from`, to ends[1], accepted under the name of `to`. */
static void connect_pair(const struct hf_socket *from, const struct hf_socket *to, long ends[2])
{
	int own = listener_of(to);
	long listener = own >= 0 ? own : temporary_listener(to, from->peer_pid);
	long ret;

	ends[0] = hf_new_socket(from);
	ret = bind_to(ends[0], from);
	if (ret)
		hf_refuse_socket(from, "cannot bind again ", ret);
	connect_to(ends[0], from, from->remote, from->remote_length, to->peer_pid);
	ends[1] = sys(__NR_accept4, listener, NULL, NULL, SOCK_CLOEXEC);
	if (ends[1] < 0)
		hf_refuse_socket(to, "cannot accept again on ", ends[1]);
	if (own < 0)
		sys(__NR_close, listener);
}

static void unnamed_pair(const struct hf_socket *s, long ends[2])
{
	struct deed deed = { .s = s };
	long ret = hf_stand_in(s->peer_pid, do_pair, &deed);

	if (ret)
		hf_refuse_socket(s, "cannot make a pair of sockets: ", ret);
	ends[0] = deed.pair[0];
	ends[1] = deed.pair[1];
}

static int is_unnamed(const struct hf_socket *s)
{
	return s->family == AF_UNIX && !hf_has_name(s);
}

/* Both ends are the job's. The one that was accepted has the name of its listener. */
static void make_connection(uint32_t a, uint32_t b)
{
	const struct hf_socket *sa = hf_socket_of(a), *sb = hf_socket_of(b);
	long ends[2];

	if (is_unnamed(sa) && is_unnamed(sb)) {
		unnamed_pair(sa, ends);
	} else if (listener_of(sa) >= 0 || is_unnamed(sb)) {
		connect_pair(sb, sa, ends);
		keep(b, ends[0]);
		keep(a, ends[1]);
		return;
	} else {
		connect_pair(sa, sb, ends);
	}
	keep(a, ends[0]);
	keep(b, ends[1]);
}

/* One that a listener of the job had accepted: the port is the listener's, and cannot be bound beside it. */
static long accept_half(uint32_t index, int listener)
{
	const struct hf_socket *s = hf_socket_of(index);
	long other = hf_new_socket(s);
	long own;

	connect_to(other, s, s->local, s->local_length, 0);
	own = sys(__NR_accept4, listener, NULL, NULL, SOCK_CLOEXEC);
	if (own < 0)
		hf_refuse_socket(s, "cannot accept again on ", own);
	keep(index, own);
	return other;
}

/* An end whose other side is not in the job: returns the other side, for as long as it takes. */
static long make_half(uint32_t index)
{
	const struct hf_socket *s = hf_socket_of(index);
	struct hf_socket other = { .family = s->family, .type = s->type, .protocol = s->protocol };
	struct hf_socket any = other;
	long ends[2], listener;

	if (s->family == AF_UNIX) {
		unnamed_pair(s, ends);
		keep(index, ends[0]);
		return ends[1];
	}
	if (listener_of(s) >= 0)
		return accept_half(index, listener_of(s));
	/* Any port of any address: the connection has seen its last byte. */
	listener = hf_new_socket(s);
	sys(__NR_listen, listener, 1);
	any.local_length = sizeof(any.local);
	sys(__NR_getsockname, listener, any.local, &any.local_length);
	ends[0] = hf_new_socket(s);
	if (!(hf_description(index)->aux & HF_SOCKET_RESET))
		bind_to(ends[0], s);
	connect_to(ends[0], s, any.local, any.local_length, 0);
	ends[1] = sys(__NR_accept4, listener, NULL, NULL, SOCK_CLOEXEC);
	sys(__NR_close, listener);
	if (ends[1] < 0)
		hf_refuse_socket(s, "cannot accept again on ", ends[1]);
	keep(index, ends[0]);
	return ends[1];
}

/* The first process of the job that has a description: most likely the one that made it. 0: none. */
static int32_t owner_of(uint32_t index)
{
	const struct hf_rec *rec = NULL;
	int32_t pid = 0;

	while ((rec = hf_next_record(hf_restart.plan, hf_restart.plan_length, rec))) {
		if (rec->type == HF_REC_NODE)
			pid = ((const struct hf_node *)(rec + 1))->pid;
		if (rec->type == HF_REC_PLACE && ((const struct hf_place *)(rec + 1))->description == index)
			return pid;
	}
	return 0;
}

/* Connected to a listener of the job that has not accepted it yet. */
static void make_waiting(uint32_t index)
{
	const struct hf_socket *s = hf_socket_of(index);
	long fd = hf_new_socket(s);
	long ret = bind_to(fd, s);

	if (ret)
		hf_refuse_socket(s, "cannot bind again ", ret);
	connect_to(fd, s, s->remote, s->remote_length, s->family == AF_UNIX ? owner_of(index) : 0);
	keep(index, fd);
}

static void shut(uint32_t index)
{
	const struct hf_socket *s = hf_socket_of(index);

	if (s->flags & HF_SOCKET_SHUT_WRITE)
		sys(__NR_shutdown, hf_descriptor_of(index), SHUT_WR);
	if (s->flags & HF_SOCKET_SHUT_READ)
		sys(__NR_shutdown, hf_descriptor_of(index), SHUT_RD);
}

/* In this order: what still connects finds its listener as full as it was. */
enum make { LISTENER, CONNECTION, HALF, WAITING, SINGLE, STEPS };

static enum make make_of(uint32_t index)
{
	const struct hf_socket *s = hf_socket_of(index);
	const struct hf_description *d = hf_description(index);

	if (s->flags & HF_SOCKET_LISTENING)
		return LISTENER;
	if (d->aux & HF_SOCKET_WAITING)
		return WAITING;
	if (d->value != NO_PEER)
		return CONNECTION;
	if (s->type == SOCK_DGRAM ||
	    (!(s->flags & (HF_SOCKET_CONNECTED | HF_SOCKET_ENDED)) && !(d->aux & HF_SOCKET_RESET)))
		return SINGLE;
	return HALF;
}

static void make(uint32_t index)
{
	switch (make_of(index)) {
	case LISTENER:
		make_listener(index);
		break;
	case WAITING:
		make_waiting(index);
		break;
	case CONNECTION:
		if (hf_description(index)->value > index)
			make_connection(index, (uint32_t)hf_description(index)->value);
		break;
	case HALF:
		move(make_half(index), other_side(index));
		break;
	default:
		make_single(index);
	}
}

/* Datagram sockets are connected when all are bound. */
static void connect_datagrams(uint32_t index)
{
	const struct hf_socket *s = hf_socket_of(index);

	if (make_of(index) == SINGLE && s->type == SOCK_DGRAM && s->flags & HF_SOCKET_CONNECTED)
		connect_to(hf_descriptor_of(index), s, s->remote, s->remote_length, 0);
}

/* The other side, which is not in the job, ends as it had, or resets the connection. */
static void end_half(uint32_t index)
{
	const struct hf_socket *s = hf_socket_of(index);
	struct {
		int on, seconds;
	} reset = { 1, 0 };

	shut(index);
	if (hf_description(index)->aux & HF_SOCKET_RESET || s->flags & HF_SOCKET_FAILED)
		sys(__NR_setsockopt, other_side(index), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	sys(__NR_close, other_side(index));
	if (s->flags & HF_SOCKET_ENDED && !(s->flags & HF_SOCKET_FAILED))
		sys(__NR_shutdown, hf_descriptor_of(index), SHUT_WR);
}

/* When all sockets are made, for they may be on their way in each other's queues. */
static void give_content(uint32_t index)
{
	switch (make_of(index)) {
	case CONNECTION:
		hf_refill(index, hf_descriptor_of((uint32_t)hf_description(index)->value));
		break;
	case HALF:
		hf_refill(index, other_side(index));
		end_half(index);
		break;
	case SINGLE:
		hf_refill(index, -1);
		break;
	default:
		break;
	}
}

static void finish(uint32_t index)
{
	if (make_of(index) == CONNECTION)
		shut(index);
	give_options(index);
	sys(__NR_fcntl, hf_descriptor_of(index), F_SETFL, hf_description(index)->flags & O_NONBLOCK);
}

static void each_socket(void (*fn)(uint32_t))
{
	for (uint32_t n = 0; n < hf_restart.head.descriptions; n++)
		if (hf_is_socket(n))
			fn(n);
}

void hf_connect_sockets(void)
{
	others = hf_take(hf_restart.head.descriptions * sizeof(*others) + 1, 0);
	for (enum make step = LISTENER; step < STEPS; step++)
		for (uint32_t n = 0; n < hf_restart.head.descriptions; n++)
			if (hf_is_socket(n) && make_of(n) == step)
				make(n);
	each_socket(connect_datagrams);
	each_socket(give_content);
	each_socket(finish);
}
