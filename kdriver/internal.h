/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver's files share
 *
 * Who owns whom: an open file of the device (struct hf_file) holds its group.
 * A group holds its members and its stops; a stop holds its group, and its
 * thread's task. A group lives until the last file and the last stop are gone; it
 * is closed, and everything in it goes on, when its controller's file is.
 *
 * Lock order: hf_file.lock, hf_groups_lock, hf_group.lock, hf_group.stops_lock.
 * hf_memory.lock is taken before a process's mmap_lock, and no other with it. The
 * task's own locks (alloc_lock, siglock) are taken last. No lock is held while
 * a thread stands at the barrier, or while the controller waits for it.
 */
#ifndef HOLDFAST_INTERNAL_H
#define HOLDFAST_INTERNAL_H

#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <holdfast.h>

/* A process of a group. */
struct hf_member {
	struct list_head node;		/* group->members, under group->lock */
	/* Set when made, never changed. */
	struct pid *pid;		/* held: of the process */
	struct mm_struct *mm;		/* held (mm_count): tells an exec */
	struct pid *exempt;		/* held: thread that is not stopped, or NULL */
	bool added;			/* by HOLDFAST_ADD: it has no file */
	bool has_inside;
	s64 inside;			/* of struct holdfast_join */
};

enum hf_stop_state {
	HF_QUEUED,	/* the thread will come to hf_arrive() */
	HF_STOPPED,	/* it stands there */
	HF_INSIDE,	/* it came, but is in a wrapper: asked again */
	HF_LEFT,	/* it went on, or ended; not in group->stops any more */
};

/* A thread that is stopped, or is to be stopped. */
struct hf_stop {
	struct kref ref;		/* of group->stops, of the queued work */
	struct callback_head work;	/* owned by the task while queued */
	/* Set when made, never changed. */
	struct hf_group *group;		/* held */
	struct task_struct *task;	/* held */
	struct pid *process;		/* held */
	bool has_inside;
	s64 inside;
	/* Under group->stops_lock. */
	struct hlist_node node;		/* group->stops */
	enum hf_stop_state state;
	bool was_inside;		/* when it was asked last */
	bool missing;			/* counted in group->missing */
	bool released;			/* may go on; read without the lock, too */
	/* Written by the controller before the work is queued, then by the
	 * thread until it is HF_STOPPED; then constant.
	 */
	u64 asleep_since;		/* sched_clock_cpu(), 0: was not asleep */
	u64 left_ns;
};

/* The ability to choose process numbers, held by processes of a group. */
struct hf_grant {
	struct group_info *marker;	/* held; NULL: none was given. Set once */
	unsigned int securebits;	/* of the process before. Set once */
	struct list_head drops;		/* of struct hf_drop, under group->lock */
};

struct hf_group {
	struct kref ref;
	/* Set when made, never changed. */
	struct holdfast_token token;
	siphash_key_t identity_key;
	kuid_t owner;
	struct user_namespace *user_ns;	/* held */
	struct list_head node;		/* hf_groups, under hf_groups_lock */

	struct mutex lock;		/* of the members and of what is done to them */
	/* Under lock. */
	struct list_head members;
	bool closed;			/* the controller is gone */
	bool stopping;			/* a HOLDFAST_STOP is under way */
	bool stopped;
	u64 stop_began;			/* ktime_get_ns() */
	u32 resumes;			/* tells a stop that it was given up */
	struct hf_grant grant;

	spinlock_t stops_lock;		/* of the stops, also of their state */
	/* Under stops_lock. */
	DECLARE_HASHTABLE(stops, 8);	/* by task */
	unsigned int missing;		/* stops that have not arrived */

	wait_queue_head_t arrivals;	/* where HOLDFAST_STOP waits */
	wait_queue_head_t gate;		/* where the stopped threads wait */
	struct delayed_work revocation;	/* holds the group while queued */
};

/*
 * Where a call puts its list: into the caller's memory, or behind the reply to
 * a written command.
 */
struct hf_sink {
	void __user *user;
	void *kernel;		/* when not NULL: instead */
	size_t size;		/* bytes that there is room for */
};

