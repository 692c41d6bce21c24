/* SPDX-License-Identifier: Apache-2.0 */
/* connect.h - the sockets of a plan, for those who make and fill them. */
#ifndef HOLDFAST_CONNECT_H
#define HOLDFAST_CONNECT_H

#include <linux/fcntl.h>

#include "restart.h"

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_SEQPACKET 5
#define SOCK_CLOEXEC O_CLOEXEC
#define PATIENCE 40 /* times PAUSE_NS: how long the kernel may need for what does not depend on others */
#define PAUSE_NS 50000000

static inline int hf_is_socket(uint32_t index)
{
	return hf_description(index)->kind == HF_SOCKET;
}

static inline const struct hf_socket *hf_socket_of(uint32_t index)
{
	return (const void *)(hf_description(index) + 1);
}

static inline int hf_descriptor_of(uint32_t index)
{
	return hf_restart.first_free + (int)index;
}

static inline int hf_has_name(const struct hf_socket *s)
{
	return s->local_length > sizeof(uint16_t);
}

/* Says why a socket cannot be made again, and ends. */
_Noreturn void hf_refuse_socket(const struct hf_socket *s, const char *what, long error);

long hf_new_socket(const struct hf_socket *s);

/* The job's socket of the same kind with the local address of `s`, -1: none. */
int hf_find_socket(const struct hf_socket *s, uint32_t flags);

/* refill.c - sends once more what waited in a socket's queue; `peer` is its other side, -1: it has none. */
void hf_refill(uint32_t index, long peer);

#endif
