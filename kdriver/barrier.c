// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bring every thread of a group to the barrier, and let them go
 *
 * The thread itself comes: a task work is queued for it, which the kernel runs
 * before the thread returns to user mode, however it came into the kernel. That is
 * no signal: nothing is pending, no handler runs and no mask matters. TWA_SIGNAL makes
 * an interruptible sleep end, as for a signal, and the call is made again.
 *
 * Queued work cannot be taken back (task_work_cancel() is not exported). So a
 * stop that is given up stays with its thread, marked as released, and a later
 * stop takes it up again. Each queued work holds the module.
 *
 * A thread that has no work yet is found by looking at all threads again when
 * all known ones stand: none of them can make another then.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/fsgsbase.h>

#include "internal.h"

#define HF_LONGEST_NS (3600ULL * NSEC_PER_SEC)

static void hf_free_stop(struct kref *ref)
{
	struct hf_stop *stop = container_of(ref, struct hf_stop, ref);

	put_pid(stop->process);
	put_task_struct(stop->task);
	hf_group_put(stop->group);
	kfree(stop);
}

void hf_put_stop(struct hf_stop *stop)
{
	kref_put(&stop->ref, hf_free_stop);
}

/* Changes `missing`; wakes the controller when the last one is there. */
static void hf_count_missing(struct hf_stop *stop, bool missing)
{
	struct hf_group *group = stop->group;

	lockdep_assert_held(&group->stops_lock);
	if (stop->missing == missing)
		return;
	stop->missing = missing;
	group->missing += missing ? 1 : -1;
	if (!group->missing)
		wake_up(&group->arrivals);
}

/* Takes the stop out of the group's; drops the reference of that. */
static void hf_unlist(struct hf_stop *stop)
{
	lockdep_assert_held(&stop->group->stops_lock);
	hf_count_missing(stop, false);
	stop->state = HF_LEFT;
	hash_del(&stop->node);
	/* Never the last one: the caller has another. */
	hf_put_stop(stop);
}

/* Whether current is inside a wrapper of its interceptor; tells it that it is wanted. */
static bool hf_is_inside(const struct hf_stop *stop)
{
	u32 __user *word;
	u32 inside;

	if (!stop->has_inside)
		return false;
	word = u64_to_user_ptr((u64)(x86_fsbase_read_cpu() + stop->inside));
	/* A thread without TLS, whose word cannot be read, is in no wrapper. */
	if (get_user(inside, word) || !(inside & ~HOLDFAST_INSIDE_WANTED))
		return false;
	return !put_user(inside | HOLDFAST_INSIDE_WANTED, word);
}

/* Leaves the barrier, if nothing has closed it again meanwhile. */
static bool hf_try_leave(struct hf_stop *stop)
{
	struct hf_group *group = stop->group;
	bool leave;

	spin_lock(&group->stops_lock);
	leave = stop->released || fatal_signal_pending(current);
	if (leave)
		hf_unlist(stop);
	spin_unlock(&group->stops_lock);
	return leave;
}

static void hf_stand(struct hf_stop *stop)
{
	struct hf_group *group = stop->group;
	DEFINE_WAIT(wait);

	do {
		/* Not for the load average, nor for the hung task detector. */
		prepare_to_wait(&group->gate, &wait,
				TASK_KILLABLE | TASK_NOLOAD | TASK_FREEZABLE);
		if (!READ_ONCE(stop->released) && !fatal_signal_pending(current))
			schedule();
		finish_wait(&group->gate, &wait);
	} while (!hf_try_leave(stop));
}

