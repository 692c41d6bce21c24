/* SPDX-License-Identifier: Apache-2.0 */
/*
 * undo.c - what the kernel adds to a semaphore when the process ends (SEM_UNDO).
 *
 * The kernel does not tell it, but it keeps it within 16 bits: an operation that would take it out of them fails with
 * ERANGE, as a whole. So it is found by operations that can only fail. Each is an array that the kernel takes all or
 * nothing: it brings the semaphore to 0, takes the undo value up or down by n, and waits without waiting for a value
 * that the semaphore does not have, which fails with EAGAIN. The checkpoint thread shares the undo values of the
 * program's threads (CLONE_SYSVSEM). Done while all processes stand still, for the value must not change in between.
 */
#define _GNU_SOURCE
#include <asm/errno.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include "engine.h"
#include "ipc.h"
#include "sys.h"

#define LARGEST 32767

struct semaphore {
	int set;
	unsigned short number;
	short value;
};

/* Returns 1 when the undo value is out of range on the way, 0 when it is not, or -errno. */
static long attempt(int set, struct sembuf *operations, size_t count)
{
	long ret = sys(__NR_semop, set, operations, count);

	return ret == -ERANGE ? 1 : ret == -EAGAIN ? 0 : ret < 0 ? ret : -EPROTO;
}

/* Whether the undo value is more than LARGEST - n; n is 1 to LARGEST. */
static long is_above(const struct semaphore *s, int n)
{
	struct sembuf operations[] = {
		{ s->number, (short)-s->value, IPC_NOWAIT },
		{ s->number, (short)n, IPC_NOWAIT },
		{ s->number, (short)-n, IPC_NOWAIT | SEM_UNDO },
		{ s->number, 1, IPC_NOWAIT },
		{ s->number, 0, IPC_NOWAIT },
	};

	return attempt(s->set, operations, 5);
}

/* Whether the undo value is less than n - LARGEST - 1; n is 1 to LARGEST + 1. */
static long is_below(const struct semaphore *s, int n)
{
	struct sembuf operations[] = {
		{ s->number, (short)-s->value, IPC_NOWAIT },
		{ s->number, (short)(n - 1), IPC_NOWAIT | SEM_UNDO },
		{ s->number, (short)(1 - n), IPC_NOWAIT },
		{ s->number, 1, IPC_NOWAIT | SEM_UNDO },
		{ s->number, 0, IPC_NOWAIT },
	};

	return attempt(s->set, operations, 5);
}

/* The smallest n up to `known` for which it is so, or -errno. */
static long smallest(const struct semaphore *s, long (*is_so)(const struct semaphore *, int), int known)
{
	int low = 1;

	while (low < known) {
		int middle = (low + known) / 2;
		long ret = is_so(s, middle);

		if (ret < 0)
			return ret;
		if (ret)
			known = middle;
		else
			low = middle + 1;
	}
	return known;
}

static long find(const struct semaphore *s, short *undo)
{
	long above = is_above(s, LARGEST), below = above ? 0 : is_below(s, LARGEST + 1);
	long n = above > 0 ? smallest(s, is_above, LARGEST) : below > 0 ? smallest(s, is_below, LARGEST + 1) : 0;

	*undo = (short)(above > 0 ? LARGEST + 1 - n : below > 0 ? n - LARGEST - 2 : 0);
	return above < 0 ? above : below < 0 ? below : n < 0 ? n : 0;
}

static long find_all(int set, size_t count, struct hf_blob *blob)
{
	for (size_t n = 0; n < count; n++) {
		struct semaphore s = { set, (unsigned short)n, (short)sys(__NR_semctl, set, n, GETVAL) };
		short undo = 0;
		long ret = s.value < 0 ? s.value : find(&s, &undo);

		if (ret < 0)
			return ret;
		if (!undo)
			continue;
		if (ENGINE->undo_count == MAX_UNDO)
			return -ENOBUFS;
		ENGINE->undo[ENGINE->undo_count++] = (struct hf_undo){ set, s.number, undo };
		blob->length += sizeof(struct hf_undo);
	}
	return 0;
}

long hf_copy_undo(struct hf_blob *blob)
{
	struct semid_ds ds;
	long ret = sys(__NR_semctl, blob->fd, 0, IPC_STAT, &ds);

	blob->addr = (uint64_t)&ENGINE->undo[ENGINE->undo_count];
	if (!ret)
		ret = find_all(blob->fd, ds.sem_nsems, blob);
	/* It is gone, or this process may not change it, and so has nothing to undo. */
	return ret == -EINVAL || ret == -EIDRM || ret == -EACCES ? 0 : ret;
}
