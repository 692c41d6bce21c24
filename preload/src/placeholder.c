/* SPDX-License-Identifier: Apache-2.0 */
/*
 * placeholder.c - accept connections for the program before it asks for them.
 *
 * Nobody can look into a connection that is not accepted yet, so what was sent there could not be saved. Where a program
 * lets one wait, it is accepted for it in the stop, and a placeholder takes its place in the listener's queue: another
 * connection to the listener, whose other side is ours. So who polls the listener goes on seeing that one waits. When
 * the program accepts the placeholder, the wrapper gives it the connection instead.
 *
 * Both are descriptors of the program with high numbers, and their table is memory of the program: a checkpoint and a
 * restart need nothing more for them than for any other connection. A program that does not accept by libc's functions
 * would get the placeholder itself: so this is for processes that have called libc's listen.
 */
#define _GNU_SOURCE
#include "placeholder.h"

#include <dlfcn.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "engine.h"
#include "socket.h"
#include "sys.h"
#include "wrapper.h"

#define EXPORT __attribute__((visibility("default")))
#define CONNECT_MS 50 /* over loopback it is done at once */
#define NOT_ABOVE 1024

static int (*real_accept)(int, struct sockaddr *, socklen_t *);
static int (*real_accept4)(int, struct sockaddr *, socklen_t *, int);

void hf_find_accept(void)
{
	real_accept = dlsym(RTLD_NEXT, "accept");
	real_accept4 = dlsym(RTLD_NEXT, "accept4");
}

/* --- in the stop, by the checkpoint thread: which listeners, and where they are reached */

/* An address that means all of them is reached by that of this host. */
static void make_reachable(struct address *a)
{
	struct sockaddr_in *in = (void *)a->bytes;
	struct sockaddr_in6 *in6 = (void *)a->bytes;

	if (in->sin_family == AF_INET && !in->sin_addr.s_addr)
		in->sin_addr.s_addr = __builtin_bswap32(INADDR_LOOPBACK);
	if (in->sin_family == AF_INET6 && !(in6->sin6_addr.s6_addr32[0] | in6->sin6_addr.s6_addr32[1] |
					    in6->sin6_addr.s6_addr32[2] | in6->sin6_addr.s6_addr32[3]))
		in6->sin6_addr.s6_addr32[3] = __builtin_bswap32(1);
}

/* TCP_DEFER_ACCEPT: what has sent nothing does not wait in the queue. */
static int defers(const struct hf_socket *s)
{
	int seconds = 0;
	uint32_t length = sizeof(seconds);
	long fd = s->family == AF_UNIX ? -1 : hf_borrow(s->fd);

	if (fd >= 0) {
		sys(__NR_getsockopt, fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, &length);
		sys(__NR_close, fd);
	}
	return seconds > 0;
}

/* A Unix listener without a name cannot be reached, nor, from another folder, one at a relative path. */
static int is_reachable(const struct hf_socket *s)
{
	const char *path = (const char *)s->local + 2;

	return s->family != AF_UNIX || (s->local_length > 2 && (!*path || *path == '/'));
}

static void note_listener(const struct hf_socket *s)
{
	struct listener *l = &ENGINE->listeners[ENGINE->listener_count];

	*l = (struct listener){ .fd = s->fd,
				.family = s->family,
				.type = s->type,
				.waiting = s->waiting,
				.peer_pid = s->peer_pid,
				.own.length = s->local_length };
	memcpy(l->own.bytes, s->local, sizeof(s->local));
	l->at = l->own;
	make_reachable(&l->at);
	ENGINE->listener_count++;
}

