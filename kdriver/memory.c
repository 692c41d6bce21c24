// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a member, by pread, pwrite, read and write
 *
 * Pages are held and copied straight between them and the caller, a batch for
 * each time the member's mmap_lock is taken: once less than /proc/PID/mem, which copies
 * through a page of its own.
 *
 * Used pages are found in the member's page tables, whose empty upper entries
 * are passed over at once. What is read there is only a hint, so that nothing
 * is faulted in: the pages themselves come from get_user_pages_remote().
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "internal.h"

#define HF_BATCH 64

struct hf_memory *hf_memory_open(const struct holdfast_memory *args,
				 struct hf_group **result)
{
	struct hf_memory *memory;
	struct hf_member *member;
	struct hf_group *group;
	long ret = -EPERM;

	if (args->pad)
		return ERR_PTR(-EINVAL);
	group = hf_find_group(&args->token);
	if (!group)
		return ERR_PTR(-ENOENT);
	memory = kzalloc(sizeof(*memory), GFP_KERNEL_ACCOUNT);
	if (!memory)
		ret = -ENOMEM;
	if (!memory || !hf_is_owner(group))
		goto fail;
	mutex_init(&memory->lock);
	mutex_lock(&group->lock);
	member = hf_find_member(group, args->pid);
	ret = member ? hf_check_member(group, member) : -ESRCH;
	if (!ret) {
		memory->member.pid = get_pid(member->pid);
		memory->member.mm = member->mm;
		mmgrab(member->mm);
	}
	mutex_unlock(&group->lock);
	if (ret)
		goto fail;
	*result = group;
	return memory;

fail:
	kfree(memory);
	hf_group_put(group);
	return ERR_PTR(ret);
}

void hf_memory_close(struct hf_memory *memory)
{
	put_pid(memory->member.pid);
	mmdrop(memory->member.mm);
	kfree(memory);
}

/* The memory, held, or why the caller may not have it (any more). */
static struct mm_struct *hf_memory_get(struct hf_group *group,
				       struct hf_memory *memory)
{
	long ret;

	if (!hf_is_owner(group))
		return ERR_PTR(-EPERM);
	if (!hf_is_member(group, &memory->member))
		return ERR_PTR(-ESRCH);
	ret = hf_check_member(group, &memory->member);
	if (ret)
		return ERR_PTR(ret);
	if (!mmget_not_zero(memory->member.mm))
		return ERR_PTR(-ESRCH);
	return memory->member.mm;
}

/* Holds up to `count` pages from `addr` on. Returns how many, or -errno. */
static long hf_get_pages(struct mm_struct *mm, unsigned long addr, size_t count,
			 unsigned int flags, struct page **pages)
{
	int locked = 1;
	long got;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
#if KERNEL_VERSION(6, 5, 0) > LINUX_VERSION_CODE
	got = get_user_pages_remote(mm, addr, count, flags, pages, NULL, &locked);
#else
	got = get_user_pages_remote(mm, addr, count, flags, pages, &locked);
#endif
	if (locked)
		mmap_read_unlock(mm);
	return got;
}

/* Bytes copied between a page and the caller. */
static size_t hf_copy_page(struct page *page, size_t offset, size_t size,
			   char __user *buf, bool write)
{
	char *at = kmap_local_page(page);
	size_t left;

	if (write)
		left = copy_from_user(at + offset, buf, size);
	else
		left = copy_to_user(buf, at + offset, size);
	kunmap_local(at);
	if (write)
		set_page_dirty_lock(page);
	return size - left;
}

/* Bytes copied to or from `addr` on; fewer than `size` where pages end. */
static ssize_t hf_transfer(struct mm_struct *mm, unsigned long addr,
			   char __user *buf, size_t size, bool write)
{
	unsigned int flags = FOLL_FORCE | (write ? FOLL_WRITE : 0);
	struct page *pages[HF_BATCH];
	size_t done = 0;
	bool fault = false;

	while (done < size && !fault) {
		size_t offset = offset_in_page(addr + done);
		size_t count = min_t(size_t, HF_BATCH,
				     DIV_ROUND_UP(offset + size - done, PAGE_SIZE));
		long got = hf_get_pages(mm, (addr + done) & PAGE_MASK, count, flags, pages);

		if (got <= 0)
			return done ?: got == -EINTR ? -EINTR : -EIO;
		for (long i = 0; i < got; i++) {
			size_t part = min(size - done, PAGE_SIZE - offset);
			size_t copied = fault ? 0 : hf_copy_page(pages[i], offset, part,
								 buf + done, write);

			done += copied;
			fault |= copied != part;
			offset = 0;
			put_page(pages[i]);
		}
		cond_resched();
	}
	return done ?: fault ? -EFAULT : 0;
}

