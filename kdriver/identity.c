// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which things of which processes are one
 *
 * A thing's number is a keyed hash of where the kernel has it: the same for
 * the same thing within a group, as long as the group stands still, and of no use elsewhere.
 */
#include <linux/fdtable.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <net/af_unix.h>
#include <net/sock.h>

#include "internal.h"

static u64 hf_number(const struct hf_group *group, const void *thing)
{
	return thing ? siphash_1u64((u64)(unsigned long)thing, &group->identity_key) : 0;
}

struct hf_files {
	const struct hf_group *group;
	struct holdfast_file *array;
	size_t size, count;
};

static void hf_identify_socket(const struct hf_group *group, struct sock *sk,
			       struct holdfast_file *to)
{
	if (!sk)
		return;
	to->flags |= HOLDFAST_FILE_SOCKET;
	to->object = hf_number(group, sk);
	if (sk->sk_family == AF_UNIX)
		to->peer = hf_number(group, READ_ONCE(unix_sk(sk)->peer));
}

/* Called with the table's lock. */
static int hf_identify_file(const void *data, struct file *file, unsigned int fd)
{
	struct hf_files *files = (struct hf_files *)data;
	struct inode *inode = file_inode(file);
	struct holdfast_file *to;

	if (files->count++ >= files->size)
		return 0;
	to = &files->array[files->count - 1];
	*to = (struct holdfast_file) {
		.fd = fd,
		.description = hf_number(files->group, file),
		.object = hf_number(files->group, inode),
	};
	if (S_ISFIFO(inode->i_mode))
		to->flags |= HOLDFAST_FILE_PIPE;
	if (S_ISSOCK(inode->i_mode) && sock_from_file(file))
		hf_identify_socket(files->group, sock_from_file(file)->sk, to);
	return 0;
}

/* Fills the array from the task's descriptor table, as far as it reaches. */
static long hf_identify_files(struct task_struct *task, struct hf_files *files)
{
	long ret = -ESRCH;

	files->count = 0;
	task_lock(task);
	if (task->files)
		ret = iterate_fd(task->files, 0, hf_identify_file, files);
	task_unlock(task);
	return ret;
}

/* The process's, as one of its stopped threads has them. */
static long hf_files_of(struct hf_stop *stop, struct hf_files *files)
{
	long ret;

	do {
		kvfree(files->array);
		files->size = files->count + 64;
		files->array = kvmalloc_array(files->size, sizeof(*files->array),
					      GFP_KERNEL_ACCOUNT);
		if (!files->array)
			return -ENOMEM;
		ret = hf_identify_files(stop->task, files);
	} while (!ret && files->count > files->size);
	return ret ?: hf_still_stopped(stop) ? 0 : -ESRCH;
}

/* Any stopped thread of the process, held, if the caller may look at it. */
static struct hf_stop *hf_any_stopped(struct hf_group *group, s32 pid)
{
	struct hf_member *member;
	struct hf_stop *stop = NULL;
	long ret;

	mutex_lock(&group->lock);
	member = hf_find_member(group, pid);
	ret = member ? hf_check_member(group, member) : -ESRCH;
	if (!ret)
		stop = hf_first_stopped(group, member->pid);
	mutex_unlock(&group->lock);
	return ret ? ERR_PTR(ret) : stop ?: ERR_PTR(-EBUSY);
}

long hf_list_files(struct hf_group *group, struct holdfast_list *list,
		   const struct hf_sink *sink)
{
	struct hf_files files = { .group = group };
	struct hf_stop *stop = hf_any_stopped(group, list->pid);
	long ret;

	if (IS_ERR(stop))
		return PTR_ERR(stop);
	ret = hf_files_of(stop, &files);
	hf_put_stop(stop);
	for (size_t i = 0; !ret && i < files.count; i++)
		ret = hf_emit(sink, i, &files.array[i], sizeof(files.array[i]));
	list->count = files.count;
	kvfree(files.array);
	return ret;
}

/* Fills the array with the shared mappings, as far as it reaches; counts all. */
static size_t hf_identify_areas(const struct hf_group *group, struct mm_struct *mm,
				struct holdfast_area *array, size_t size)
{
	struct vm_area_struct *vma;
	unsigned long addr = 0;
	size_t count = 0;

	mmap_assert_locked(mm);
	for (; (vma = find_vma(mm, addr)); addr = vma->vm_end) {
		if (!(vma->vm_flags & VM_MAYSHARE) || !vma->vm_file)
			continue;
		if (count < size)
			array[count] = (struct holdfast_area) {
				.start = vma->vm_start,
				.end = vma->vm_end,
				.offset = (u64)vma->vm_pgoff << PAGE_SHIFT,
				.object = hf_number(group, file_inode(vma->vm_file)),
			};
		count++;
	}
	return count;
}

static long hf_areas_of(const struct hf_group *group, struct mm_struct *mm,
			struct holdfast_area **array)
{
	size_t size, count = 0;

	*array = NULL;
	do {
		kvfree(*array);
		size = count + 64;
		*array = kvmalloc_array(size, sizeof(**array), GFP_KERNEL_ACCOUNT);
		if (!*array)
			return -ENOMEM;
		if (mmap_read_lock_killable(mm))
			return -EINTR;
		count = hf_identify_areas(group, mm, *array, size);
		mmap_read_unlock(mm);
	} while (count > size);
	return count;
}

long hf_list_areas(struct hf_group *group, struct holdfast_list *list,
		   const struct hf_sink *sink)
{
	struct hf_stop *stop = hf_any_stopped(group, list->pid);
	struct holdfast_area *array = NULL;
	struct mm_struct *mm;
	long count, ret = 0;

	if (IS_ERR(stop))
		return PTR_ERR(stop);
	mm = get_task_mm(stop->task);
	count = mm ? hf_areas_of(group, mm, &array) : -ESRCH;
	if (mm)
		mmput(mm);
	hf_put_stop(stop);
	for (long i = 0; !ret && i < count; i++)
		ret = hf_emit(sink, i, &array[i], sizeof(array[i]));
	if (count >= 0)
		list->count = count;
	kvfree(array);
	return count < 0 ? count : ret;
}
