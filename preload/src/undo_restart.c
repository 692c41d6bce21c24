/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo_restart.c - what the kernel adds to a semaphore when a process ends, and who changed a semaphore last: given
 * back by the processes themselves, when all exist. No value changes by that: each operation is an array that the kernel
 * takes as one, up and down by the same.
 */
#include "restart.h"

#include <asm/errno.h>
#include <linux/sem.h>

#include "message.h"
#include "sys.h"

#define HALF 16384 /* of what a semaphore can be */

static void check(int32_t set, long ret)
{
	if (ret < 0)
		hf_give_up_number("cannot give back the System V semaphores with id ", set, ret);
}

static int value_of(int32_t set, uint16_t number)
{
	long value = sys(__NR_semctl, set, number, GETVAL);

	check(set, value);
	return (int)value;
}

/* Changes a semaphore by `size` and back, the way that its value leaves room for. `undo` of it is noted by the kernel. */
static void sway(int32_t set, uint16_t number, int size, int undo)
{
	int first = value_of(set, number) < HALF ? size : -size;
	struct sembuf there_and_back[] = {
		{ number, (short)first, (short)(IPC_NOWAIT | (first == -undo ? SEM_UNDO : 0)) },
		{ number, (short)-first, (short)(IPC_NOWAIT | (first == undo ? SEM_UNDO : 0)) },
	};

	check(set, sys(__NR_semop, set, there_and_back, 2));
}

static void give_back(const struct hf_undo *u)
{
	for (int left = u->value, part; left; left -= part) {
		part = left > HALF ? HALF : left < -HALF ? -HALF : left;
		sway(u->set, u->number, part < 0 ? -part : part, part);
	}
}

void hf_give_back_undo(uint32_t node)
{
	const struct hf_rec *rec = hf_restart.nodes[node];

	while ((rec = hf_next_record(hf_restart.plan, hf_restart.plan_length, rec)) && rec->type != HF_REC_NODE) {
		const struct hf_undo *u = (const void *)(rec + 1),
				     *end = (const void *)((const char *)rec + rec->length);

		if (rec->type == HF_REC_UNDO)
			for (; u < end; u++)
				give_back(u);
	}
}

/* The kernel notes the caller of an operation and of SETVAL; the time of the last operation tells whether there was any. */
static void sign(const struct hf_ipc *set, uint16_t number, int32_t value)
{
	if (set->flags & HF_IPC_OPERATED)
		sway(set->id, number, 1, 0);
	else
		check(set->id, sys(__NR_semctl, set->id, number, SETVAL, value));
}

static void sign_set(const struct hf_ipc *set)
{
	const struct hf_semaphore *s = (const void *)(set + 1);
	int32_t own = (int32_t)sys(__NR_getpid);

	for (uint64_t n = 0; n < set->size; n++)
		if (s[n].pid == own)
			sign(set, (uint16_t)n, s[n].value);
}

void hf_sign_semaphores(void)
{
	for (const struct hf_ipc *o = hf_next_object(NULL); o; o = hf_next_object(o))
		if (o->kind == HF_IPC_SEM)
			sign_set(o);
}

static int is_made(int32_t pid)
{
	for (uint32_t n = 0; n < hf_restart.head.nodes; n++)
		if (hf_node(n)->pid == pid)
			return 1;
	return 0;
}

static void sign_for_dead(const struct hf_ipc *set)
{
	const struct hf_semaphore *s = (const void *)(set + 1);

	for (uint64_t n = 0; n < set->size; n++)
		if (s[n].pid && !is_made(s[n].pid) && sys(__NR_semctl, set->id, n, GETPID) != s[n].pid)
			hf_as(s[n].pid, sign_set, set);
}

void hf_sign_for_dead(void)
{
	for (const struct hf_ipc *o = hf_next_object(NULL); o; o = hf_next_object(o))
		if (o->kind == HF_IPC_SEM)
			sign_for_dead(o);
}