ssize_t hf_memory_at(struct hf_group *group, struct hf_memory *memory,
		     char __user *buf, size_t size, loff_t pos, bool write)
{
	struct mm_struct *mm = hf_memory_get(group, memory);
	ssize_t ret;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	if (pos < 0 || pos + (loff_t)size < pos)
		ret = -EINVAL;
	else
		ret = hf_transfer(mm, pos, buf, size, write);
	mmput(mm);
	return ret;
}

/* Of a private mapping: a page of the process's own. */
static bool hf_is_own(struct page *page)
{
	return PageAnon(compound_head(page));
}

static bool hf_pte_used(pte_t pte)
{
	if (pte_none(pte))
		return false;
	if (!pte_present(pte))	/* swapped out, or on the move */
		return true;
	/* The page of zeros is special. */
	return !pte_special(pte) && pfn_valid(pte_pfn(pte)) && hf_is_own(pte_page(pte));
}

/*
 * Whether the page at `addr` is used; `next` is where the answer may change, at most `end`.
 */
static bool hf_is_used(struct mm_struct *mm, unsigned long addr,
		       unsigned long end, unsigned long *next)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud, pud_now;
	pmd_t *pmd, pmd_now;

	*next = pgd_addr_end(addr, end);
	if (pgd_none(*pgd) || pgd_bad(*pgd))
		return false;
	p4d = p4d_offset(pgd, addr);
	*next = p4d_addr_end(addr, end);
	if (p4d_none(*p4d) || p4d_bad(*p4d))
		return false;
	pud = pud_offset(p4d, addr);
	pud_now = READ_ONCE(*pud);
	*next = pud_addr_end(addr, end);
	if (pud_none(pud_now))
		return false;
	if (!pud_present(pud_now))
		return true;
	if (pud_leaf(pud_now))
		return hf_is_own(pud_page(pud_now));
	pmd = pmd_offset(pud, addr);
	pmd_now = READ_ONCE(*pmd);
	*next = pmd_addr_end(addr, end);
	if (pmd_none(pmd_now))
		return false;
	if (!pmd_present(pmd_now))
		return true;
	if (pmd_leaf(pmd_now))
		return hf_is_own(pmd_page(pmd_now));
	*next = min(addr + PAGE_SIZE, end);
	return hf_pte_used(READ_ONCE(*pte_offset_kernel(&pmd_now, addr)));
}

/* Finds the first run of used pages in [run->start, end), at most `most` long. */
static bool hf_find_in(struct mm_struct *mm, unsigned long end, size_t most,
		       struct holdfast_run *run)
{
	unsigned long addr = run->start, next;
	bool found = false;

	mmap_assert_locked(mm);
	while (addr < end) {
		bool used;

		/* Against the freeing of a page table. */
		rcu_read_lock();
		used = hf_is_used(mm, addr, end, &next);
		rcu_read_unlock();
		if (used && !found)
			run->start = addr;
		if (found && (!used || addr - run->start >= most))
			break;
		found |= used;
		addr = next;
		if (!(addr & ~PMD_MASK))
			cond_resched();
	}
	run->end = min_t(u64, addr, run->start + most);
	return found;
}

/* Mappings that can have pages of their own, which are memory. */
static bool hf_has_own_pages(const struct vm_area_struct *vma)
{
	return !(vma->vm_flags & (VM_SHARED | VM_MAYSHARE | VM_IO | VM_PFNMAP)) &&
	       vma->anon_vma;
}

