// SPDX-License-Identifier: GPL-2.0-only
/*
 * Let the processes of a restart have their numbers back
 *
 * clone3(2) with set_tid asks for CAP_CHECKPOINT_RESTORE. The grant raises that capability
 * alone in the credentials of the process that asks, from where its children inherit it. They
 * also inherit the marker: a group_info with the same groups, by whose address every holder
 * is found when the grant ends. Each holder then lowers the capability itself, in a task
 * work. An exec loses it, for it can be made neither inheritable nor ambient.
 */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/securebits.h>
#include <linux/slab.h>

#include "internal.h"

#define HF_HOLDERS 64	/* asked to drop it at a time */
#define HF_RETRY_MS 10

/* Capabilities cannot become ambient, and a holder cannot change that. */
#define HF_SECUREBITS (issecure_mask(SECURE_NO_CAP_AMBIENT_RAISE) | \
		       issecure_mask(SECURE_NO_CAP_AMBIENT_RAISE_LOCKED))

bool hf_grants = true;
module_param_named(grants, hf_grants, bool, 0644);
MODULE_PARM_DESC(grants, "let restarts of ordinary users choose process numbers (default: yes)");

/* A holder that was asked to drop the grant. */
struct hf_drop {
	struct callback_head work;	/* owned by the task once queued */
	struct hf_group *group;		/* held */
	struct task_struct *task;	/* held */
	struct list_head node;		/* grant->drops, under group->lock */
};

static bool hf_holds(const struct cred *cred, const struct group_info *marker)
{
	return cred->group_info == marker &&
	       cap_raised(cred->cap_permitted, CAP_CHECKPOINT_RESTORE);
}

kernel_cap_t hf_caps_of_its_own(const struct hf_grant *grant, const struct cred *cred)
{
	const struct group_info *marker = READ_ONCE(grant->marker);
	kernel_cap_t caps = cred->cap_permitted;

	if (marker && hf_holds(cred, marker))
		cap_lower(caps, CAP_CHECKPOINT_RESTORE);
	return caps;
}

/* The restart's image: a folder of the caller's that nobody else writes to. */
static long hf_check_image(int fd)
{
	struct file *file = fget(fd);
	struct inode *inode;
	long ret = 0;

	if (!file)
		return -EBADF;
	inode = file_inode(file);
	if (!S_ISDIR(inode->i_mode))
		ret = -ENOTDIR;
	else if (!uid_eq(inode->i_uid, current_fsuid()) || inode->i_mode & 0022)
		ret = -EPERM;
	fput(file);
	return ret;
}

static long hf_may_have_grant(const struct hf_member *member)
{
	const struct cred *cred = current_cred();

	if (!READ_ONCE(hf_grants))
		return -EOPNOTSUPP;
	if (task_tgid(current) != member->pid || current->mm != member->mm ||
	    !thread_group_empty(current))
		return -EPERM;
	/* What took away its means to get privileges took away this one. */
	if (task_no_new_privs(current) || !cap_raised(cred->cap_bset, CAP_CHECKPOINT_RESTORE))
		return -EPERM;
	if (cred->user_ns != task_active_pid_ns(current)->user_ns)
		return -EPERM;
	return 0;
}

/* A copy of the groups of current, at an address of its own. */
static struct group_info *hf_new_marker(void)
{
	const struct group_info *mine = current_cred()->group_info;
	struct group_info *marker = groups_alloc(mine->ngroups);

	for (int i = 0; marker && i < mine->ngroups; i++)
		marker->gid[i] = mine->gid[i];
	return marker;
}

static void hf_raise(struct cred *cred, struct group_info *marker)
{
	set_groups(cred, marker);
	cap_raise(cred->cap_permitted, CAP_CHECKPOINT_RESTORE);
	cap_raise(cred->cap_effective, CAP_CHECKPOINT_RESTORE);
	cred->securebits |= HF_SECUREBITS;
}

long hf_give_grant(struct hf_group *group, struct hf_member *member,
		   const struct holdfast_grant *args)
{
	struct group_info *marker;
	struct cred *cred;
	long ret;

	if (args->pad || !args->timeout_ns || args->timeout_ns > HOLDFAST_GRANT_MAX_NS)
		return -EINVAL;
	ret = hf_may_have_grant(member) ?: hf_check_image(args->image_fd);
	if (ret)
		return ret;
	if (ns_capable_noaudit(current_user_ns(), CAP_CHECKPOINT_RESTORE))
		return 0;
	marker = hf_new_marker();
	if (!marker)
		return -ENOMEM;
	cred = prepare_creds();
	if (!cred) {
		put_group_info(marker);
		return -ENOMEM;
	}
	mutex_lock(&group->lock);
	ret = group->closed ? -ESHUTDOWN : group->grant.marker ? -EBUSY : 0;
	if (!ret) {
		WRITE_ONCE(group->grant.marker, marker);
		group->grant.securebits = cred->securebits;
		hf_raise(cred, marker);
		commit_creds(cred);
		hf_group_get(group);
		__module_get(THIS_MODULE);
		schedule_delayed_work(&group->revocation, nsecs_to_jiffies(args->timeout_ns));
	}
	mutex_unlock(&group->lock);
	if (ret) {
		abort_creds(cred);
		put_group_info(marker);
	}
	return ret;
}