/* The queued work: current is the thread that is to be stopped. */
static void hf_arrive(struct callback_head *work)
{
	struct hf_stop *stop = container_of(work, struct hf_stop, work);
	struct hf_group *group = stop->group;
	bool ending = current->flags & PF_EXITING;
	bool inside = !ending && hf_is_inside(stop);
	bool stand = false;

	if (!ending)
		hf_repair_syscall(stop);
	spin_lock(&group->stops_lock);
	if (stop->state != HF_QUEUED) {
		WARN_ON_ONCE(1);
	} else if (ending || stop->released || fatal_signal_pending(current)) {
		hf_unlist(stop);
	} else if (inside) {
		stop->state = HF_INSIDE;
		stop->was_inside = true;
		hf_count_missing(stop, false);
	} else {
		stop->state = HF_STOPPED;
		hf_count_missing(stop, false);
		stand = true;
	}
	spin_unlock(&group->stops_lock);
	if (stand)
		hf_stand(stop);
	hf_put_stop(stop);
	module_put(THIS_MODULE);
}

/*
 * Gives the work to the thread. False, and the stop is in the group no more, when the
 * thread runs nothing any more. The caller holds the stop.
 */
static bool hf_queue(struct hf_stop *stop, enum task_work_notify_mode how)
{
	struct hf_group *group = stop->group;

	kref_get(&stop->ref);
	__module_get(THIS_MODULE);
	if (!task_work_add(stop->task, &stop->work, how))
		return true;
	module_put(THIS_MODULE);
	spin_lock(&group->stops_lock);
	hf_unlist(stop);
	spin_unlock(&group->stops_lock);
	hf_put_stop(stop);
	return false;
}

static struct hf_stop *hf_find_stop(struct hf_group *group,
				    struct task_struct *task)
{
	struct hf_stop *stop;

	lockdep_assert_held(&group->stops_lock);
	hash_for_each_possible(group->stops, stop, node, (unsigned long)task)
		if (stop->task == task)
			return stop;
	return NULL;
}

/* Takes up a stop that was given up. True when there is one for that task. */
static bool hf_take_up(struct hf_group *group, struct task_struct *task,
		       bool *again)
{
	struct hf_stop *stop;

	spin_lock(&group->stops_lock);
	stop = hf_find_stop(group, task);
	if (stop && stop->released) {
		stop->released = false;
		hf_count_missing(stop, stop->state == HF_QUEUED);
		*again = true;
	}
	spin_unlock(&group->stops_lock);
	return stop;
}

/* 1: the thread will come, 0: it has ended; or -ENOMEM. */
static long hf_stop_thread(struct hf_group *group, struct hf_member *member,
			   struct task_struct *task)
{
	struct hf_stop *stop = kzalloc(sizeof(*stop), GFP_KERNEL_ACCOUNT);
	bool queued;

	if (!stop)
		return -ENOMEM;
	kref_init(&stop->ref);
	init_task_work(&stop->work, hf_arrive);
	stop->group = group;
	hf_group_get(group);
	stop->task = get_task_struct(task);
	stop->process = get_pid(member->pid);
	stop->has_inside = member->has_inside;
	stop->inside = member->inside;
	stop->asleep_since = hf_asleep_since(task);
	spin_lock(&group->stops_lock);
	hash_add(group->stops, &stop->node, (unsigned long)task);
	hf_count_missing(stop, true);
	spin_unlock(&group->stops_lock);
	kref_get(&stop->ref);
	queued = hf_queue(stop, TWA_SIGNAL);
	hf_put_stop(stop);
	return queued;
}

/* Holds all threads of the process that are to be stopped. Count or -errno. */
static long hf_threads_of(struct hf_member *member, struct task_struct ***result)
{
	struct task_struct **threads = NULL, *leader, *thread;
	size_t size = 0, count;

	/* Until the array was large enough. */
	do {
		kvfree(threads);
		size = size ? size * 2 : 64;
		threads = kvmalloc_array(size, sizeof(*threads),
					 GFP_KERNEL_ACCOUNT);
		if (!threads)
			return -ENOMEM;
		count = 0;
		rcu_read_lock();
		leader = pid_task(member->pid, PIDTYPE_TGID);
		if (leader)
			for_each_thread(leader, thread) {
				if (task_pid(thread) == member->exempt)
					continue;
				if (count < size)
					threads[count] = get_task_struct(thread);
				count++;
			}
		rcu_read_unlock();
		for (size_t i = 0; count > size && i < size; i++)
			put_task_struct(threads[i]);
	} while (count > size);
	*result = threads;
	return count;
}

