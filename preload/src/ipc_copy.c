/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipc_copy.c - what System V objects hold, into the snapshot's memory: done while all processes of the job stand still,
 * for each of them may change an object until it does. Nothing is taken out. An object that does not exist any more
 * leaves an empty blob.
 */
#define _GNU_SOURCE
#include <asm/errno.h>
#include <linux/mman.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "engine.h"
#include "ipc.h"
#include "sys.h"

#define MSG_COPY_FLAG 040000

static int is_gone(long error)
{
	return error == -EINVAL || error == -EIDRM;
}

/* Room for an object and `more` bytes behind it, with what all kinds have; NULL: no memory. */
static struct hf_ipc *begin(struct hf_blob *blob, enum hf_ipc_kind kind, const struct ipc_perm *p, uint64_t more)
{
	struct hf_ipc *to;
	long at = sys(__NR_mmap, 0, sizeof(*to) + more, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at < 0)
		return NULL;
	to = (void *)at;
	*to = (struct hf_ipc){ .kind = kind, .id = blob->fd, .key = p->__key, .mode = p->mode & 0777 };
	blob->addr = (uint64_t)at;
	blob->length = sizeof(*to) + more;
	return to;
}

static long copy_content(const struct hf_ipc *segment)
{
	long from = sys(__NR_shmat, segment->id, NULL, SHM_RDONLY);

	if (from < 0)
		return from;
	memcpy((void *)(segment + 1), (const void *)from, segment->size);
	return sys(__NR_shmdt, from);
}

static long copy_segment(struct hf_blob *blob)
{
	int with_content = blob->length == 1;
	struct shmid_ds ds;
	struct hf_ipc *to;
	long ret = sys(__NR_shmctl, blob->fd, IPC_STAT, &ds);

	blob->length = 0;
	if (ret)
		return ret;
	to = begin(blob, HF_IPC_SHM, &ds.shm_perm, with_content ? ds.shm_segsz : 0);
	if (!to)
		return -ENOMEM;
	to->size = ds.shm_segsz;
	to->creator = ds.shm_cpid;
	to->flags = ds.shm_perm.mode & SHM_DEST ? HF_IPC_REMOVED : 0;
	return with_content ? copy_content(to) : 0;
}

static long copy_semaphores(struct hf_blob *blob)
{
	struct semid_ds ds;
	struct hf_semaphore *s;
	struct hf_ipc *to;
	long ret = sys(__NR_semctl, blob->fd, 0, IPC_STAT, &ds);

	if (ret)
		return ret;
	to = begin(blob, HF_IPC_SEM, &ds.sem_perm, ds.sem_nsems * sizeof(*s));
	if (!to)
		return -ENOMEM;
	to->size = ds.sem_nsems;
	to->flags = ds.sem_otime ? HF_IPC_OPERATED : 0;
	s = (void *)(to + 1);
	for (uint64_t n = 0; n < to->size; n++) {
		s[n].value = (int32_t)sys(__NR_semctl, blob->fd, n, GETVAL);
		s[n].pid = (int32_t)sys(__NR_semctl, blob->fd, n, GETPID);
		if (s[n].value < 0)
			return s[n].value;
	}
	return 0;
}

/* MSG_COPY reads the n-th message without taking it. */
static long copy_messages(struct hf_blob *blob)
{
	struct msqid_ds ds;
	struct hf_ipc *to;
	char *at;
	long ret = sys(__NR_msgctl, blob->fd, IPC_STAT, &ds);

	if (ret)
		return ret;
	/* Before it gives a copy the kernel reads as many bytes as it may give: the last message needs that room, too. */
	to = begin(blob, HF_IPC_MSG, &ds.msg_perm,
		   2 * ds.__msg_cbytes + ds.msg_qnum * (sizeof(struct hf_ipc_message) + 7));
	if (!to)
		return -ENOMEM;
	to->size = ds.msg_qbytes;
	to->sender = ds.msg_lspid;
	to->receiver = ds.msg_lrpid;
	at = (char *)(to + 1);
	for (uint64_t n = 0; n < ds.msg_qnum; n++) {
		struct hf_ipc_message *m = (void *)at;

		ret = sys(__NR_msgrcv, blob->fd, &m->type, ds.__msg_cbytes, n, MSG_COPY_FLAG | IPC_NOWAIT);
		if (ret < 0)
			return ret;
		m->length = (uint64_t)ret;
		at += sizeof(*m) + ((m->length + 7) & ~7ull);
	}
	blob->length = (uint64_t)(at - (char *)to);
	return 0;
}

long hf_copy_ipc(uint32_t type, struct hf_blob *blob)
{
	long ret = type == HF_REC_SEGMENT    ? copy_segment(blob) :
		   type == HF_REC_SEMAPHORES ? copy_semaphores(blob) :
					       copy_messages(blob);

	if (!is_gone(ret))
		return ret;
	blob->length = 0;
	return 0;
}
