// SPDX-License-Identifier: GPL-2.0-only
/*
 * state.c - what the kernel knows of a stopped thread
 *
 * A stopped thread can only be killed meanwhile: then what was read of it is
 * thrown away, and ESRCH returned.
 */
#include <linux/mm.h>
#include <linux/regset.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>

#include "holdfast.h"

/*
 * As lock_task_sighand(), which is not exported: the lock of the task's signals, or NULL
 * when it has none any more.
 */
static struct sighand_struct *hf_lock_signals(struct task_struct *task)
{
	struct sighand_struct *sighand;

	rcu_read_lock();
	for (;;) {
		sighand = rcu_dereference(task->sighand);
		if (!sighand)
			break;
		spin_lock_irq(&sighand->siglock);
		/* It may have been freed and used again, but as one of those. */
		if (sighand == rcu_access_pointer(task->sighand))
			break;
		spin_unlock_irq(&sighand->siglock);
	}
	rcu_read_unlock();
	return sighand;
}

static u64 hf_signal_set(const sigset_t *set)
{
	return set->sig[0];
}

static enum holdfast_restart hf_restart_of(long result)
{
	switch (result) {
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
		return HOLDFAST_RESTART_AGAIN;
	case -ERESTART_RESTARTBLOCK:
		return HOLDFAST_RESTART_BLOCK;
	default:
		return HOLDFAST_RESTART_NONE;
	}
}

static void hf_read_call(struct hf_stop *stop, struct holdfast_thread *to)
{
	struct pt_regs *regs = task_pt_regs(stop->task);

	to->syscall = -1;
	if ((long)regs->orig_ax < 0)
		return;
	to->syscall = regs->orig_ax;
	to->result = regs->ax;
	to->restart = hf_restart_of(regs->ax);
	to->left_ns = stop->left_ns;
}

static bool hf_read_thread(struct hf_stop *stop, struct holdfast_thread *to)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	struct task_struct *task = stop->task;
	struct sighand_struct *sighand;
	struct pid *pid = get_task_pid(task, PIDTYPE_PID);

	*to = (struct holdfast_thread) {};
	if (pid) {
		to->tid = pid_nr_ns(pid, ns);
		to->own_tid = pid->numbers[pid->level].nr;
	}
	put_pid(pid);
	while (READ_ONCE(task->on_cpu))
		cond_resched();
	hf_read_call(stop, to);
	to->altstack = task->sas_ss_sp;
	to->altstack_size = task->sas_ss_size;
	to->altstack_flags = task->sas_ss_flags;
#ifdef CONFIG_FUTEX
	to->robust_list = (u64)(unsigned long)task->robust_list;
#endif
	to->clear_child_tid = (u64)(unsigned long)task->clear_child_tid;
	to->fs_base = task->thread.fsbase;
	to->gs_base = task->thread.gsbase;
	sighand = hf_lock_signals(task);
	if (!sighand)
		return false;
	to->blocked = hf_signal_set(&task->blocked);
	to->saved_blocked = hf_signal_set(test_tsk_restore_sigmask(task) ?
					  &task->saved_sigmask : &task->blocked);
	to->pending = hf_signal_set(&task->pending.signal);
	to->process_pending = hf_signal_set(&task->signal->shared_pending.signal);
	spin_unlock_irq(&sighand->siglock);
	to->where = READ_ONCE(stop->state) == HF_STOPPED ? HOLDFAST_AT_BARRIER :
							    HOLDFAST_JOB_STOPPED;
	return hf_still_stopped(stop);
}

/* The stopped threads of the process, held. Count or -errno. */
static long hf_stops_of(struct hf_group *group, struct pid *process,
			struct hf_stop ***result)
{
	struct hf_stop **stops = NULL, *stop;
	size_t size = 0, count;
	int bucket;

	do {
		kvfree(stops);
		size = size ? size * 2 : 64;
		stops = kvmalloc_array(size, sizeof(*stops), GFP_KERNEL_ACCOUNT);
		if (!stops)
			return -ENOMEM;
		count = 0;
		spin_lock(&group->stops_lock);
		hash_for_each(group->stops, bucket, stop, node)
			if (stop->process == process && count++ < size)
				stops[count - 1] = stop;
		for (size_t i = 0; count <= size && i < count; i++)
			kref_get(&stops[i]->ref);
		spin_unlock(&group->stops_lock);
	} while (count > size);
	*result = stops;
	return count;
}

static long hf_write_threads(struct hf_stop **stops, size_t count,
			     struct holdfast_list *list, const struct hf_sink *sink)
{
	long ret;

	list->count = 0;
	for (size_t i = 0; i < count; i++) {
		struct holdfast_thread thread;

		if (!hf_still_stopped(stops[i]) || !hf_read_thread(stops[i], &thread))
			continue;
		ret = hf_emit(sink, list->count, &thread, sizeof(thread));
		if (ret)
			return ret;
		list->count++;
	}
	return 0;
}