/* Why a thread can not be stopped, whatever the time. */
static enum holdfast_reason hf_why_never(const struct hf_group *group,
					 struct hf_member *member,
					 struct task_struct *task)
{
	if (task->flags & (PF_IO_WORKER | PF_KTHREAD))
		return HOLDFAST_REASON_KERNEL_THREAD;
	if (same_thread_group(task, current))
		return HOLDFAST_REASON_DEADLOCK;
	/* Also of an exec that did not close the file: it is another program. */
	if (READ_ONCE(task->mm) && READ_ONCE(task->mm) != member->mm)
		return HOLDFAST_REASON_EXECUTED;
	if (!READ_ONCE(task->mm))
		return HOLDFAST_REASON_NONE;
	return hf_may_control(group, member, task);
}

static void hf_blame(struct holdfast_stop *args, struct pid *process,
		     struct task_struct *task, enum holdfast_reason reason)
{
	struct pid_namespace *ns = task_active_pid_ns(current);

	args->pid = pid_nr_ns(process, ns);
	args->tid = task_pid_nr_ns(task, ns);
	args->reason = reason;
}

/* Queues the work for each thread that has none. Sets `again` when one had. */
static long hf_stop_member(struct hf_group *group, struct hf_member *member,
			   struct holdfast_stop *args, bool *again)
{
	struct task_struct **threads;
	long count = hf_threads_of(member, &threads);
	long ret = 0;

	if (count < 0)
		return count;
	for (long i = 0; i < count; i++) {
		enum holdfast_reason reason;

		if (ret || hf_take_up(group, threads[i], again))
			goto next;
		reason = hf_why_never(group, member, threads[i]);
		if (reason) {
			hf_blame(args, member->pid, threads[i], reason);
			ret = -EPERM;
			goto next;
		}
		ret = hf_stop_thread(group, member, threads[i]);
		if (ret > 0) {
			*again = true;
			ret = 0;
		}
next:
		put_task_struct(threads[i]);
	}
	kvfree(threads);
	return ret;
}

static long hf_stop_members(struct hf_group *group, struct holdfast_stop *args,
			    bool *again)
{
	struct hf_member *member;
	long ret = 0;

	lockdep_assert_held(&group->lock);
	*again = false;
	list_for_each_entry(member, &group->members, node) {
		ret = hf_stop_member(group, member, args, again);
		if (ret)
			break;
	}
	return ret;
}

/* Lets the threads go whose process it is; all when `process` is NULL. */
static u32 hf_release(struct hf_group *group, struct pid *process)
{
	struct hlist_node *next;
	struct hf_stop *stop;
	u32 count = 0;
	int bucket;

	spin_lock(&group->stops_lock);
	hash_for_each_safe(group->stops, bucket, next, stop, node) {
		if (stop->released || (process && stop->process != process))
			continue;
		count += stop->state == HF_STOPPED;
		hf_count_missing(stop, false);
		WRITE_ONCE(stop->released, true);
		if (stop->state == HF_INSIDE) {
			kref_get(&stop->ref);
			hf_unlist(stop);
			hf_put_stop(stop);
		}
	}
	spin_unlock(&group->stops_lock);
	wake_up_all(&group->gate);
	return count;
}

void hf_resume_process(struct hf_group *group, struct pid *process)
{
	lockdep_assert_held(&group->lock);
	hf_release(group, process);
}

long hf_resume_own(struct hf_group *group, struct hf_member *member,
		   struct holdfast_resume *args)
{
	if (task_tgid(current) != member->pid)
		return -EPERM;
	mutex_lock(&group->lock);
	*args = (struct holdfast_resume) { .threads = hf_release(group, member->pid) };
	mutex_unlock(&group->lock);
	return 0;
}

