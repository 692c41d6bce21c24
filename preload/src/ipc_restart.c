/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipc_restart.c - make a job's System V objects again, in an IPC name space of its own, where no id can be taken, if there can be one. The
 * kernel gives the id that /proc/sys/kernel/{shm,sem,msg}_next_id asks for (CONFIG_CHECKPOINT_RESTORE).
 *
 * An object also tells the numbers of those who made or used it last. Before the tree is made, short-lived processes
 * with these numbers make them again. Semaphores are signed so when the tree stands, for what a process undoes at its
 * end can only be given back by itself, which signs them too.
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
#include "standin.h"
#include "sys.h"
#include "text.h"

#define MAX_HELD 4096
#define MAX_IDS (2 * 64 * 65536) /* twice what there is: 64 places, each with so many ids */

static long held[MAX_HELD]; /* where this process has attached segments that were removed */
static int held_count;

static void check(const struct hf_ipc *o, long ret)
{
	if (ret < 0)
		hf_give_up_number("cannot give back the System V object with id ", o->id, ret);
}

/* What is done as another process. */
struct deed {
	void (*act)(const struct hf_ipc *);
	const struct hf_ipc *object;
};

static long act(void *deed)
{
	const struct deed *d = deed;

	d->act(d->object);
	return 0;
}

void hf_as(int32_t pid, void (*fn)(const struct hf_ipc *), const struct hf_ipc *o)
{
	struct deed deed = { fn, o };

	hf_stand_in_surely(pid, act, &deed);
}

/* The end of the record that the object is in. */
static const char *end_of(const struct hf_ipc *o)
{
	const struct hf_rec *rec = (const struct hf_rec *)o - 1;

	return (const char *)rec + rec->length;
}

static void ask_for_id(const char *path, const struct hf_ipc *o)
{
	char text[24];
	struct text t = hf_text(text, sizeof(text));
	long ret;

	if (hf_restart.numbers)
		return;
	hf_add_number(&t, o->id);
	ret = hf_write_file(path, text);
	if (ret < 0)
		hf_give_up_number("cannot ask for the System V id ", o->id, ret);
}

static void check_id(const struct hf_ipc *o, long id)
{
	if (id != o->id)
		hf_give_up_number("cannot get the System V id ", o->id, id < 0 ? id : 0);
}

static long ask_for(const struct hf_ipc *o)
{
	switch (o->kind) {
	case HF_IPC_SHM:
		return sys(__NR_shmget, o->key, o->size, IPC_CREAT | IPC_EXCL | o->mode);
	case HF_IPC_SEM:
		return sys(__NR_semget, o->key, o->size, IPC_CREAT | IPC_EXCL | o->mode);
	default:
		return sys(__NR_msgget, o->key, IPC_CREAT | IPC_EXCL | o->mode);
	}
}

static long control(const struct hf_ipc *o, int id, int command, void *to)
{
	switch (o->kind) {
	case HF_IPC_SHM:
		return sys(__NR_shmctl, id, command, to);
	case HF_IPC_SEM:
		return sys(__NR_semctl, id, 0, command, to);
	default:
		return sys(__NR_msgctl, id, command, to);
	}
}

/* What the job has left when it was killed is as it was made. */
static int is_left(const struct hf_ipc *o)
{
	union {
		struct ipc64_perm perm; /* the first of each */
		struct shmid64_ds segment;
		struct semid64_ds semaphores;
		struct msqid64_ds queue;
	} now;

	if (control(o, o->id, IPC_STAT, &now))
		return 0;
	if (now.perm.key != o->key || (now.perm.mode & 0777) != o->mode || now.perm.cuid != sys(__NR_geteuid))
		return 0;
	if (o->kind == HF_IPC_SHM)
		return now.segment.shm_segsz == o->size && now.segment.shm_cpid == o->creator &&
		       !now.segment.shm_nattch;
	return o->kind != HF_IPC_SEM || now.semaphores.sem_nsems == o->size;
}

/*
 * Where nothing is allowed: the kernel gives ids in turn, too (ipc_idr_alloc). What the job has left is taken over; but
 * for that, those that are not the one go at once.
 */
static void count_up(const struct hf_ipc *o)
{
	long id = is_left(o) ? o->id : -1;

	for (uint32_t n = 0; id != o->id && n < MAX_IDS; n++) {
		id = ask_for(o);
		if (id < 0)
			break;
		if (id != o->id)
			check(o, control(o, (int)id, IPC_RMID, NULL));
	}
	check_id(o, id);
}

static void get(const struct hf_ipc *o)
{
	if (hf_restart.numbers)
		count_up(o);
	else
		check_id(o, ask_for(o));
}

static void make_segment(const struct hf_ipc *o)
{
	long at;

	ask_for_id("/proc/sys/kernel/shm_next_id", o);
	hf_as(o->creator, get, o);
	if (o->flags & HF_IPC_REMOVED) { /* goes with the last that has it: this process, until the others do */
		at = sys(__NR_shmat, o->id, NULL, 0);
		check(o, at);
		check(o, sys(__NR_shmctl, o->id, IPC_RMID, NULL));
		if (held_count < MAX_HELD)
			held[held_count++] = at;
		return;
	}
	if ((uint64_t)(end_of(o) - (const char *)(o + 1)) <
	    o->size) /* attached ones are filled where they are attached */
		return;
	at = sys(__NR_shmat, o->id, NULL, 0);
	check(o, at);
	memcpy((void *)at, o + 1, o->size);
	sys(__NR_shmdt, at);
}

