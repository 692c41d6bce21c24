// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processes of a job's incarnation, and who may control them
 *
 * A process is known by its struct pid, which is never used again for another,
 * and by its struct mm_struct, which an exec replaces.
 */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/rcupdate.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <crypto/algapi.h>

#include "internal.h"

const struct file_operations *hf_proc_mem_fops;

static DEFINE_MUTEX(hf_groups_lock);
static LIST_HEAD(hf_groups);		/* of open controllers; holds no group */

struct hf_group *hf_group_create(void)
{
	struct hf_group *group = kzalloc(sizeof(*group), GFP_KERNEL_ACCOUNT);

	if (!group)
		return ERR_PTR(-ENOMEM);
	kref_init(&group->ref);
	get_random_bytes(&group->token, sizeof(group->token));
	get_random_bytes(&group->identity_key, sizeof(group->identity_key));
	group->owner = current_uid();
	group->user_ns = get_user_ns(current_user_ns());
	mutex_init(&group->lock);
	INIT_LIST_HEAD(&group->members);
	INIT_LIST_HEAD(&group->grant.drops);
	spin_lock_init(&group->stops_lock);
	hash_init(group->stops);
	init_waitqueue_head(&group->arrivals);
	init_waitqueue_head(&group->gate);
	INIT_DELAYED_WORK(&group->revocation, hf_revocation_work);
	mutex_lock(&hf_groups_lock);
	list_add(&group->node, &hf_groups);
	mutex_unlock(&hf_groups_lock);
	return group;
}

void hf_group_get(struct hf_group *group)
{
	kref_get(&group->ref);
}

static void hf_group_free(struct kref *ref)
{
	struct hf_group *group = container_of(ref, struct hf_group, ref);

	WARN_ON(!list_empty(&group->members) || !hash_empty(group->stops));
	hf_free_grant(&group->grant);
	put_user_ns(group->user_ns);
	kfree_sensitive(group);
}

void hf_group_put(struct hf_group *group)
{
	kref_put(&group->ref, hf_group_free);
}

static void hf_free_member(struct hf_member *member)
{
	put_pid(member->exempt);
	put_pid(member->pid);
	mmdrop(member->mm);
	kfree(member);
}

/* Whether the process lives and has not run another program since. */
static bool hf_is_live(const struct hf_member *member)
{
	struct task_struct *leader, *thread;
	bool live = false;

	rcu_read_lock();
	leader = pid_task(member->pid, PIDTYPE_TGID);
	if (leader)
		for_each_thread(leader, thread)
			live |= READ_ONCE(thread->mm) == member->mm;
	rcu_read_unlock();
	return live;
}

/* The live member with that number in the caller's pid name space. */
struct hf_member *hf_find_member(struct hf_group *group, s32 pid)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	struct hf_member *member;

	lockdep_assert_held(&group->lock);
	if (pid <= 0)
		return NULL;
	list_for_each_entry(member, &group->members, node)
		if (pid_nr_ns(member->pid, ns) == pid && hf_is_live(member))
			return member;
	return NULL;
}

/* Whether a process, known by pid and mm, is still in the group. */
bool hf_is_member(struct hf_group *group, const struct hf_member *like)
{
	struct hf_member *member;
	bool found = false;

	mutex_lock(&group->lock);
	list_for_each_entry(member, &group->members, node)
		found |= member->pid == like->pid && member->mm == like->mm;
	found &= !group->closed;
	mutex_unlock(&group->lock);
	return found;
}

/*
 * What ptrace asks of a caller that wants to attach: the same user in all three ids, no
 * capability that the caller lacks, and a process that may be dumped. `task` is the
 * member's; the caller is current.
 */
enum holdfast_reason hf_may_control(const struct hf_group *group,
				    const struct hf_member *member,
				    struct task_struct *task)
{
	const struct cred *mine = current_cred();
	const struct cred *its = get_task_cred(task);
	enum holdfast_reason reason = HOLDFAST_REASON_NONE;

