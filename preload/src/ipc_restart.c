/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipc_restart.c - make a job's System V objects again, in an IPC name space of its own, where no id can be taken. The
 * kernel gives the id that /proc/sys/kernel/{shm,sem,msg}_next_id asks for (CONFIG_CHECKPOINT_RESTORE).
 */
#include "restart.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/ipc.h>
#include <asm/msgbuf.h>
#include <linux/msg.h>
#include <linux/sched.h>
#include <linux/sem.h>
#include <linux/shm.h>

#include "message.h"
#include "sys.h"
#include "text.h"

#define MAX_HELD 4096

static long held[MAX_HELD]; /* where this process has attached segments that were removed */
static int held_count;

static void ask_for_id(const char *path, const struct hf_ipc *o)
{
	char text[24];
	struct text t = hf_text(text, sizeof(text));
	long fd = sys(__NR_open, path, O_WRONLY | O_CLOEXEC);
	long ret = fd;

	hf_add_number(&t, o->id);
	if (fd >= 0) {
		ret = sys(__NR_write, fd, text, hf_length(text));
		sys(__NR_close, fd);
	}
	if (ret < 0)
		hf_give_up_number("cannot ask for the System V id ", o->id, ret);
}

static void check_id(const struct hf_ipc *o, long id)
{
	if (id != o->id)
		hf_give_up_number("cannot get the System V id ", o->id, id < 0 ? id : 0);
}

static void check(const struct hf_ipc *o, long ret)
{
	if (ret < 0)
		hf_give_up_number("cannot give back the System V object with id ", o->id, ret);
}

static void make_segment(const struct hf_ipc *o, const char *content, size_t length)
{
	long at;

	ask_for_id("/proc/sys/kernel/shm_next_id", o);
	check_id(o, sys(__NR_shmget, o->key, o->size, IPC_CREAT | IPC_EXCL | o->mode));
	if (o->removed) { /* goes with the last that has it: this process, until the others do */
		at = sys(__NR_shmat, o->id, NULL, 0);
		check(o, at);
		check(o, sys(__NR_shmctl, o->id, IPC_RMID, NULL));
		if (held_count < MAX_HELD)
			held[held_count++] = at;
		return;
	}
	if (length < o->size) /* attached ones are filled where they are attached */
		return;
	at = sys(__NR_shmat, o->id, NULL, 0);
	check(o, at);
	memcpy((void *)at, content, o->size);
	sys(__NR_shmdt, at);
}

static void make_semaphores(const struct hf_ipc *o, const char *values)
{
	ask_for_id("/proc/sys/kernel/sem_next_id", o);
	check_id(o, sys(__NR_semget, o->key, o->size, IPC_CREAT | IPC_EXCL | o->mode));
	check(o, sys(__NR_semctl, o->id, 0, SETALL, values));
}

/* The most bytes that may wait in a queue. */
static void set_size(const struct hf_ipc *o)
{
	struct msqid64_ds ds;

	check(o, sys(__NR_msgctl, o->id, IPC_STAT, &ds));
	if (ds.msg_qbytes == o->size)
		return;
	ds.msg_qbytes = o->size;
	check(o, sys(__NR_msgctl, o->id, IPC_SET, &ds));
}

static void make_messages(const struct hf_ipc *o, const char *at, const char *end)
{
	ask_for_id("/proc/sys/kernel/msg_next_id", o);
	check_id(o, sys(__NR_msgget, o->key, IPC_CREAT | IPC_EXCL | o->mode));
	while (at + sizeof(struct hf_ipc_message) <= end) {
		const struct hf_ipc_message *m = (const void *)at;

		check(o, sys(__NR_msgsnd, o->id, &m->type, m->length, IPC_NOWAIT));
		at += sizeof(*m) + ((m->length + 7) & ~7ull);
	}
	set_size(o);
}

void hf_make_ipc(void)
{
	const struct hf_rec *rec = NULL;
	int separate = 0;

	while ((rec = hf_next_record(hf_restart.plan, hf_restart.plan_length, rec))) {
		const struct hf_ipc *o = (const void *)(rec + 1);
		const char *content = (const char *)(o + 1), *end = (const char *)rec + rec->length;

		if (rec->type != HF_REC_IPC)
			continue;
		if (!separate++) {
			long ret = sys(__NR_unshare, CLONE_NEWIPC);

			if (ret)
				hf_give_up("cannot make an IPC name space", "", ret);
		}
		if (o->kind == HF_IPC_SHM)
			make_segment(o, content, (size_t)(end - content));
		else if (o->kind == HF_IPC_SEM)
			make_semaphores(o, content);
		else
			make_messages(o, content, end);
	}
}

void hf_forget_ipc(void)
{
	for (int n = 0; n < held_count; n++)
		sys(__NR_shmdt, held[n]);
}