/* One that is 0 was never changed, or is signed later; but what is left may be anything. */
static void make_semaphores(const struct hf_ipc *o)
{
	const struct hf_semaphore *s = (const void *)(o + 1);

	ask_for_id("/proc/sys/kernel/sem_next_id", o);
	get(o);
	for (uint64_t n = 0; n < o->size; n++)
		if (s[n].value || hf_restart.numbers)
			check(o, sys(__NR_semctl, o->id, n, SETVAL, s[n].value));
}

/* The most bytes that may wait in a queue. */
static void set_size(const struct hf_ipc *o, int only_up)
{
	struct msqid64_ds ds;

	check(o, sys(__NR_msgctl, o->id, IPC_STAT, &ds));
	if (ds.msg_qbytes == o->size || (only_up && ds.msg_qbytes > o->size))
		return;
	ds.msg_qbytes = o->size;
	check(o, sys(__NR_msgctl, o->id, IPC_SET, &ds));
}

static void send_empty(const struct hf_ipc *o)
{
	int64_t type = 1;

	check(o, sys(__NR_msgsnd, o->id, &type, 0, IPC_NOWAIT));
}

static void receive_empty(const struct hf_ipc *o)
{
	int64_t type;

	check(o, sys(__NR_msgrcv, o->id, &type, 0, 0, IPC_NOWAIT));
}

static void send_messages(const struct hf_ipc *o)
{
	const char *at = (const char *)(o + 1);

	while (at + sizeof(struct hf_ipc_message) <= end_of(o)) {
		const struct hf_ipc_message *m = (const void *)at;

		check(o, sys(__NR_msgsnd, o->id, &m->type, m->length, IPC_NOWAIT));
		at += sizeof(*m) + ((m->length + 7) & ~7ull);
	}
}

static void forget_messages(const struct hf_ipc *o)
{
	char byte[sizeof(int64_t) + 1];

	while (sys(__NR_msgrcv, o->id, byte, 1, 0, MSG_NOERROR | IPC_NOWAIT) >= 0)
		;
}

static void make_messages(const struct hf_ipc *o)
{
	ask_for_id("/proc/sys/kernel/msg_next_id", o);
	get(o);
	forget_messages(o);
	if (o->receiver) {
		hf_as(o->sender, send_empty, o);
		hf_as(o->receiver, receive_empty, o);
	}
	set_size(o, 1);
	hf_as(o->sender, send_messages, o);
	set_size(o, 0);
}

const struct hf_ipc *hf_next_object(const struct hf_ipc *o)
{
	const struct hf_rec *rec = o ? (const struct hf_rec *)o - 1 : NULL;

	do
		rec = hf_next_record(hf_restart.plan, hf_restart.plan_length, rec);
	while (rec && rec->type != HF_REC_IPC);
	return rec ? (const void *)(rec + 1) : NULL;
}

static void make(const struct hf_ipc *o)
{
	if (o->kind == HF_IPC_SHM)
		make_segment(o);
	else if (o->kind == HF_IPC_SEM)
		make_semaphores(o);
	else
		make_messages(o);
}

/* The limits of the name space that this process is in, for the new one: they may have been raised on this host. */
static void separate(void)
{
	static const char *const limits[] = {
		"/proc/sys/kernel/shmmax",     "/proc/sys/kernel/shmall",
		"/proc/sys/kernel/shmmni",     "/proc/sys/kernel/msgmax",
		"/proc/sys/kernel/msgmnb",     "/proc/sys/kernel/msgmni",
		"/proc/sys/kernel/sem",	       "/proc/sys/fs/mqueue/queues_max",
		"/proc/sys/fs/mqueue/msg_max", "/proc/sys/fs/mqueue/msgsize_max",
	};
	enum { LIMITS = sizeof(limits) / sizeof(*limits) };
	char values[LIMITS][80];
	long ret;

	for (int n = 0; n < LIMITS; n++)
		hf_read_file(limits[n], values[n], sizeof(values[n]));
	ret = sys(__NR_unshare, CLONE_NEWIPC);
	if (ret)
		hf_give_up("cannot make an IPC name space", "", ret);
	for (int n = 0; n < LIMITS; n++)
		hf_write_file(limits[n], values[n]); /* an ordinary user may have to do with the default */
}

static int has_queues(void)
{
	for (uint32_t n = 0; n < hf_restart.head.descriptions; n++)
		if (hf_description(n)->kind == HF_MQUEUE)
			return 1;
	return 0;
}

void hf_make_ipc(void)
{
	const struct hf_ipc *o = hf_next_object(NULL);

	if (!hf_restart.numbers && (o || has_queues()))
		separate();
	for (; o; o = hf_next_object(o))
		make(o);
}

void hf_forget_ipc(void)
{
	for (int n = 0; n < held_count; n++)
		sys(__NR_shmdt, held[n]);
}
