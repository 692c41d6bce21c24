// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel knows of a stopped thread
 *
 * A stopped thread can only be killed meanwhile: then what was read of it is
 * thrown away, and ESRCH returned.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/regset.h>
#include <linux/restart_block.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#include "internal.h"

/*
 * Calls `fn` with the lock of the task's signals; false when it has none any more. As
 * lock_task_sighand(), which is not exported.
 */
static bool hf_with_signals(struct task_struct *task,
			    void (*fn)(struct task_struct *task, void *data), void *data)
{
	struct sighand_struct *sighand;
	bool same = false;

	rcu_read_lock();
	while (!same && (sighand = rcu_dereference(task->sighand))) {
		spin_lock_irq(&sighand->siglock);
		/* It may have been freed and used again, but as one of those. */
		same = sighand == rcu_access_pointer(task->sighand);
		if (same)
			fn(task, data);
		spin_unlock_irq(&sighand->siglock);
	}
	rcu_read_unlock();
	return same;
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

/* What is left until a time of that clock; at least 1. 0: of another clock. */
static u64 hf_left_until(clockid_t clock, s64 time)
{
	s64 now;

	if (clock == CLOCK_MONOTONIC)
		now = ktime_get_ns();
	else if (clock == CLOCK_BOOTTIME)
		now = ktime_get_boottime_ns();
	else
		return 0;
	return max(time - now, 1LL);
}

/* Of a call that the kernel goes on with by itself: it knows when that ends. */
static u64 hf_left_of_block(const struct restart_block *block, long call)
{
	switch (call) {
	case __NR_nanosleep:
	case __NR_clock_nanosleep:
		return hf_left_until(block->nanosleep.clockid, block->nanosleep.expires);
	case __NR_poll:
		return block->poll.has_timeout ?
		       hf_left_until(CLOCK_MONOTONIC, block->poll.tv_sec * NSEC_PER_SEC +
						      block->poll.tv_nsec) : 0;
	case __NR_futex:
		return hf_left_until(CLOCK_MONOTONIC, block->futex.time);
	default:
		return 0;
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
	if (to->restart == HOLDFAST_RESTART_BLOCK)
		to->left_ns = hf_left_of_block(&stop->task->restart_block, to->syscall);
}

static void hf_read_masks(struct task_struct *task, void *data)
{
	struct holdfast_thread *to = data;

	to->blocked = hf_signal_set(&task->blocked);
	to->saved_blocked = hf_signal_set(test_tsk_restore_sigmask(task) ?
					  &task->saved_sigmask : &task->blocked);
	to->pending = hf_signal_set(&task->pending.signal);
	to->process_pending = hf_signal_set(&task->signal->shared_pending.signal);
}

static bool hf_read_thread(struct hf_stop *stop, struct holdfast_thread *to)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	struct task_struct *task = stop->task;
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
	to->robust_list = (__force u64)task->robust_list;
#endif
	to->clear_child_tid = (__force u64)task->clear_child_tid;
	to->fs_base = task->thread.fsbase;
	to->gs_base = task->thread.gsbase;
#ifdef CONFIG_RSEQ
	to->rseq = (__force u64)task->rseq;
#endif
	to->timer_slack_ns = task->timer_slack_ns;
	to->parent_death_signal = task->pdeath_signal;
	to->no_new_privs = task_no_new_privs(task);
	to->personality = task->personality;
	if (!hf_with_signals(task, hf_read_masks, to))
		return false;
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
	ret = member ? hf_check_member(group, member) : -ESRCH;
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
			ret = hf_check_member(group, member);
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

/* Copies of queued signals. */
struct hf_infos {
	bool process;			/* those of the process */
	kernel_siginfo_t *array;	/* owned */
	u32 capacity;
	u32 count;			/* how many there are */
};

static void hf_copy_signals(struct task_struct *task, void *data)
{
	struct hf_infos *infos = data;
	struct sigqueue *queued;
	struct list_head *list;

	list = infos->process ? &task->signal->shared_pending.list : &task->pending.list;
	list_for_each_entry(queued, list, list) {
		if (infos->count < infos->capacity)
			infos->array[infos->count] = queued->info;
		infos->count++;
	}
}

static long hf_write_signals(const struct hf_infos *infos, const struct hf_sink *sink)
{
	for (u32 i = 0; i < min(infos->count, infos->capacity); i++) {
		siginfo_t info;
		long ret;

		copy_siginfo_to_external(&info, &infos->array[i]);
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
	struct hf_infos infos = {
		.process = args->process,
		.capacity = min_t(size_t, sink->size / sizeof(siginfo_t), HF_MOST_SIGNALS),
	};
	long ret = -ESRCH;

	infos.array = kvcalloc(infos.capacity ?: 1, sizeof(*infos.array), GFP_KERNEL_ACCOUNT);
	if (!infos.array)
		return -ENOMEM;
	if (hf_with_signals(stop->task, hf_copy_signals, &infos)) {
		args->count = infos.count;
		ret = hf_write_signals(&infos, sink);
	}
	kvfree(infos.array);
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