	if (!uid_eq(mine->uid, its->uid) || !uid_eq(mine->uid, its->euid) ||
	    !uid_eq(mine->uid, its->suid) || !gid_eq(mine->gid, its->gid) ||
	    !gid_eq(mine->gid, its->egid) || !gid_eq(mine->gid, its->sgid) ||
	    its->user_ns != mine->user_ns ||
	    !cap_issubset(hf_caps_of_its_own(&group->grant, its), mine->cap_permitted))
		reason = HOLDFAST_REASON_CREDENTIALS;
	else if (get_dumpable(member->mm) != SUID_DUMP_USER)
		reason = HOLDFAST_REASON_UNDUMPABLE;
	/* Asked last, for it is noted when it helps, and logged when it does not. */
	if (reason && ns_capable(its->user_ns, CAP_SYS_PTRACE))
		reason = HOLDFAST_REASON_NONE;
	put_cred(its);
	return reason;
}

/* 0, -ESRCH when the member is gone, -EPERM when it is not the caller's. */
long hf_check_member(const struct hf_group *group, const struct hf_member *member)
{
	struct task_struct *task = get_pid_task(member->pid, PIDTYPE_TGID);
	long ret;

	if (!task)
		return -ESRCH;
	if (!hf_is_live(member))
		ret = -ESRCH;
	else
		ret = hf_may_control(group, member, task) ? -EPERM : 0;
	put_task_struct(task);
	return ret;
}

/* The open group of that token, held. */
struct hf_group *hf_find_group(const struct holdfast_token *token)
{
	struct hf_group *group, *found = NULL;

	mutex_lock(&hf_groups_lock);
	list_for_each_entry(group, &hf_groups, node)
		if (!crypto_memneq(&group->token, token, sizeof(*token)))
			found = group;
	/* The controller's file, which is in the list, holds it. */
	if (found)
		hf_group_get(found);
	mutex_unlock(&hf_groups_lock);
	return found;
}

static struct hf_member *hf_new_member(struct pid *pid, struct mm_struct *mm)
{
	struct hf_member *member = kzalloc(sizeof(*member), GFP_KERNEL_ACCOUNT);

	if (!member)
		return ERR_PTR(-ENOMEM);
	member->pid = get_pid(pid);
	member->mm = mm;
	mmgrab(mm);
	return member;
}

/* Puts the member into the group, unless its process is there already. */
static long hf_insert(struct hf_group *group, struct hf_member *member)
{
	struct hf_member *other;
	long ret = 0;

	mutex_lock(&group->lock);
	if (group->closed)
		ret = -ESHUTDOWN;
	list_for_each_entry(other, &group->members, node)
		if (other->pid == member->pid && other->mm == member->mm)
			ret = -EEXIST;
	if (!ret)
		list_add_tail(&member->node, &group->members);
	mutex_unlock(&group->lock);
	return ret;
}

/* Whether current may give itself into the group's hands. */
static bool hf_may_join(const struct hf_group *group)
{
	const struct cred *cred = current_cred();

	if (test_thread_flag(TIF_ADDR32))
		return false;
	return uid_eq(group->owner, cred->uid) &&
	       uid_eq(group->owner, cred->euid) &&
	       uid_eq(group->owner, cred->suid) &&
	       get_dumpable(current->mm) == SUID_DUMP_USER;
}

struct hf_member *hf_group_join(const struct holdfast_join *args,
				struct hf_group **result)
{
	struct hf_member *member;
	struct hf_group *group;
	long ret = -EPERM;

	if (args->pad || args->flags & ~(HOLDFAST_JOIN_EXEMPT | HOLDFAST_JOIN_INSIDE))
		return ERR_PTR(-EINVAL);
	if (args->inside && !(args->flags & HOLDFAST_JOIN_INSIDE))
		return ERR_PTR(-EINVAL);
	if (args->inside % (s64)sizeof(u32))
		return ERR_PTR(-EINVAL);
	if (!current->mm)
		return ERR_PTR(-EINVAL);
	group = hf_find_group(&args->token);
	if (!group)
		return ERR_PTR(-ENOENT);
	if (!hf_may_join(group))
		goto put_group;
	member = hf_new_member(task_tgid(current), current->mm);
	ret = PTR_ERR_OR_ZERO(member);
	if (ret)
		goto put_group;
	if (args->flags & HOLDFAST_JOIN_EXEMPT)
		member->exempt = get_pid(task_pid(current));
	member->has_inside = args->flags & HOLDFAST_JOIN_INSIDE;
	member->inside = args->inside;
	ret = hf_insert(group, member);
	if (ret)
		goto free_member;
	*result = group;
	return member;

free_member:
	hf_free_member(member);
put_group:
	hf_group_put(group);
	return ERR_PTR(ret);
}

