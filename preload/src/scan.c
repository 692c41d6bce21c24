/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.c - find the pages of a snapshot that must be stored: touched anonymous pages, changed pages of private file
 * mappings. Asks PAGEMAP_SCAN (Linux 6.7), which costs by what is there, else reads /proc/self/pagemap.
 */
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/ioctl.h>

#include "engine.h"
#include "sys.h"
#include "text.h"

/* From linux/fs.h of Linux 6.7; older headers lack it. */
struct page_region {
	uint64_t start, end, categories;
};
struct pm_scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)
#define PAGE_IS_FILE (1 << 2)
#define PAGE_IS_PRESENT (1 << 3)
#define PAGE_IS_SWAPPED (1 << 4)
#define PAGE_IS_PFNZERO (1 << 5)

#define PM_FILE (1ull << 61)
#define PM_SWAPPED (1ull << 62)
#define PM_PRESENT (1ull << 63)

static int add_run(struct records *out, uint64_t start, uint64_t end)
{
	struct hf_range *last = (void *)(out->start + out->used);

	/* The one record of runs grows as long as they come. */
	if (out->used > sizeof(struct hf_rec) && last[-1].end == start) {
		last[-1].end = end;
		return 0;
	}
	if (out->size - out->used < sizeof(*last))
		return -ENOBUFS;
	*last = (struct hf_range){ start, end };
	out->used += sizeof(*last);
	((struct hf_rec *)out->start)->length += sizeof(*last);
	return 0;
}

static long scan(int fd, uint64_t start, uint64_t end, struct records *out)
{
	struct page_region found[256];
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.start = start,
		.end = end,
		.vec = (uint64_t)found,
		.vec_len = 256,
		.category_inverted = PAGE_IS_FILE | PAGE_IS_PFNZERO,
		.category_mask = PAGE_IS_FILE | PAGE_IS_PFNZERO,
		.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		.return_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
	};

	while (arg.start < end) {
		long n = sys(__NR_ioctl, fd, PAGEMAP_SCAN, &arg);

		if (n < 0)
			return n;
		for (long k = 0; k < n; k++)
			if (add_run(out, found[k].start, found[k].end))
				return -ENOBUFS;
		arg.start = arg.walk_end;
	}
	return 0;
}

static long read_pagemap(int fd, uint64_t start, uint64_t end, struct records *out)
{
	static const uint64_t most = sizeof(ENGINE->scratch) / 8;

	while (start < end) {
		uint64_t pages = (end - start) / HF_PAGE < most ? (end - start) / HF_PAGE : most;
		const uint64_t *entry = (const void *)ENGINE->scratch;
		long n = sys(__NR_pread64, fd, ENGINE->scratch, pages * 8, start / HF_PAGE * 8);

		if (n <= 0)
			return n ? n : -EIO;
		for (; n > 0; n -= 8, entry++, start += HF_PAGE)
			if (*entry & (PM_PRESENT | PM_SWAPPED) && !(*entry & PM_FILE) &&
			    add_run(out, start, start + HF_PAGE))
				return -ENOBUFS;
	}
	return 0;
}

/* Writes one record HF_REC_RUNS to `out`. Returns 0 or -errno. */
long hf_scan_areas(const char *maps, struct records *out)
{
	long fd = sys(__NR_open, "/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	long ret = 0;

	if (fd < 0)
		return fd;
	if (!hf_record(out, HF_REC_RUNS, 0, 0))
		return -ENOBUFS;
	for (; *maps && !ret; maps = hf_next_line(maps)) {
		uint64_t start, end;

		hf_area(maps, &start, &end);
		if (start >= 0xffff800000000000ull ||
		    (start >= HF_RESERVED_START && start < HF_RESERVED_END && start != HF_ENGINE_START))
			continue;
		if (start == HF_ENGINE_START) /* what was gathered for the runner is of no use after a restart */
			end = (uint64_t)ENGINE->out_space;
		ret = scan((int)fd, start, end, out);
		if (ret == -ENOTTY || ret == -EINVAL)
			ret = read_pagemap((int)fd, start, end, out);
	}
	sys(__NR_close, fd);
	return ret;
}