void hf_resume_group(struct hf_group *group, struct holdfast_resume *args)
{
	u32 threads;

	mutex_lock(&group->lock);
	group->resumes++;
	threads = hf_release(group, NULL);
	if (args) {
		*args = (struct holdfast_resume) { .threads = threads };
		if (group->stopped)
			args->stopped_ns = ktime_get_ns() - group->stop_began;
	}
	group->stopped = false;
	mutex_unlock(&group->lock);
	wake_up(&group->arrivals);
}

/* A stop whose thread was inside a wrapper, held, to be queued again; or NULL. */
static struct hf_stop *hf_next_inside(struct hf_group *group)
{
	struct hf_stop *stop, *found = NULL;
	int bucket;

	spin_lock(&group->stops_lock);
	hash_for_each(group->stops, bucket, stop, node)
		if (!found && stop->state == HF_INSIDE) {
			found = stop;
			kref_get(&stop->ref);
			stop->state = HF_QUEUED;
			hf_count_missing(stop, true);
		}
	spin_unlock(&group->stops_lock);
	return found;
}

/* Asks the threads again that were inside a wrapper, without ending a call there. */
static void hf_ask_again(struct hf_group *group)
{
	struct hf_stop *stop;

	while ((stop = hf_next_inside(group))) {
		if (hf_queue(stop, TWA_RESUME))
			kick_process(stop->task);
		hf_put_stop(stop);
	}
}

/*
 * A thread that SIGSTOP has stopped comes to the barrier before it returns to user mode,
 * but only after SIGCONT: it counts as stopped.
 */
static bool hf_is_job_stopped(const struct hf_stop *stop)
{
	return stop->state == HF_QUEUED && task_is_stopped(stop->task);
}

/* A stop that is still missed, held; NULL when all threads stand. */
static struct hf_stop *hf_first_missing(struct hf_group *group)
{
	struct hf_stop *stop, *found = NULL;
	int bucket;

	spin_lock(&group->stops_lock);
	hash_for_each(group->stops, bucket, stop, node)
		if (!found && stop->state != HF_STOPPED && !stop->released &&
		    !hf_is_job_stopped(stop)) {
			found = stop;
			kref_get(&stop->ref);
		}
	spin_unlock(&group->stops_lock);
	return found;
}

static enum holdfast_reason hf_why_missing(const struct hf_stop *stop)
{
	unsigned int state = READ_ONCE(stop->task->__state);

	if (READ_ONCE(stop->was_inside))
		return HOLDFAST_REASON_INSIDE;
	if (state & __TASK_TRACED)
		return HOLDFAST_REASON_TRACED;
	if (state & TASK_UNINTERRUPTIBLE)
		return HOLDFAST_REASON_UNINTERRUPTIBLE;
	return HOLDFAST_REASON_RUNNING;
}

/* Waits a little for threads to arrive. 1: all are there, 0: not yet. */
static long hf_await_arrivals(struct hf_group *group, u32 resumes)
{
	struct hf_stop *missing;
	long ret;

	ret = wait_event_interruptible_timeout(group->arrivals,
					       !READ_ONCE(group->missing) ||
					       READ_ONCE(group->resumes) != resumes, 1);
	if (ret < 0)
		return ret;
	if (READ_ONCE(group->resumes) != resumes)
		return -ECANCELED;
	missing = hf_first_missing(group);
	if (!missing)
		return 1;
	hf_put_stop(missing);
	hf_ask_again(group);
	return 0;
}

/* Says who is late, when the time is up. */
static long hf_time_is_up(struct hf_group *group, struct holdfast_stop *args)
{
	struct hf_stop *missing = hf_first_missing(group);

	if (missing) {
		hf_blame(args, missing->process, missing->task,
			 hf_why_missing(missing));
		hf_put_stop(missing);
	} else {
		args->reason = HOLDFAST_REASON_CHURN;
	}
	return -ETIMEDOUT;
}

