/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socket_options - options of sockets of every kind stay as they were set, on listening, connected and unconnected
 * sockets; with receive and send timeouts that work.
 */
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>

#include "sockets.h"
#include "workload.h"

/* Kinds of sockets, as bits. */
enum { TCP4 = 1, TCP6 = 2, UDP4 = 4, UDP6 = 8, LOCAL = 16, LISTENING = 32 };
#define TCP (TCP4 | TCP6 | LISTENING)
#define UDP (UDP4 | UDP6)
#define V4 (TCP4 | UDP4 | LISTENING)
#define V6 (TCP6 | UDP6)
#define ALL (TCP | UDP | LOCAL)

static const struct option {
	int kinds, level, name, value;
} options[] = {
	{ TCP | UDP, SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ ALL, SOL_SOCKET, SO_SNDBUF, 50000 },
	{ ALL, SOL_SOCKET, SO_RCVBUF, 70000 },
	{ ALL, SOL_SOCKET, SO_REUSEADDR, 1 },
	{ TCP | UDP, SOL_SOCKET, SO_REUSEPORT, 1 },
	{ UDP, SOL_SOCKET, SO_BROADCAST, 1 },
	{ TCP, SOL_SOCKET, SO_OOBINLINE, 1 },
	{ TCP | UDP, SOL_SOCKET, SO_RCVLOWAT, 3 },
	{ ALL, SOL_SOCKET, SO_TIMESTAMP, 1 },
	{ LOCAL, SOL_SOCKET, SO_PASSCRED, 1 },
	{ TCP | UDP, SOL_SOCKET, SO_DONTROUTE, 1 },
	{ UDP, SOL_SOCKET, SO_NO_CHECK, 1 },
	{ TCP, IPPROTO_TCP, TCP_NODELAY, 1 },
	{ TCP, IPPROTO_TCP, TCP_KEEPIDLE, 123 },
	{ TCP, IPPROTO_TCP, TCP_KEEPINTVL, 45 },
	{ TCP, IPPROTO_TCP, TCP_KEEPCNT, 6 },
	{ TCP, IPPROTO_TCP, TCP_USER_TIMEOUT, 78000 },
	{ TCP, IPPROTO_TCP, TCP_SYNCNT, 4 },
	{ TCP, IPPROTO_TCP, TCP_LINGER2, 33 },
	{ LISTENING, IPPROTO_TCP, TCP_DEFER_ACCEPT, 3 },
	{ TCP, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 20000 },
	{ V4, IPPROTO_IP, IP_TTL, 55 },
	{ V4, IPPROTO_IP, IP_TOS, 0x10 },
	{ UDP4, IPPROTO_IP, IP_MULTICAST_TTL, 7 },
	{ UDP4, IPPROTO_IP, IP_MULTICAST_LOOP, 0 },
	{ UDP4, IPPROTO_IP, IP_PKTINFO, 1 },
	{ UDP4, IPPROTO_IP, IP_RECVTTL, 1 },
	{ UDP4, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO },
	{ UDP4, IPPROTO_IP, IP_RECVERR, 1 },
	{ V6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 44 },
	{ V6, IPPROTO_IPV6, IPV6_TCLASS, 0x20 },
	{ UDP6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 9 },
	{ UDP6, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
	{ TCP | UDP, SOL_SOCKET, SO_PRIORITY, 5 }, /* last: IP_TOS sets it too */
};
#define OPTIONS (sizeof(options) / sizeof(*options))

static struct {
	int kind, fd, values[OPTIONS];
} sockets[6];

static int value_of(int fd, const struct option *o)
{
	socklen_t length = sizeof(int);
	int value = 0;

	if (getsockopt(fd, o->level, o->name, &value, &length))
		FAIL("option %d of level %d: %m", o->name, o->level);
	return value;
}

/* The kernel may make another value of it (twice the buffer size), so what counts is what it tells afterwards. */
static void set_all(int i)
{
	for (size_t n = 0; n < OPTIONS; n++) {
		const struct option *o = &options[n];

		if (!(o->kinds & sockets[i].kind))
			continue;
		if (setsockopt(sockets[i].fd, o->level, o->name, &o->value, sizeof(o->value)))
			FAIL("option %d of level %d: %m", o->name, o->level);
		sockets[i].values[n] = value_of(sockets[i].fd, o);
	}
}

static void check(int i)
{
	for (size_t n = 0; n < OPTIONS; n++) {
		int got;

		if (!(options[n].kinds & sockets[i].kind))
			continue;
		got = value_of(sockets[i].fd, &options[n]);
		if (got != sockets[i].values[n])
			FAIL("option %d of level %d of socket %d, expected %d, got %d", options[n].name,
			     options[n].level, i, sockets[i].values[n], got);
	}
}

static void set_structured(int tcp, int udp)
{
	struct timeval receive = { 0, 30000 }, send = { 5, 0 };
	struct linger linger = { 1, 17 };

	SYS(setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &receive, sizeof(receive)));
	SYS(setsockopt(udp, SOL_SOCKET, SO_SNDTIMEO, &send, sizeof(send)));
	SYS(setsockopt(tcp, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	SYS(setsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	SYS(setsockopt(tcp, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
}

static void check_structured(int tcp, int udp)
{
	char device[IFNAMSIZ] = "", congestion[16] = "", byte;
	struct timeval send;
	struct linger linger;
	socklen_t length = sizeof(linger);
	int64_t start = workload_now();

	FAILS(EAGAIN, recv(udp, &byte, 1, 0));
	CHECK(workload_now() - start >= 29000000); /* the kernel counts in ticks */
	SYS(getsockopt(tcp, SOL_SOCKET, SO_LINGER, &linger, &length));
	SAME(1, linger.l_onoff);
	SAME(17, linger.l_linger);
	length = sizeof(send);
	SYS(getsockopt(udp, SOL_SOCKET, SO_SNDTIMEO, &send, &length));
	SAME(5, send.tv_sec);
	length = sizeof(device);
	SYS(getsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, device, &length));
	CHECK(!strcmp(device, "lo"));
	length = sizeof(congestion);
	SYS(getsockopt(tcp, IPPROTO_TCP, TCP_CONGESTION, congestion, &length));
	CHECK(!strcmp(congestion, "reno"));
}

int main(void)
{
	struct address where;
	int pair[2];

	sockets_pair(AF_INET, SOCK_STREAM, pair);
	sockets[0].kind = TCP4, sockets[0].fd = pair[0];
	sockets_pair(AF_INET6, SOCK_STREAM, pair);
	sockets[1].kind = TCP6, sockets[1].fd = pair[0];
	sockets[2].kind = UDP4, sockets[2].fd = SYS(socket(AF_INET, SOCK_DGRAM, 0));
	sockets[3].kind = UDP6, sockets[3].fd = SYS(socket(AF_INET6, SOCK_DGRAM, 0));
	sockets[4].kind = LOCAL, sockets[4].fd = SYS(socket(AF_UNIX, SOCK_STREAM, 0));
	sockets[5].kind = LISTENING, sockets[5].fd = sockets_listen(AF_INET, SOCK_STREAM, 5, &where);
	for (int i = 0; i < 6; i++)
		set_all(i);
	set_structured(sockets[0].fd, sockets[2].fd);
	workload_ready();
	do {
		for (int i = 0; i < 6; i++)
			check(i);
		check_structured(sockets[0].fd, sockets[2].fd);
	} while (workload_goes_on());
	workload_pass();
}