void hf_accept_all(void)
{
	const struct hf_rec *rec = NULL;

	ENGINE->listener_count = 0;
	while (ENGINE->listens && (rec = hf_next_record(ENGINE->out.start, ENGINE->out.used, rec))) {
		const struct hf_socket *s = (const void *)(rec + 1);

		/* One more has to have room in its queue, which takes one more than its backlog. */
		if (rec->type == HF_REC_SOCKET && s->flags & HF_SOCKET_LISTENING && s->waiting &&
		    s->waiting <= s->backlog && ENGINE->listener_count < MAX_LISTENERS && is_reachable(s) && !defers(s))
			note_listener(s);
	}
	if (ENGINE->listener_count)
		hf_have_done(GATE_ACCEPT);
}

static int is_same(const struct address *a, const void *bytes, uint32_t length)
{
	return a->length == length && !__builtin_memcmp(a->bytes, bytes, length);
}

int hf_has_placeholders_only(const struct hf_socket *listener)
{
	uint32_t count = 0;

	for (uint32_t n = 0; n < ENGINE->placeholder_count; n++)
		count += is_same(&ENGINE->placeholders[n].listener, listener->local, listener->local_length);
	return count && count == listener->waiting;
}

/* --- in the stop, by a thread of the program, in whose descriptor table they are to be */

/* A high number, so that the program gets the numbers that it would have got. */
static long move_up(long fd)
{
	uint64_t limit[2] = { NOT_ABOVE, 0 };
	long high;

	if (fd < 0)
		return fd;
	sys(__NR_prlimit64, 0, RLIMIT_NOFILE, NULL, limit);
	high = sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, (limit[0] < NOT_ABOVE ? limit[0] : NOT_ABOVE) / 2);
	if (high < 0)
		return fd;
	sys(__NR_close, fd);
	return high;
}

static long name_of(long fd, int call, struct address *to)
{
	to->length = sizeof(to->bytes);
	return sys(call, fd, to->bytes, &to->length);
}

static int is_connected(long fd)
{
	struct pollfd poll = { (int)fd, POLLOUT, 0 };
	struct address peer;

	sys(__NR_poll, &poll, 1, CONNECT_MS);
	return !name_of(fd, __NR_getpeername, &peer);
}

/* Somebody else may have the listener's path by now. */
static int is_listeners(long fd, const struct listener *l)
{
	struct ucred peer = { 0, 0, 0 };
	uint32_t length = sizeof(peer);

	if (l->family != AF_UNIX)
		return 1;
	return !sys(__NR_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) && peer.pid == l->peer_pid;
}