long hf_list_threads(struct hf_group *group, struct holdfast_list *list,
		     const struct hf_sink *sink)
{
	struct hf_member *member;
	struct hf_stop **stops;
	long count, ret;

	mutex_lock(&group->lock);
	member = hf_find_member(group, list->pid);
	ret = member ? hf_check_member(member) : -ESRCH;
	count = ret ?: hf_stops_of(group, member->pid, &stops);
	mutex_unlock(&group->lock);
	if (count < 0)
		return count;
	ret = hf_write_threads(stops, count, list, sink);
	for (long i = 0; i < count; i++)
		hf_put_stop(stops[i]);
	kvfree(stops);
	return ret;
}

/*
 * The stop of that thread, held, if the caller may look at it. A member that changed its
 * user since it was stopped is stopped, too, so this can only have been done before.
 */
static struct hf_stop *hf_get_stopped(struct hf_group *group, s32 tid)
{
	struct hf_stop *stop = hf_find_stopped(group, tid);
	struct hf_member *member;
	long ret = -ESRCH;

	if (!stop)
		return ERR_PTR(-ESRCH);
	mutex_lock(&group->lock);
	list_for_each_entry(member, &group->members, node)
		if (member->pid == stop->process)
			ret = hf_check_member(member);
	mutex_unlock(&group->lock);
	if (!ret)
		return stop;
	hf_put_stop(stop);
	return ERR_PTR(ret);
}

static const struct user_regset *hf_find_regset(struct task_struct *task, u32 note)
{
	const struct user_regset_view *view = task_user_regset_view(task);

	for (unsigned int i = 0; i < view->n; i++)
		if (view->regsets[i].core_note_type == note)
			return &view->regsets[i];
	return NULL;
}

static long hf_copy_regset(struct hf_stop *stop, struct holdfast_regset *args,
			   const struct hf_sink *sink)
{
	const struct user_regset *regset = hf_find_regset(stop->task, args->note);
	void *data;
	long ret;
	int size;

	if (!regset)
		return -EINVAL;
	if (regset->active && regset->active(stop->task, regset) <= 0)
		return -ENODATA;
	size = regset_get_alloc(stop->task, regset, regset->n * regset->size, &data);
	if (size < 0)
		return size;
	if (!hf_still_stopped(stop))
		ret = -ESRCH;
	else if (size > sink->size)
		ret = -ENOSPC;
	else
		ret = hf_emit(sink, 0, data, size);
	args->size = size;
	kvfree(data);
	return ret;
}

long hf_read_regset(struct hf_group *group, struct holdfast_regset *args,
		    const struct hf_sink *sink)
{
	struct hf_stop *stop;
	long ret;

	if (args->pad)
		return -EINVAL;
	stop = hf_get_stopped(group, args->tid);
	if (IS_ERR(stop))
		return PTR_ERR(stop);
	ret = hf_copy_regset(stop, args, sink);
	hf_put_stop(stop);
	return ret;
}

/* Copies queued signals, as many as fit; returns how many there are. */
static u32 hf_copy_signals(struct sigpending *pending, kernel_siginfo_t *to,
			   u32 capacity)
{
	struct sigqueue *queued;
	u32 count = 0;

	list_for_each_entry(queued, &pending->list, list) {
		if (count < capacity)
			to[count] = queued->info;
		count++;
	}
	return count;
}

static long hf_write_signals(const kernel_siginfo_t *from, u32 count,
			     const struct hf_sink *sink)
{
	for (u32 i = 0; i < count; i++) {
		siginfo_t info;
		long ret;

		copy_siginfo_to_external(&info, &from[i]);
		ret = hf_emit(sink, i, &info, sizeof(info));
		if (ret)
			return ret;
	}
	return 0;
}

#define HF_MOST_SIGNALS 65536U

static long hf_collect_signals(struct hf_stop *stop, struct holdfast_signals *args,
			       const struct hf_sink *sink)
{
	u32 capacity = min_t(size_t, sink->size / sizeof(siginfo_t), HF_MOST_SIGNALS);
	struct task_struct *task = stop->task;
	struct sighand_struct *sighand;
	kernel_siginfo_t *infos;
	long ret;

	infos = kvcalloc(capacity ?: 1, sizeof(*infos), GFP_KERNEL_ACCOUNT);
	if (!infos)
		return -ENOMEM;
	sighand = hf_lock_signals(task);
	ret = sighand ? 0 : -ESRCH;
	if (sighand) {
		args->count = hf_copy_signals(args->process ? &task->signal->shared_pending :
							      &task->pending, infos, capacity);
		spin_unlock_irq(&sighand->siglock);
		ret = hf_write_signals(infos, min(capacity, args->count), sink);
	}
	kvfree(infos);
	if (!ret && !hf_still_stopped(stop))
		ret = -ESRCH;
	return ret;
}

long hf_read_signals(struct hf_group *group, struct holdfast_signals *args,
		     const struct hf_sink *sink)
{
	struct hf_stop *stop;
	long ret;

	if (args->pad || args->process > 1)
		return -EINVAL;
	stop = hf_get_stopped(group, args->tid);
	if (IS_ERR(stop))
		return PTR_ERR(stop);
	ret = hf_collect_signals(stop, args, sink);
	hf_put_stop(stop);
	return ret;
}