static long hf_bring_all(struct hf_group *group, struct holdfast_stop *args,
			 u64 deadline, u32 resumes)
{
	bool again;
	long ret;

	for (;;) {
		mutex_lock(&group->lock);
		ret = group->resumes == resumes ?
		      hf_stop_members(group, args, &again) : -ECANCELED;
		mutex_unlock(&group->lock);
		if (ret || !again)
			return ret;
		do {
			ret = hf_await_arrivals(group, resumes);
			if (!ret && ktime_get_ns() >= deadline)
				return hf_time_is_up(group, args);
		} while (!ret);
		if (ret < 0)
			return ret;
		if (ktime_get_ns() >= deadline)
			return hf_time_is_up(group, args);
	}
}

static void hf_count_stopped(struct hf_group *group, struct holdfast_stop *args)
{
	struct hf_member *member;
	struct hf_stop *stop;
	int bucket;

	lockdep_assert_held(&group->lock);
	spin_lock(&group->stops_lock);
	list_for_each_entry(member, &group->members, node) {
		u32 before = args->threads;

		hash_for_each(group->stops, bucket, stop, node)
			args->threads += stop->process == member->pid;
		args->processes += args->threads != before;
	}
	spin_unlock(&group->stops_lock);
}

long hf_stop_group(struct hf_group *group, struct holdfast_stop *args)
{
	u64 began = ktime_get_ns();
	u64 timeout = min(args->timeout_ns, HF_LONGEST_NS);
	u32 resumes;
	long ret;

	*args = (struct holdfast_stop) { .timeout_ns = args->timeout_ns };
	mutex_lock(&group->lock);
	ret = group->stopping ? -EBUSY : 0;
	group->stopping = true;
	resumes = group->resumes;
	mutex_unlock(&group->lock);
	if (ret)
		return ret;
	ret = hf_bring_all(group, args, began + timeout, resumes);
	mutex_lock(&group->lock);
	group->stopping = false;
	if (!ret && group->resumes != resumes)
		ret = -ECANCELED;
	if (!ret) {
		if (!group->stopped)
			group->stop_began = began;
		group->stopped = true;
		hf_count_stopped(group, args);
	} else if (group->resumes == resumes) {
		hf_release(group, NULL);
		group->stopped = false;
	}
	mutex_unlock(&group->lock);
	args->took_ns = ktime_get_ns() - began;
	return ret == -ERESTARTSYS ? -EINTR : ret;
}

/* Whether the thread stands at the barrier and is off its processor. */
bool hf_still_stopped(struct hf_stop *stop)
{
	bool stopped;

	spin_lock(&stop->group->stops_lock);
	stopped = !stop->released && (stop->state == HF_STOPPED || hf_is_job_stopped(stop));
	spin_unlock(&stop->group->stops_lock);
	return stopped;
}

/*
 * The stop of the thread with that number in the caller's pid name space, held, when it
 * stands; NULL otherwise. Its registers are in memory: it was scheduled away.
 */
struct hf_stop *hf_find_stopped(struct hf_group *group, s32 tid)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	struct hf_stop *stop, *found = NULL;
	int bucket;

	spin_lock(&group->stops_lock);
	hash_for_each(group->stops, bucket, stop, node)
		if (!found && tid > 0 && task_pid_nr_ns(stop->task, ns) == tid) {
			found = stop;
			kref_get(&stop->ref);
		}
	spin_unlock(&group->stops_lock);
	if (found && !hf_still_stopped(found)) {
		hf_put_stop(found);
		return NULL;
	}
	while (found && READ_ONCE(found->task->on_cpu))
		cond_resched();
	return found;
}

/* Any thread of the process that stands, held, or NULL. */
struct hf_stop *hf_first_stopped(struct hf_group *group, struct pid *process)
{
	struct hf_stop *stop, *found = NULL;
	int bucket;

	spin_lock(&group->stops_lock);
	hash_for_each(group->stops, bucket, stop, node)
		if (!found && stop->process == process && !stop->released &&
		    (stop->state == HF_STOPPED || hf_is_job_stopped(stop))) {
			found = stop;
			kref_get(&stop->ref);
		}
	spin_unlock(&group->stops_lock);
	return found;
}
