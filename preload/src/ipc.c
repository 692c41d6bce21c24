/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipc.c - System V objects: note what the program gets, and describe it at a checkpoint.
 *
 * A stop that comes between the kernel's answer and the note would miss the object: ENGINE->wrapped counts the threads
 * in there, and the barrier lets them out first.
 */
#define _GNU_SOURCE
#include "ipc.h"

#include <asm/errno.h>
#include <errno.h>
#include <linux/mman.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "engine.h"
#include "sys.h"

#define EXPORT __attribute__((visibility("default")))
#define MESSAGE_MAX (64 << 10)
#define MSG_COPY_FLAG 040000
#define SEMAPHORES_MAX 32000

static void note(enum hf_ipc_kind kind, int id)
{
	uint32_t n, count = __atomic_load_n(&ENGINE->ipc_count, __ATOMIC_ACQUIRE);

	for (n = 0; n < count && n < MAX_IPC; n++)
		if (ENGINE->ipc[n].kind == kind && ENGINE->ipc[n].id == id)
			return;
	n = __atomic_fetch_add(&ENGINE->ipc_count, 1, __ATOMIC_ACQ_REL);
	if (n < MAX_IPC)
		ENGINE->ipc[n] = (struct ipc_note){ kind, id };
}

static int get(enum hf_ipc_kind kind, long nr, long a, long b, long c)
{
	long id;

	if (!hf_is_engine_mapped()) {
		id = sys(nr, a, b, c);
	} else {
		__atomic_add_fetch(&ENGINE->wrapped, 1, __ATOMIC_ACQ_REL);
		id = sys(nr, a, b, c);
		if (id >= 0)
			note(kind, (int)id);
		__atomic_sub_fetch(&ENGINE->wrapped, 1, __ATOMIC_ACQ_REL);
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
		while (*s && *s != '\n' && *s != '/')
			s++;
		if (hf_starts(s, "/SYSV"))
			note(HF_IPC_SHM, (int)hf_number(&inode, 10));
	}
}

static struct hf_ipc describe(enum hf_ipc_kind kind, int id, const struct ipc_perm *p, uint64_t size)
{
	return (struct hf_ipc){ .kind = kind,
				.id = id,
				.key = p->__key,
				.mode = p->mode & 0777,
				.uid = p->uid,
				.gid = p->gid,
				.size = size };
}

static int gather_segment(struct records *out, int id)
{
	struct shmid_ds ds;
	struct hf_ipc *to;

	if (sys(__NR_shmctl, id, IPC_STAT, &ds))
		return 0;
	to = hf_record(out, HF_REC_IPC, sizeof(*to), 0);
	if (to) {
		*to = describe(HF_IPC_SHM, id, &ds.shm_perm, ds.shm_segsz);
		to->attached = (uint32_t)ds.shm_nattch;
		to->removed = (ds.shm_perm.mode & SHM_DEST) != 0;
	}
	return 0;
}

static int gather_semaphores(struct records *out, int id)
{
	struct semid_ds ds;
	struct hf_ipc *to;

	if (sys(__NR_semctl, id, 0, IPC_STAT, &ds))
		return 0;
	if (ds.sem_nsems > SEMAPHORES_MAX)
		return -E2BIG;
	to = hf_record(out, HF_REC_IPC, sizeof(*to), ds.sem_nsems * sizeof(uint16_t));
	if (!to)
		return 0;
	*to = describe(HF_IPC_SEM, id, &ds.sem_perm, ds.sem_nsems);
	return sys(__NR_semctl, id, 0, GETALL, to + 1) ? -EACCES : 0;
}

/* MSG_COPY reads the n-th message without taking it. */
static int gather_messages(struct records *out, int id)
{
	struct msqid_ds ds;
	struct hf_rec *rec = (void *)(out->start + out->used);
	struct hf_ipc *to;
	char *at;

	if (sys(__NR_msgctl, id, IPC_STAT, &ds))
		return 0;
	to = hf_record(out, HF_REC_IPC, sizeof(*to), 0);
	if (!to)
		return 0;
	*to = describe(HF_IPC_MSG, id, &ds.msg_perm, ds.msg_qbytes);
	at = (char *)(to + 1);
	for (long n = 0;; n++) {
		struct hf_ipc_message *m = (void *)at;
		long length;

		if (out->size - out->used < MESSAGE_MAX + 64) {
			out->full = 1;
			return 0;
		}
		length = sys(__NR_msgrcv, id, &m->type, MESSAGE_MAX, n, MSG_COPY_FLAG | IPC_NOWAIT);
		if (length == -ENOMSG)
			return 0;
		if (length < 0)
			return (int)length;
		m->length = (uint64_t)length;
		at += sizeof(*m) + (((uint64_t)length + 7) & ~7ull);
		rec->length = (uint32_t)(at - (char *)rec);
		out->used = (size_t)(at - out->start);
	}
}

int hf_gather_ipc(struct records *out, struct text *reason)
{
	if (ENGINE->ipc_count > MAX_IPC) {
		hf_add(reason, "it has used more than 1024 System V objects");
		return -1;
	}
	for (uint32_t n = 0; n < ENGINE->ipc_count; n++) {
		const struct ipc_note *o = &ENGINE->ipc[n];
		int ret = o->kind == HF_IPC_SHM ? gather_segment(out, o->id) :
			  o->kind == HF_IPC_SEM ? gather_semaphores(out, o->id) :
						  gather_messages(out, o->id);

		if (ret) {
			hf_add(reason, "cannot read the System V object with id ");
			hf_add_number(reason, o->id);
			hf_add_error(reason, ret);
			return -1;
		}
	}
	return 0;
}

long hf_copy_segment(struct hf_blob *blob)
{
	long from = sys(__NR_shmat, blob->fd, NULL, SHM_RDONLY);
	long to;

	if (from < 0)
		return from;
	to = sys(__NR_mmap, 0, blob->length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		 0);
	if (to < 0)
		return to;
	memcpy((void *)to, (const void *)from, blob->length);
	blob->addr = (uint64_t)to;
	return sys(__NR_shmdt, from);
}
