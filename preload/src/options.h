/* SPDX-License-Identifier: Apache-2.0 */
/* options.h - the socket options that are saved and given back: level, name, length. One list for both directions. */
#ifndef HOLDFAST_OPTIONS_H
#define HOLDFAST_OPTIONS_H

#include <asm/socket.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdint.h>

#define SOL_SOCKET_LEVEL 1
#define ANY_FAMILY 0

struct option {
	uint16_t family, type; /* 0: all */
	int32_t level, name;
	uint32_t length;
};

static const struct option hf_options[] = {
	{ 0, 0, SOL_SOCKET, SO_REUSEADDR, 4 },
	{ 0, 0, SOL_SOCKET, SO_REUSEPORT, 4 },
	{ 0, 0, SOL_SOCKET, SO_DONTROUTE, 4 },
	{ 0, 0, SOL_SOCKET, SO_BROADCAST, 4 },
	{ 0, 0, SOL_SOCKET, SO_KEEPALIVE, 4 },
	{ 0, 0, SOL_SOCKET, SO_OOBINLINE, 4 },
	{ 0, 0, SOL_SOCKET, SO_LINGER, 8 },
	{ 0, 0, SOL_SOCKET, SO_PASSCRED, 4 },
	{ 0, 0, SOL_SOCKET, SO_RCVLOWAT, 4 },
	{ 0, 0, SOL_SOCKET, SO_RCVTIMEO_OLD, 16 },
	{ 0, 0, SOL_SOCKET, SO_SNDTIMEO_OLD, 16 },
	{ 0, 0, SOL_SOCKET, SO_TIMESTAMP_OLD, 4 },
	{ 0, 0, SOL_SOCKET, SO_TIMESTAMPNS_OLD, 4 },
	{ 0, 0, SOL_SOCKET, SO_TIMESTAMP_NEW, 4 },
	{ 0, 0, SOL_SOCKET, SO_TIMESTAMPNS_NEW, 4 },
	{ 0, 0, SOL_SOCKET, SO_MARK, 4 },
	{ 0, 0, SOL_SOCKET, SO_RXQ_OVFL, 4 },
	{ 0, 0, SOL_SOCKET, SO_BINDTODEVICE, 16 },
	{ 0, 0, SOL_SOCKET, SO_BUSY_POLL, 4 },
	{ 0, 0, SOL_SOCKET, SO_ZEROCOPY, 4 },
	{ 0, 0, SOL_SOCKET, SO_NO_CHECK, 4 },
	{ 0, 0, SOL_SOCKET, SO_PEEK_OFF, 4 },
	{ 0, 0, SOL_SOCKET, SO_SELECT_ERR_QUEUE, 4 },
	{ 2, 0, IPPROTO_IP, IP_TOS, 4 },
	{ 2, 0, IPPROTO_IP, IP_TTL, 4 },
	{ 2, 0, IPPROTO_IP, IP_PKTINFO, 4 },
	{ 2, 0, IPPROTO_IP, IP_RECVTTL, 4 },
	{ 2, 0, IPPROTO_IP, IP_RECVTOS, 4 },
	{ 2, 0, IPPROTO_IP, IP_RECVORIGDSTADDR, 4 },
	{ 2, 0, IPPROTO_IP, IP_RECVERR, 4 },
	{ 2, 0, IPPROTO_IP, IP_MTU_DISCOVER, 4 },
	{ 2, 0, IPPROTO_IP, IP_FREEBIND, 4 },
	{ 2, 0, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 4 },
	{ 2, 2, IPPROTO_IP, IP_MULTICAST_TTL, 4 },
	{ 2, 2, IPPROTO_IP, IP_MULTICAST_LOOP, 4 },
	{ 2, 2, IPPROTO_IP, IP_MULTICAST_ALL, 4 },
	{ 2, 2, IPPROTO_IP, IP_MULTICAST_IF, 4 },
	{ 10, 0, IPPROTO_IPV6, IPV6_V6ONLY, 4 },
	{ 10, 0, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 4 },
	{ 10, 0, IPPROTO_IPV6, IPV6_RECVPKTINFO, 4 },
	{ 10, 0, IPPROTO_IPV6, IPV6_RECVERR, 4 },
	{ 10, 0, IPPROTO_IPV6, IPV6_TCLASS, 4 },
	{ 10, 0, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 4 },
	{ 10, 0, IPPROTO_IPV6, IPV6_RECVTCLASS, 4 },
	{ 10, 0, IPPROTO_IPV6, IPV6_MTU_DISCOVER, 4 },
	{ 10, 0, IPPROTO_IPV6, IPV6_DONTFRAG, 4 },
	{ 10, 2, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 4 },
	{ 10, 2, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 4 },
	{ 10, 2, IPPROTO_IPV6, IPV6_MULTICAST_IF, 4 },
	{ 10, 2, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 4 },
	{ 2, 1, IPPROTO_TCP, TCP_NODELAY, 4 },
	{ 2, 1, IPPROTO_TCP, TCP_CORK, 4 },
	{ 2, 1, IPPROTO_TCP, TCP_KEEPIDLE, 4 },
	{ 2, 1, IPPROTO_TCP, TCP_KEEPINTVL, 4 },
	{ 2, 1, IPPROTO_TCP, TCP_KEEPCNT, 4 },
	{ 2, 1, IPPROTO_TCP, TCP_SYNCNT, 4 },
	{ 2, 1, IPPROTO_TCP, TCP_LINGER2, 4 },
	{ 2, 1, IPPROTO_TCP, TCP_DEFER_ACCEPT, 4 },
	{ 2, 1, IPPROTO_TCP, TCP_CONGESTION, 16 },
	{ 2, 1, IPPROTO_TCP, TCP_USER_TIMEOUT, 4 },
	{ 2, 1, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 4 },
	{ 2, 1, IPPROTO_TCP, TCP_INQ, 4 },
	{ 2, 2, IPPROTO_UDP, UDP_CORK, 4 },
	{ 2, 2, IPPROTO_UDP, UDP_SEGMENT, 4 },
	{ 2, 2, IPPROTO_UDP, UDP_GRO, 4 },
	{ 0, 0, SOL_SOCKET, SO_PRIORITY, 4 }, /* after IP_TOS, which sets it, too */
	/* Sizes last: SO_BUF_LOCK says which of them the program has set. */
	{ 0, 0, SOL_SOCKET, SO_SNDBUF, 4 },
	{ 0, 0, SOL_SOCKET, SO_RCVBUF, 4 },
	{ 0, 0, SOL_SOCKET, SO_BUF_LOCK, 4 },
};

#define HF_OPTIONS (sizeof(hf_options) / sizeof(*hf_options))

/* IPv4's options hold for IPv6 sockets at the level of TCP and UDP only. */
static inline int hf_option_applies(const struct option *o, uint16_t family, uint16_t type)
{
	int of_family = !o->family || o->family == family ||
			(family == 10 && (o->level == IPPROTO_TCP || o->level == IPPROTO_UDP));

	return of_family && (!o->type || o->type == type);
}

/* The record of an option, NULL: it is zero, as most are, and was left out. */
static inline const struct hf_option *hf_find_option(const struct hf_option *o, size_t count, int level, int name)
{
	for (size_t n = 0; n < count; n++)
		if (o[n].level == level && o[n].name == name)
			return &o[n];
	return NULL;
}

static inline int hf_option_number(const struct hf_option *o, size_t count, int level, int name)
{
	const struct hf_option *found = hf_find_option(o, count, level, name);

	return found ? *(const int *)found->value : 0;
}

#endif
