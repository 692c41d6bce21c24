/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipc.c - System V objects: note what the program gets, and tell it at a checkpoint. What they hold is copied when all
 * processes stand still (ipc_copy.c).
 *
 * A stop that comes between the kernel's answer and the note would miss the object: wrapper.h counts the threads
 * in there, and the barrier lets them out first.
 */
#define _GNU_SOURCE
#include "ipc.h"

#include <errno.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "engine.h"
#include "sys.h"
#include "wrapper.h"

#define EXPORT __attribute__((visibility("default")))

static void note(enum hf_ipc_kind kind, int id)
{
	uint32_t n, count = __atomic_load_n(&ENGINE->ipc_count, __ATOMIC_ACQUIRE);

	for (n = 0; n < count && n < MAX_IPC; n++)
		if (ENGINE->ipc[n].kind == kind && ENGINE->ipc[n].id == id)
			return;
	n = __atomic_fetch_add(&ENGINE->ipc_count, 1, __ATOMIC_ACQ_REL);
	if (n < MAX_IPC)
		ENGINE->ipc[n] = (struct hf_ipc_id){ kind, id };
}

static int get(enum hf_ipc_kind kind, long nr, long a, long b, long c)
{
	long id;

	if (!hf_is_engine_mapped()) {
		id = sys(nr, a, b, c);
	} else {
		hf_enter_wrapper();
		id = sys(nr, a, b, c);
		if (id >= 0)
			note(kind, (int)id);
		hf_leave_wrapper();
	}
	if (id >= 0)
		return (int)id;
	errno = (int)-id;
	return -1;
}

EXPORT int shmget(key_t key, size_t size, int flags)
{
	return get(HF_IPC_SHM, __NR_shmget, key, (long)size, flags);
}

EXPORT int semget(key_t key, int count, int flags)
{
	return get(HF_IPC_SEM, __NR_semget, key, count, flags);
}

EXPORT int msgget(key_t key, int flags)
{
	return get(HF_IPC_MSG, __NR_msgget, key, flags, 0);
}

/* A line is "start-end perms offset dev inode path"; of a segment the inode is the id, the path "/SYSV<key>". */
void hf_note_segments(const char *maps)
{
	for (const char *line = maps; *line; line = hf_next_line(line)) {
		const char *s = line;
		const char *inode;

		for (int field = 0; field < 4 && *s && *s != '\n'; s++)
			if (*s == ' ')
				field++;
		inode = s;
		if (hf_starts(hf_find_in_line(s, '/'), "/SYSV"))
			note(HF_IPC_SHM, (int)hf_number(&inode, 10));
	}
}

int hf_gather_ipc(struct records *out, struct text *reason)
{
	if (ENGINE->ipc_count > MAX_IPC) {
		hf_add(reason, "it has used more than 1024 System V objects");
		return -1;
	}
	for (uint32_t n = 0; n < ENGINE->ipc_count; n++) {
		struct hf_ipc_id *to = hf_record(out, HF_REC_IPC_ID, sizeof(*to), 0);

		if (to)
			*to = ENGINE->ipc[n];
	}
	return 0;
}
