/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.c - a network name space of the job's own, for a restart whose ports or addresses this host cannot give: there
 * no port is taken, and the loopback interface has every address that the job's sockets had. What is outside cannot be
 * reached from it, nor reach it.
 */
#include "restart.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/if.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/sched.h>
#include <linux/sockios.h>

#include "sys.h"
#include "text.h"

#define LOOPBACK_NETWORK 127
#define LOOPBACK_INDEX 1 /* of the first interface of every network name space */

static void name_alias(char *name, uint32_t number)
{
	struct text t = hf_text(name, IFNAMSIZ);

	hf_add(&t, "lo:");
	hf_add_number(&t, number);
}

static long add_ipv4(long fd, uint32_t number, uint32_t address)
{
	struct ifreq r;
	struct sockaddr_in *in = (struct sockaddr_in *)&r.ifr_addr;
	long ret;

	if (!address || (address & 0xff) == LOOPBACK_NETWORK)
		return 0;
	memset(&r, 0, sizeof(r));
	name_alias(r.ifr_name, number);
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = address;
	ret = sys(__NR_ioctl, fd, SIOCSIFADDR, &r);
	return ret == -EEXIST ? 0 : ret;
}

static int is_zero(const uint8_t *bytes, int count)
{
	for (int n = 0; n < count; n++)
		if (bytes[n])
			return 0;
	return 1;
}

static long add_ipv6(long fd, const struct in6_addr *address)
{
	struct in6_ifreq r = { .ifr6_addr = *address, .ifr6_prefixlen = 128, .ifr6_ifindex = LOOPBACK_INDEX };
	long ret;

	if (is_zero(address->s6_addr, 15)) /* any, and loopback's own */
		return 0;
	ret = sys(__NR_ioctl, fd, SIOCSIFADDR, &r);
	return ret == -EEXIST ? 0 : ret;
}

static uint32_t mapped_ipv4(const struct in6_addr *address)
{
	return is_zero(address->s6_addr, 10) && address->s6_addr16[5] == 0xffff ? address->s6_addr32[3] : 0;
}

static void add_address(long fd4, long fd6, uint32_t index)
{
	const struct hf_socket *s = (const void *)(hf_description(index) + 1);
	const struct sockaddr_in *in = (const void *)s->local;
	const struct sockaddr_in6 *in6 = (const void *)s->local;
	long ret = 0;

	if (s->family == AF_INET && s->local_length)
		ret = add_ipv4(fd4, index, in->sin_addr.s_addr);
	if (s->family == AF_INET6 && s->local_length)
		ret = mapped_ipv4(&in6->sin6_addr) ? add_ipv4(fd4, index, mapped_ipv4(&in6->sin6_addr)) :
						     add_ipv6(fd6, &in6->sin6_addr);
	if (ret)
		hf_give_up("cannot have the addresses of the job's sockets in a network of its own", "", ret);
}

void hf_enter_network(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	long fd4, fd6, ret = sys(__NR_unshare, CLONE_NEWNET);

	if (ret)
		hf_give_up("cannot make a network name space", "", ret);
	fd4 = sys(__NR_socket, AF_INET, SOCK_DGRAM | O_CLOEXEC, 0);
	fd6 = sys(__NR_socket, AF_INET6, SOCK_DGRAM | O_CLOEXEC, 0); /* not every host has IPv6 */
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	ret = fd4 < 0 ? fd4 : sys(__NR_ioctl, fd4, SIOCSIFFLAGS, &r);
	if (ret)
		hf_give_up("cannot bring up the loopback interface", "", ret);
	for (uint32_t n = 0; n < hf_restart.head.descriptions; n++)
		if (hf_description(n)->kind == HF_SOCKET)
			add_address(fd4, fd6, n);
	sys(__NR_close, fd4);
	if (fd6 >= 0)
		sys(__NR_close, fd6);
}
