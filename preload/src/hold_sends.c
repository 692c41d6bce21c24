/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold_sends.c - let little be sent on TCP connections while their receivers are to read.
 *
 * What waits in a sender can only be looked at when it has come to the receiver, whose buffer has a limit for an
 * ordinary user. Where it is full, the job goes on for a moment (HF_LET_READ): with small send buffers, so that nearly
 * nothing is added, and with receive buffers that were full made small, so that nothing arrives while they are read. At
 * the next stop there is room for what waits in the senders. A program cannot tell it from a slow network: who sends
 * waits, or is told to try again.
 */
#define _GNU_SOURCE
#include "hold_sends.h"

#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "engine.h"
#include "socket.h"
#include "sys.h"

/* So full that its window is closed: making it smaller loses nothing that is on its way. */
static int is_full(long fd)
{
	uint32_t memory[SK_MEMINFO_VARS] = { 0 }, length = sizeof(memory);

	if (sys(__NR_getsockopt, fd, SOL_SOCKET, SO_MEMINFO, memory, &length))
		return 0;
	return memory[SK_MEMINFO_RMEM_ALLOC] > memory[SK_MEMINFO_RCVBUF] - memory[SK_MEMINFO_RCVBUF] / 8;
}

static void hold(const struct hf_socket *s)
{
	struct held_sends *h = &ENGINE->held_sends[ENGINE->held_sends_count];
	long fd;

	if (ENGINE->held_sends_count == MAX_HELD_SENDS)
		return;
	fd = hf_borrow(s->fd);
	if (fd < 0)
		return;
	*h = (struct held_sends){ s->ino, s->fd, hf_number_of(fd, SO_BUF_LOCK), hf_number_of(fd, SO_SNDBUF), 0 };
	hf_set_number(fd, SO_SNDBUF, 0); /* the least that there is */
	if (is_full(fd)) {
		h->receives = hf_number_of(fd, SO_RCVBUF);
		hf_set_number(fd, SO_RCVBUF, 0);
	}
	ENGINE->held_sends_count++;
	sys(__NR_close, fd);
}

void hf_hold_sends(void)
{
	const struct hf_rec *rec = NULL;

	hf_release_sends();
	while ((rec = hf_next_record(ENGINE->out.start, ENGINE->out.used, rec)))
		if (rec->type == HF_REC_SOCKET && hf_is_connection((const void *)(rec + 1)))
			hold((const void *)(rec + 1));
}

/* The program may have closed it meanwhile, and opened another. */
static void release(const struct held_sends *h, long fd)
{
	struct stat st;

	if (sys(__NR_fstat, fd, &st) || st.st_ino != h->ino)
		return;
	hf_set_number(fd, SO_SNDBUF, h->sends / 2); /* the kernel doubles it */
	hf_set_number(fd, SO_SNDBUFFORCE, h->sends / 2);
	if (h->receives)
		hf_set_number(fd, SO_RCVBUF, h->receives / 2);
	hf_set_number(fd, SO_BUF_LOCK, h->locks);
}

void hf_release_sends(void)
{
	for (uint32_t n = 0; n < ENGINE->held_sends_count; n++) {
		long fd = hf_borrow(ENGINE->held_sends[n].fd);

		if (fd < 0)
			continue;
		release(&ENGINE->held_sends[n], fd);
		sys(__NR_close, fd);
	}
	ENGINE->held_sends_count = 0;
}

void hf_release_own_sends(void)
{
	for (uint32_t n = 0; hf_is_engine_mapped() && n < ENGINE->held_sends_count; n++)
		release(&ENGINE->held_sends[n], ENGINE->held_sends[n].fd);
}

static void describe(struct hf_option *o, int32_t value)
{
	memcpy(o->value, &value, sizeof(value));
}

void hf_describe_held(uint64_t ino, int32_t fd, struct hf_option *options, uint32_t count)
{
	struct held_sends *h = ENGINE->held_sends, *end = h + ENGINE->held_sends_count;

	while (h < end && h->ino != ino)
		h++;
	if (h == end)
		return;
	h->fd = fd;
	for (uint32_t n = 0; n < count; n++) {
		if (options[n].level != SOL_SOCKET)
			continue;
		if (options[n].name == SO_SNDBUF)
			describe(&options[n], h->sends);
		if (options[n].name == SO_RCVBUF && h->receives)
			describe(&options[n], h->receives);
		if (options[n].name == SO_BUF_LOCK)
			describe(&options[n], h->locks);
	}
}