/* The member's file is closed: its process goes on, whatever the others do. */
void hf_group_leave(struct hf_group *group, struct hf_member *member)
{
	mutex_lock(&group->lock);
	list_del(&member->node);
	hf_resume_process(group, member->pid);
	mutex_unlock(&group->lock);
	hf_free_member(member);
}

/*
 * The caller has opened the process's /proc/PID/mem for writing: so the kernel has asked all
 * that it asks before ptrace, the security modules included.
 */
static long hf_add_task(struct hf_group *group, struct task_struct *task,
			struct file *mem)
{
	struct hf_member *member;
	struct mm_struct *mm;
	long ret = -EACCES;

	if (mem->f_op != hf_proc_mem_fops || !(mem->f_mode & FMODE_WRITE))
		return -EINVAL;
	mm = get_task_mm(task);
	if (!mm)
		return -ESRCH;
	if (mm != mem->private_data || test_tsk_thread_flag(task, TIF_ADDR32))
		goto put_mm;
	member = hf_new_member(task_tgid(task), mm);
	ret = PTR_ERR_OR_ZERO(member);
	if (ret)
		goto put_mm;
	member->added = true;
	ret = hf_may_control(group, member, task) ? -EPERM : hf_insert(group, member);
	if (ret)
		hf_free_member(member);
put_mm:
	mmput(mm);
	return ret;
}

long hf_group_add(struct hf_group *group, const struct holdfast_add *args)
{
	struct task_struct *task;
	struct file *mem;
	struct pid *pid;
	long ret;

	if (args->pid <= 0)
		return -EINVAL;
	mem = fget(args->mem_fd);
	if (!mem)
		return -EBADF;
	pid = find_get_pid(args->pid);
	task = get_pid_task(pid, PIDTYPE_TGID);
	put_pid(pid);
	ret = task ? hf_add_task(group, task, mem) : -ESRCH;
	if (task)
		put_task_struct(task);
	fput(mem);
	return ret;
}

/* The controller's file is closed: everything goes on, nothing can join. */
void hf_group_close(struct hf_group *group)
{
	struct hf_member *member, *next;

	mutex_lock(&hf_groups_lock);
	list_del(&group->node);
	mutex_unlock(&hf_groups_lock);
	mutex_lock(&group->lock);
	group->closed = true;
	mutex_unlock(&group->lock);
	hf_revoke_grant(group);
	hf_resume_group(group, NULL);
	mutex_lock(&group->lock);
	list_for_each_entry_safe(member, next, &group->members, node)
		if (member->added) {
			list_del(&member->node);
			hf_free_member(member);
		}
	mutex_unlock(&group->lock);
}

static void hf_describe(struct hf_group *group, struct hf_member *member,
			struct holdfast_member *to)
{
	struct hf_stop *stop;
	int bucket;

	*to = (struct holdfast_member) {
		.pid = pid_nr_ns(member->pid, task_active_pid_ns(current)),
		.own_pid = member->pid->numbers[member->pid->level].nr,
		.flags = (member->added ? HOLDFAST_MEMBER_ADDED : 0) |
			 (hf_is_live(member) ? 0 : HOLDFAST_MEMBER_DEAD),
	};
	spin_lock(&group->stops_lock);
	hash_for_each(group->stops, bucket, stop, node)
		to->stopped += stop->process == member->pid &&
			       stop->state == HF_STOPPED && !stop->released;
	spin_unlock(&group->stops_lock);
}

long hf_group_members(struct hf_group *group, struct holdfast_list *list,
		      const struct hf_sink *sink)
{
	struct hf_member *member;
	u32 count = 0;
	long ret = 0;

	if (list->pid)
		return -EINVAL;
	mutex_lock(&group->lock);
	list_for_each_entry(member, &group->members, node) {
		struct holdfast_member described;

		hf_describe(group, member, &described);
		ret = hf_emit(sink, count, &described, sizeof(described));
		if (ret)
			break;
		count++;
	}
	mutex_unlock(&group->lock);
	list->count = count;
	return ret;
}