/* The memory of a member, behind an open file. */
struct hf_memory {
	/* Set when made, never changed. */
	struct hf_member member;	/* pid and mm alone, both held */
	struct mutex lock;		/* of pos */
	/* Under lock. */
	unsigned long pos;		/* where the next run is looked for */
};

/* device.c */
bool hf_is_owner(const struct hf_group *group);
/* Writes one more thing of a list, if there is room. */
long hf_emit(const struct hf_sink *sink, size_t index, const void *from, size_t size);

/* group.c */
extern const struct file_operations *hf_proc_mem_fops;
struct hf_group *hf_group_create(void);
void hf_group_get(struct hf_group *group);
void hf_group_put(struct hf_group *group);
void hf_group_close(struct hf_group *group);
struct hf_member *hf_group_join(const struct holdfast_join *args,
				struct hf_group **group);
void hf_group_leave(struct hf_group *group, struct hf_member *member);
long hf_group_add(struct hf_group *group, const struct holdfast_add *args);
struct hf_group *hf_find_group(const struct holdfast_token *token);
bool hf_is_member(struct hf_group *group, const struct hf_member *like);
struct hf_member *hf_find_member(struct hf_group *group, s32 pid);
enum holdfast_reason hf_may_control(const struct hf_group *group,
				    const struct hf_member *member,
				    struct task_struct *task);
long hf_check_member(const struct hf_group *group, const struct hf_member *member);
long hf_group_members(struct hf_group *group, struct holdfast_list *list,
		      const struct hf_sink *sink);

/* barrier.c */
long hf_stop_group(struct hf_group *group, struct holdfast_stop *args);
void hf_resume_group(struct hf_group *group, struct holdfast_resume *args);
long hf_resume_own(struct hf_group *group, struct hf_member *member,
		   struct holdfast_resume *args);
void hf_resume_process(struct hf_group *group, struct pid *process);
struct hf_stop *hf_find_stopped(struct hf_group *group, s32 tid);
struct hf_stop *hf_first_stopped(struct hf_group *group, struct pid *process);
bool hf_still_stopped(struct hf_stop *stop);
void hf_put_stop(struct hf_stop *stop);

/* syscall.c */
u64 hf_asleep_since(struct task_struct *task);
void hf_repair_syscall(struct hf_stop *stop);

/* state.c */
long hf_list_threads(struct hf_group *group, struct holdfast_list *list,
		     const struct hf_sink *sink);
long hf_read_regset(struct hf_group *group, struct holdfast_regset *args,
		    const struct hf_sink *sink);
long hf_read_signals(struct hf_group *group, struct holdfast_signals *args,
		     const struct hf_sink *sink);

/* memory.c */
struct hf_memory *hf_memory_open(const struct holdfast_memory *args,
				 struct hf_group **group);
void hf_memory_close(struct hf_memory *memory);
ssize_t hf_memory_at(struct hf_group *group, struct hf_memory *memory,
		     char __user *buf, size_t size, loff_t pos, bool write);
ssize_t hf_memory_read_runs(struct hf_group *group, struct hf_memory *memory,
			    char __user *buf, size_t size);
ssize_t hf_memory_write_runs(struct hf_group *group, struct hf_memory *memory,
			     char __user *buf, size_t size);
loff_t hf_memory_seek(struct hf_memory *memory, loff_t offset, int whence);

/* identity.c */
long hf_list_files(struct hf_group *group, struct holdfast_list *list,
		   const struct hf_sink *sink);
long hf_list_areas(struct hf_group *group, struct holdfast_list *list,
		   const struct hf_sink *sink);

/* grant.c */
extern bool hf_grants;
/* What the process has without the group's grant. */
kernel_cap_t hf_caps_of_its_own(const struct hf_grant *grant, const struct cred *cred);
long hf_give_grant(struct hf_group *group, struct hf_member *member,
		   const struct holdfast_grant *args);
long hf_drop_grant(struct hf_group *group);
void hf_revoke_grant(struct hf_group *group);
void hf_revocation_work(struct work_struct *work);
void hf_free_grant(struct hf_grant *grant);

#endif
