/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.c - give a process its memory back: everything outside of Holdfast's range is taken away, then the areas of
 * the plan are mapped, writable for now; the runner fills them through /proc/PID/mem; then they get their protection.
 */
#include "restart.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/prctl.h>

#include "engine.h"
#include "grant.h"
#include "message.h"
#include "sys.h"
#include "text.h"

#define ADDRESSES_END 0x7ffffffff000ull
#define PARKED (HF_ENGINE_START - 0x100000) /* where the vDSO waits while its surroundings are made */
#define MAX_KERNEL_AREAS 8
#define STACK_SIZE (64 << 10)
#define PR_SET_PTRACER 0x59616d61

_Noreturn void hf_call_on_stack(void (*fn)(void *), void *arg, void *stack_top);

/* The kernel's own areas ([vdso], [vvar], [vvar_vclock]) as this process got them at its exec. */
struct kernel_area {
	uint64_t start, end, parked;
	uint32_t kind; /* HF_AREA_VDSO or HF_AREA_VVAR */
};

static struct kernel_area kernel_areas[MAX_KERNEL_AREAS];
static int kernel_area_count;
static char stack[STACK_SIZE] __attribute__((aligned(64)));
static char maps[64 << 10];

static const struct hf_area *next_area(const struct hf_rec **rec)
{
	*rec = hf_next_record(hf_restart.plan, hf_restart.plan_length, *rec);
	return *rec && (*rec)->type == HF_REC_AREA ? (const void *)(*rec + 1) : NULL;
}

/* The record before the first area of a node: its areas and places follow it. */
static const struct hf_rec *first_of(uint32_t node)
{
	return hf_restart.nodes[node];
}

/* Calls fn with each area of the node. */
static void each_area(uint32_t node, void (*fn)(const struct hf_area *))
{
	const struct hf_rec *rec = first_of(node);

	for (;;) {
		const struct hf_area *a = next_area(&rec);

		if (a)
			fn(a);
		else if (!rec || rec->type == HF_REC_NODE)
			return;
	}
}

static void find_kernel_areas(void)
{
	uint64_t at = PARKED;

	if (hf_read_file("/proc/self/maps", maps, sizeof(maps)) < 0)
		hf_give_up("cannot read /proc/self/maps", "", 0);
	for (const char *line = maps; *line; line = hf_next_line(line)) {
		struct kernel_area *k = &kernel_areas[kernel_area_count];
		uint64_t start, end;
		const char *name = hf_find_in_line(hf_area(line, &start, &end), '[');

		if (!hf_starts(name, "[vdso]") && !hf_starts(name, "[vvar"))
			continue;
		if (kernel_area_count++ == MAX_KERNEL_AREAS)
			hf_give_up("this kernel maps more areas of its own than expected", "", 0);
		*k = (struct kernel_area){ start, end, at, hf_starts(name, "[vdso]") ? HF_AREA_VDSO : HF_AREA_VVAR };
		at += end - start;
	}
}