/* The next run from `from` on. False when there is none. */
static bool hf_find_run(struct mm_struct *mm, unsigned long from, size_t most,
			struct holdfast_run *run)
{
	struct vm_area_struct *vma;
	bool found = false;

	/* `from` is below TASK_SIZE_MAX or there is none. */
	while (!found && (vma = find_vma(mm, from))) {
		run->start = max(from, vma->vm_start);
		found = hf_has_own_pages(vma) && hf_find_in(mm, vma->vm_end, most, run);
		from = vma->vm_end;
	}
	return found;
}

/* Writes one run to `buf`. Bytes, 0 at the end, or -errno; `pos` goes on. */
static ssize_t hf_read_run(struct mm_struct *mm, unsigned long *pos,
			   char __user *buf, size_t size)
{
	size_t most = min_t(size_t, (size - sizeof(struct holdfast_run)) & PAGE_MASK,
			    HF_BATCH * PAGE_SIZE);
	struct page *pages[HF_BATCH];
	struct holdfast_run run;
	bool found, fault;
	long got;

	do {
		if (mmap_read_lock_killable(mm))
			return -EINTR;
		found = hf_find_run(mm, *pos, most, &run);
		mmap_read_unlock(mm);
		if (!found)
			return 0;
		got = hf_get_pages(mm, run.start, (run.end - run.start) / PAGE_SIZE,
				   FOLL_FORCE | FOLL_DUMP, pages);
		if (got == -EINTR)
			return got;
		/* A member that runs may have unmapped them. */
		*pos = run.start + max(got, 1L) * PAGE_SIZE;
	} while (got <= 0);
	run.end = *pos;
	fault = copy_to_user(buf, &run, sizeof(run));
	buf += sizeof(run);
	for (long i = 0; i < got; i++) {
		fault |= hf_copy_page(pages[i], 0, PAGE_SIZE, buf + i * PAGE_SIZE,
				      false) != PAGE_SIZE;
		put_page(pages[i]);
	}
	return fault ? -EFAULT : (ssize_t)(sizeof(run) + got * PAGE_SIZE);
}

ssize_t hf_memory_read_runs(struct hf_group *group, struct hf_memory *memory,
			    char __user *buf, size_t size)
{
	struct mm_struct *mm;
	unsigned long pos;
	ssize_t got = 1;
	size_t done = 0;

	if (size < sizeof(struct holdfast_run) + PAGE_SIZE)
		return -EINVAL;
	mm = hf_memory_get(group, memory);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	mutex_lock(&memory->lock);
	pos = memory->pos;
	while (got > 0 && size - done >= sizeof(struct holdfast_run) + PAGE_SIZE) {
		got = hf_read_run(mm, &pos, buf + done, size - done);
		if (got > 0) {
			done += got;
			memory->pos = pos;
		}
	}
	mutex_unlock(&memory->lock);
	mmput(mm);
	return done ?: got;
}

ssize_t hf_memory_write_runs(struct hf_group *group, struct hf_memory *memory,
			     char __user *buf, size_t size)
{
	struct mm_struct *mm = hf_memory_get(group, memory);
	struct holdfast_run run;
	ssize_t ret = 0;
	size_t done = 0;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	while (!ret && done < size) {
		size_t room = size - done;

		ret = -EINVAL;
		if (room < sizeof(run))
			break;
		if (copy_from_user(&run, buf + done, sizeof(run))) {
			ret = -EFAULT;
			break;
		}
		if (run.start >= run.end || run.end > TASK_SIZE_MAX ||
		    run.end - run.start > room - sizeof(run))
			break;
		ret = hf_transfer(mm, run.start, buf + done + sizeof(run),
				  run.end - run.start, true);
		if (ret >= 0)
			ret = ret == run.end - run.start ? 0 : -EIO;
		if (!ret)
			done += sizeof(run) + run.end - run.start;
	}
	mmput(mm);
	return done ?: ret;
}

loff_t hf_memory_seek(struct hf_memory *memory, loff_t offset, int whence)
{
	if (whence != SEEK_SET || offset < 0 || offset & ~PAGE_MASK)
		return -EINVAL;
	mutex_lock(&memory->lock);
	memory->pos = offset;
	mutex_unlock(&memory->lock);
	return offset;
}