/* By the holder itself. */
static void hf_drop_own(const struct hf_grant *grant)
{
	struct cred *cred;

	if (!hf_holds(current_cred(), grant->marker))
		return;
	cred = prepare_creds();
	if (!cred) {
		/* It must not keep it. */
		send_sig(SIGKILL, current, 1);
		return;
	}
	cap_lower(cred->cap_permitted, CAP_CHECKPOINT_RESTORE);
	cap_lower(cred->cap_effective, CAP_CHECKPOINT_RESTORE);
	cap_lower(cred->cap_inheritable, CAP_CHECKPOINT_RESTORE);
	cred->securebits = grant->securebits;
	commit_creds(cred);
}

/* What current holds of the group's grant, it holds no more. */
long hf_drop_grant(struct hf_group *group)
{
	struct group_info *marker;

	mutex_lock(&group->lock);
	marker = group->grant.marker;
	mutex_unlock(&group->lock);
	if (!marker)
		return -ENOENT;
	/* Once set, the grant does not change. */
	hf_drop_own(&group->grant);
	return 0;
}

static void hf_drop_work(struct callback_head *work)
{
	struct hf_drop *drop = container_of(work, struct hf_drop, work);
	struct hf_group *group = drop->group;

	if (!(current->flags & PF_EXITING))
		hf_drop_own(&group->grant);
	mutex_lock(&group->lock);
	list_del(&drop->node);
	mutex_unlock(&group->lock);
	put_task_struct(drop->task);
	kfree(drop);
	hf_group_put(group);
	module_put(THIS_MODULE);
}

static bool hf_was_asked(const struct hf_group *group, const struct task_struct *task)
{
	const struct hf_drop *drop;

	lockdep_assert_held(&group->lock);
	list_for_each_entry(drop, &group->grant.drops, node)
		if (drop->task == task)
			return true;
	return false;
}

/* When the task ends, or for want of memory, does nothing: another try comes. */
static void hf_ask_to_drop(struct hf_group *group, struct task_struct *task)
{
	struct hf_drop *drop;

	lockdep_assert_held(&group->lock);
	if (hf_was_asked(group, task))
		return;
	drop = kzalloc(sizeof(*drop), GFP_KERNEL);
	if (!drop)
		return;
	init_task_work(&drop->work, hf_drop_work);
	drop->group = group;
	drop->task = get_task_struct(task);
	hf_group_get(group);
	__module_get(THIS_MODULE);
	list_add(&drop->node, &group->grant.drops);
	if (!task_work_add(task, &drop->work, TWA_SIGNAL))
		return;
	list_del(&drop->node);
	module_put(THIS_MODULE);
	hf_group_put(group);
	put_task_struct(task);
	kfree(drop);
}

/* Holds some tasks that hold the grant. Returns how many. */
static size_t hf_find_holders(const struct group_info *marker,
			      struct task_struct **holders)
{
	struct task_struct *process, *thread;
	size_t count = 0;

	rcu_read_lock();
	for_each_process_thread(process, thread)
		if (count < HF_HOLDERS && !READ_ONCE(thread->exit_state) &&
		    hf_holds(__task_cred(thread), marker))
			holders[count++] = get_task_struct(thread);
	rcu_read_unlock();
	return count;
}

/* The grant's time is up, or its controller says so. */
void hf_revocation_work(struct work_struct *work)
{
	struct hf_group *group = container_of(to_delayed_work(work), struct hf_group,
					      revocation);
	struct task_struct *holders[HF_HOLDERS];
	size_t count;

	mutex_lock(&group->lock);
	count = hf_find_holders(group->grant.marker, holders);
	for (size_t i = 0; i < count; i++) {
		hf_ask_to_drop(group, holders[i]);
		put_task_struct(holders[i]);
	}
	mutex_unlock(&group->lock);
	/* A holder may have forked meanwhile, before it dropped it. */
	if (count) {
		schedule_delayed_work(&group->revocation, msecs_to_jiffies(HF_RETRY_MS));
		return;
	}
	hf_group_put(group);
	module_put(THIS_MODULE);
}

void hf_revoke_grant(struct hf_group *group)
{
	/* One that is not queued has ended already, or was never given. */
	if (delayed_work_pending(&group->revocation))
		mod_delayed_work(system_wq, &group->revocation, 0);
}

void hf_free_grant(struct hf_grant *grant)
{
	if (grant->marker)
		put_group_info(grant->marker);
}