/* Connects to the listener under a name of its own. Returns the descriptor, or -1. */
static long connect_to(const struct listener *l)
{
	long fd = move_up(sys(__NR_socket, l->family, l->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	uint16_t unix_family = AF_UNIX;

	if (fd < 0)
		return -1;
	if (l->family == AF_UNIX)
		sys(__NR_bind, fd, &unix_family, sizeof(unix_family));
	sys(__NR_connect, fd, l->at.bytes, l->at.length);
	if (is_connected(fd) && is_listeners(fd, l))
		return fd;
	sys(__NR_close, fd);
	return -1;
}

/* By both of its addresses: connections to other listeners may come from the same port. */
static struct placeholder *find(long connection)
{
	struct address own, peer;

	if (name_of(connection, __NR_getsockname, &own) || name_of(connection, __NR_getpeername, &peer))
		return NULL;
	for (uint32_t n = 0; n < ENGINE->placeholder_count; n++) {
		struct placeholder *p = &ENGINE->placeholders[n];

		if (is_same(&p->own, own.bytes, own.length) && is_same(&p->peer, peer.bytes, peer.length))
			return p;
	}
	return NULL;
}

/* One at the head of the queue that is a placeholder gives its connection to the new one, at the end. */
static void keep(long connection, long client, const struct listener *l)
{
	struct placeholder *p = find(connection);

	if (p) {
		sys(__NR_close, connection);
		sys(__NR_close, p->client);
	} else {
		p = &ENGINE->placeholders[ENGINE->placeholder_count++];
		p->connection = (int32_t)move_up(connection);
		p->listener = l->own;
	}
	p->client = (int32_t)client;
	name_of(client, __NR_getpeername, &p->own);
	name_of(client, __NR_getsockname, &p->peer);
}

static int accept_one(const struct listener *l)
{
	struct pollfd poll = { l->fd, POLLIN, 0 };
	long client, connection;

	if (ENGINE->placeholder_count == MAX_PLACEHOLDERS)
		return 0;
	client = connect_to(l);
	if (client < 0)
		return 0;
	connection = sys(__NR_poll, &poll, 1, 0) == 1 ? sys(__NR_accept4, l->fd, NULL, NULL, SOCK_CLOEXEC) : -1;
	if (connection < 0) {
		sys(__NR_close, client);
		return 0;
	}
	keep(connection, client, l);
	return 1;
}

void hf_put_placeholders(void)
{
	for (uint32_t n = 0; n < ENGINE->listener_count; n++) {
		const struct listener *l = &ENGINE->listeners[n];

		for (uint32_t i = 0; i < l->waiting && accept_one(l); i++)
			;
	}
}

/* --- when the program accepts */

static void lock(void)
{
	hf_enter_wrapper();
	hf_lock(&ENGINE->placeholder_lock);
}

static void unlock(void)
{
	hf_unlock(&ENGINE->placeholder_lock);
	hf_leave_wrapper();
}

static void forget(struct placeholder *p)
{
	sys(__NR_close, p->client);
	sys(__NR_close, p->connection);
	*p = ENGINE->placeholders[ENGINE->placeholder_count - 1];
	__atomic_sub_fetch(&ENGINE->placeholder_count, 1, __ATOMIC_RELEASE);
}

/* Those that another process has got, which had the listener and these descriptors by a fork. */
static void forget_others(void)
{
	for (uint32_t n = ENGINE->placeholder_count; n-- > 0;) {
		struct placeholder *p = &ENGINE->placeholders[n];
		struct pollfd poll = { p->client, POLLRDHUP, 0 };

		if (sys(__NR_poll, &poll, 1, 0) == 1)
			forget(p);
	}
}

/* What accept4 gives for a connection: its number stays that of the placeholder, the lowest that was free. */
static void give(struct placeholder *p, int fd, int flags, struct sockaddr *to, socklen_t *length)
{
	sys(__NR_dup3, p->connection, fd, flags & SOCK_CLOEXEC ? O_CLOEXEC : 0);
	if (flags & SOCK_NONBLOCK)
		sys(__NR_fcntl, fd, F_SETFL, O_RDWR | O_NONBLOCK);
	if (to && length)
		sys(__NR_getpeername, fd, to, length);
	forget(p);
}

static int in_place_of(int fd, int flags, struct sockaddr *to, socklen_t *length, socklen_t room)
{
	struct placeholder *p;

	lock();
	p = find(fd);
	if (p) {
		if (length)
			*length = room;
		give(p, fd, flags, to, length);
	}
	forget_others();
	unlock();
	return fd;
}

static int has_placeholders(void)
{
	return hf_is_engine_mapped() && __atomic_load_n(&ENGINE->placeholder_count, __ATOMIC_ACQUIRE);
}

EXPORT int accept4(int fd, struct sockaddr *from, socklen_t *length, int flags)
{
	socklen_t room = length ? *length : 0;
	int connection;

	if (!real_accept4) /* in the constructor of a library that comes before */
		hf_find_accept();
	connection = real_accept4(fd, from, length, flags);
	return connection >= 0 && has_placeholders() ? in_place_of(connection, flags, from, length, room) : connection;
}

EXPORT int accept(int fd, struct sockaddr *from, socklen_t *length)
{
	socklen_t room = length ? *length : 0;
	int connection;

	if (!real_accept)
		hf_find_accept();
	connection = real_accept(fd, from, length);
	return connection >= 0 && has_placeholders() ? in_place_of(connection, 0, from, length, room) : connection;
}