static void move(uint64_t from, uint64_t to, uint64_t length)
{
	long ret;

	if (from == to)
		return;
	ret = sys(__NR_mremap, from, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (ret != (long)to)
		hf_give_up("cannot move the kernel's vDSO", "", ret);
}

static void park_kernel_areas(void)
{
	for (int n = 0; n < kernel_area_count; n++)
		move(kernel_areas[n].start, kernel_areas[n].parked, kernel_areas[n].end - kernel_areas[n].start);
}

static void take_all_away(void)
{
	long ret = sys(__NR_munmap, 0, HF_RESERVED_START);

	if (!ret)
		ret = sys(__NR_munmap, HF_RESERVED_END, ADDRESSES_END - HF_RESERVED_END);
	if (ret)
		hf_give_up("cannot unmap the memory of the initial process", "", ret);
}

/* The first kernel area of this kind and size that is not in its place yet. */
static struct kernel_area *parked_area(const struct hf_area *a)
{
	for (int n = 0; n < kernel_area_count; n++) {
		struct kernel_area *k = &kernel_areas[n];

		if (k->parked && k->kind == a->kind && k->end - k->start == a->end - a->start)
			return k;
	}
	return NULL;
}

static void map_kernel_area(const struct hf_area *a)
{
	struct kernel_area *k = parked_area(a);

	if (!k)
		hf_give_up(
			"this kernel's vDSO is not the one of the checkpoint: restart on a host with the same kernel",
			"", 0);
	move(k->parked, a->start, a->end - a->start);
	k->parked = 0;
}

static void attach_segment(const struct hf_area *a)
{
	/* Even one attached for reading is filled; it gets its protection afterwards. */
	long ret = sys(__NR_shmat, a->offset, a->start, 0);

	if (ret != (long)a->start)
		hf_give_up_number("cannot attach the System V segment ", (int64_t)a->offset, ret);
}

static void map_area(const struct hf_area *a)
{
	int flags = MAP_FIXED_NOREPLACE | MAP_NORESERVE;
	int prot = (int)a->prot | PROT_READ | PROT_WRITE;
	long fd = a->description < 0 ? -1 : hf_restart.first_free + a->description;
	long ret;

	if (a->kind == HF_AREA_VDSO || a->kind == HF_AREA_VVAR) {
		map_kernel_area(a);
		return;
	}
	if (a->kind == HF_AREA_SEGMENT) {
		attach_segment(a);
		return;
	}
	flags |= a->kind == HF_AREA_SHARED ? MAP_SHARED : MAP_PRIVATE;
	if (fd < 0)
		flags |= MAP_ANONYMOUS;
	if (a->kind == HF_AREA_STACK)
		flags |= MAP_GROWSDOWN | MAP_STACK;
	ret = sys(__NR_mmap, a->start, a->end - a->start, prot, flags, fd, a->offset);
	/* What was opened for reading only, or is sealed, cannot be mapped writable, and needs not: it is not filled. */
	if ((ret == -EACCES || ret == -EPERM) && a->kind == HF_AREA_SHARED)
		ret = sys(__NR_mmap, a->start, a->end - a->start, a->prot, flags, fd, a->offset);
	if (ret != (long)a->start)
		hf_give_up("cannot map a memory area", fd < 0 ? "" : " of a file", ret);
}

/* Before the memory is filled: pages come as they are to be. */
static void advise_area(const struct hf_area *a)
{
	static const struct {
		uint32_t advice;
		int madvise;
	} table[] = {
		{ HF_ADVICE_DONTFORK, MADV_DONTFORK }, { HF_ADVICE_WIPEONFORK, MADV_WIPEONFORK },
		{ HF_ADVICE_HUGEPAGE, MADV_HUGEPAGE }, { HF_ADVICE_NOHUGEPAGE, MADV_NOHUGEPAGE },
		{ HF_ADVICE_DONTDUMP, MADV_DONTDUMP }, { HF_ADVICE_MERGEABLE, MADV_MERGEABLE },
		{ HF_ADVICE_RANDOM, MADV_RANDOM },     { HF_ADVICE_SEQUENTIAL, MADV_SEQUENTIAL },
	};

	for (size_t n = 0; n < sizeof(table) / sizeof(*table); n++)
		if (a->advice & table[n].advice) /* advice: a kernel without it does without */
			sys(__NR_madvise, a->start, a->end - a->start, table[n].madvise);
}

static void lock_area(const struct hf_area *a)
{
	long ret;

	if (!(a->advice & HF_ADVICE_LOCKED))
		return;
	ret = sys(__NR_mlock2, a->start, a->end - a->start, a->advice & HF_ADVICE_LOCKED_ON_FAULT ? MLOCK_ONFAULT : 0);
	if (ret)
		hf_give_up("cannot lock memory: raise the limit on locked memory", "", ret);
}

static void protect_area(const struct hf_area *a)
{
	long ret;

	lock_area(a);
	if (a->kind == HF_AREA_VDSO || a->kind == HF_AREA_VVAR ||
	    (a->prot & (PROT_READ | PROT_WRITE)) == (PROT_READ | PROT_WRITE))
		return;
	ret = sys(__NR_mprotect, a->start, a->end - a->start, a->prot);
	if (ret)
		hf_give_up("cannot protect a memory area", "", ret);
}

static void await_go(void)
{
	struct hf_msg msg;

	if (hf_send(hf_restart.own_fd, HF_MAPPED, 0, NULL, 0) || hf_receive(hf_restart.own_fd, &msg) != 1 ||
	    msg.type != HF_GO)
		for (;;) /* the runner is gone, and with it the restart */
			sys(__NR_exit_group, 125);
}

static void become(void *index)
{
	uint32_t node = (uint32_t)(uint64_t)index;

	find_kernel_areas();
	park_kernel_areas();
	take_all_away();
	each_area(node, map_area);
	each_area(node, advise_area);
	hf_meet(PHASE_MAPPED);
	sys(__NR_close_range, hf_restart.first_free, hf_restart.own_fd - 1, 0);
	sys(__NR_prctl, PR_SET_DUMPABLE, 1);
	sys(__NR_prctl, PR_SET_PTRACER, -1); /* for Yama: the runner is no ancestor. Fails where there is no Yama */
	await_go();
	each_area(node, protect_area);
	sys(__NR_close, hf_restart.own_fd);
	ENGINE->grant = hf_grant_descriptor();
	hf_call_on_stack((void (*)(void *))hf_node(node)->entry, hf_restart.numbers, (void *)hf_node(node)->stack);
}

void hf_become(uint32_t node)
{
	hf_call_on_stack(become, (void *)(uint64_t)node, stack + STACK_SIZE);
}
