/* SPDX-License-Identifier: Apache-2.0 */
/* diag.c - what the kernel tells of a socket by netlink only (sock_diag(7)). */
#define _GNU_SOURCE
#include "diag.h"

#include <asm/errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "sys.h"

union answer {
	struct nlmsghdr head;
	char bytes[8192];
};

/* Sends a question. Returns the descriptor that the answer comes on, or -errno. */
static long ask(const void *question, size_t length)
{
	long fd = sys(__NR_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	long ret;

	if (fd < 0)
		return fd;
	ret = sys(__NR_sendto, fd, question, length, 0, NULL, 0);
	if (ret >= 0)
		return fd;
	sys(__NR_close, fd);
	return ret;
}

static long next_answer(long fd, union answer *to)
{
	return sys(__NR_recvfrom, fd, to, sizeof(*to), 0, NULL, NULL);
}

static void note_unix(const struct nlattr *a, struct hf_socket *s)
{
	const uint32_t *value = (const void *)(a + 1);

	if (a->nla_type == UNIX_DIAG_PEER)
		s->peer = *value ? *value : HF_PEER_NOT_ACCEPTED;
	if (a->nla_type == UNIX_DIAG_RQLEN && s->flags & HF_SOCKET_LISTENING) {
		s->waiting = value[0];
		s->backlog = value[1];
	}
	if (a->nla_type == UNIX_DIAG_SHUTDOWN)
		s->flags |= (*(const uint8_t *)value & 1 ? HF_SOCKET_SHUT_READ : 0) |
			    (*(const uint8_t *)value & 2 ? HF_SOCKET_SHUT_WRITE : 0);
}

long hf_diag_unix(struct hf_socket *s)
{
	struct {
		struct nlmsghdr head;
		struct unix_diag_req request;
	} question = {
		.head = { sizeof(question), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0 },
		.request = { AF_UNIX, 0, 0, ~0u, (uint32_t)s->ino, UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN, { ~0u, ~0u } },
	};
	union answer answer;
	const struct nlattr *a;
	long n, fd = ask(&question, sizeof(question));

	if (fd < 0)
		return fd;
	n = next_answer(fd, &answer);
	sys(__NR_close, fd);
	if (n < 0)
		return n;
	/* The socket is there: it is the kernel's module that is not. */
	if (answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return -EPROTONOSUPPORT;
	for (long at = NLMSG_LENGTH(sizeof(struct unix_diag_msg)); at + (long)sizeof(*a) <= n;
	     at += NLA_ALIGN(a->nla_len)) {
		a = (const void *)(answer.bytes + at);
		if (a->nla_len < sizeof(*a))
			return -EPROTO;
		note_unix(a, s);
	}
	return 0;
}

static void note_remote(const struct inet_diag_sockid *id, struct hf_socket *s)
{
	struct sockaddr_in *in = (void *)s->remote;
	struct sockaddr_in6 *in6 = (void *)s->remote;

	memset(s->remote, 0, sizeof(s->remote));
	if (s->family == AF_INET) {
		in->sin_family = AF_INET;
		in->sin_port = id->idiag_dport;
		in->sin_addr.s_addr = id->idiag_dst[0];
		s->remote_length = sizeof(*in);
		return;
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = id->idiag_dport;
	in6->sin6_scope_id = id->idiag_if;
	memcpy(&in6->sin6_addr, id->idiag_dst, sizeof(in6->sin6_addr));
	s->remote_length = sizeof(*in6);
}

/* Looks for the socket in one part of the list. Returns 1: it is noted, 0: not here, -ENOENT: the list has ended. */
static long find(const union answer *part, long length, struct hf_socket *s)
{
	const struct nlmsghdr *head = &part->head;

	for (uint32_t left = (uint32_t)length; NLMSG_OK(head, left); head = NLMSG_NEXT(head, left)) {
		const struct inet_diag_msg *m = NLMSG_DATA(head);

		if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY)
			return -ENOENT;
		if (m->idiag_inode != (uint32_t)s->ino)
			continue;
		note_remote(&m->id, s);
		return 1;
	}
	return 0;
}

long hf_diag_connecting(struct hf_socket *s)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 request;
	} question = {
		.head = { sizeof(question), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 0, 0 },
		.request = { .sdiag_family = (uint8_t)s->family,
			     .sdiag_protocol = IPPROTO_TCP,
			     .idiag_states = 1u << HF_TCP_SYN_SENT },
	};
	union answer part;
	long found = 0, fd = ask(&question, sizeof(question));

	if (fd < 0)
		return fd;
	while (!found) {
		long n = next_answer(fd, &part);

		found = n > 0 ? find(&part, n, s) : n ? n : -EPROTO;
	}
	sys(__NR_close, fd);
	return found < 0 ? found : 0;
}
