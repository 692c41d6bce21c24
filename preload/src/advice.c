/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advice.c - areas that are locked in memory, or that a fork would leave out or empty: what a snapshot does not show.
 *
 * /proc/self/smaps tells of them, but counts pages for every line, so it is read only when there are such areas: the
 * kernel tells how much is locked, and madvise is wrapped to learn of the rest.
 */
#define _GNU_SOURCE
#include "advice.h"

#include <asm/errno.h>
#include <errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

#include "engine.h"
#include "sys.h"

static const struct {
	const char *flag; /* of VmFlags, see proc(5) */
	uint32_t advice;
} flags[] = {
	{ " lo", HF_ADVICE_LOCKED },
	{ " lf", HF_ADVICE_LOCKED_ON_FAULT },
	{ " dc", HF_ADVICE_DONTFORK },
	{ " wf", HF_ADVICE_WIPEONFORK },
};

__attribute__((visibility("default"))) int madvise(void *start, size_t length, int advice)
{
	long ret;

	if ((advice == MADV_DONTFORK || advice == MADV_WIPEONFORK) && hf_is_engine_mapped())
		__atomic_store_n(&ENGINE->fork_advice, 1, __ATOMIC_RELEASE);
	ret = sys(__NR_madvise, start, length, advice);
	if (!ret)
		return 0;
	errno = (int)-ret;
	return -1;
}

static uint32_t advice_in(const char *line)
{
	uint32_t advice = 0;

	for (; *line && *line != '\n'; line++)
		for (size_t n = 0; n < sizeof(flags) / sizeof(*flags); n++)
			if (hf_starts(line, flags[n].flag))
				advice |= flags[n].advice;
	return advice;
}

/* A line of smaps: an area's first, its flags (the last), or one between. */
static long note_line(const char *line, struct hf_range *area)
{
	struct hf_advised *a = &ENGINE->advised[ENGINE->advised_count];
	uint32_t advice;

	if ((*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f'))
		hf_area(line, &area->start, &area->end);
	if (!hf_starts(line, "VmFlags:"))
		return 0;
	advice = advice_in(line);
	if (!advice)
		return 0;
	if (ENGINE->advised_count == MAX_ADVISED)
		return -E2BIG;
	*a = (struct hf_advised){ area->start, area->end, advice, 0 };
	ENGINE->advised_count++;
	return 0;
}

/* Calls note_line for each whole line; returns the bytes after the last, which are moved to the front, or -errno. */
static long note_lines(char *text, long length, struct hf_range *area)
{
	const char *line = text;
	long left, ret;

	for (const char *next; *(next = hf_next_line(line)) || next[-1] == '\n'; line = next) {
		ret = note_line(line, area);
		if (ret)
			return ret;
		if (!*next) {
			line = next;
			break;
		}
	}
	left = text + length - line;
	for (long n = 0; n < left; n++)
		text[n] = line[n];
	return left;
}

static long read_smaps(void)
{
	long fd = sys(__NR_open, "/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	struct hf_range area = { 0, 0 };
	long have = 0, n;

	if (fd < 0)
		return fd;
	while ((n = sys(__NR_read, fd, ENGINE->scratch + have, (long)sizeof(ENGINE->scratch) - 1 - have)) > 0) {
		have += n;
		ENGINE->scratch[have] = 0;
		have = note_lines(ENGINE->scratch, have, &area);
		if (have < 0)
			break;
	}
	sys(__NR_close, fd);
	return n < 0 ? n : have < 0 ? have : 0;
}

int hf_gather_advice(uint64_t locked_kib, struct text *reason)
{
	struct hf_advised *to;
	size_t size;
	long ret;

	ENGINE->advised_count = 0;
	if (!locked_kib && !ENGINE->fork_advice)
		return 0;
	ret = read_smaps();
	if (ret) {
		hf_add(reason, ret == -E2BIG ? "more than 1024 of its memory areas are locked or left out of forks" :
					       "cannot read /proc/self/smaps");
		return -1;
	}
	size = ENGINE->advised_count * sizeof(*to);
	to = hf_record(&ENGINE->out, HF_REC_ADVICE, 0, size);
	if (to)
		memcpy(to, ENGINE->advised, size);
	return 0;
}

static void advise(uint32_t which, int advice)
{
	for (uint32_t n = 0; n < ENGINE->advised_count; n++) {
		const struct hf_advised *a = &ENGINE->advised[n];

		if (a->advice & which)
			sys(__NR_madvise, a->start, a->end - a->start, advice);
	}
}

void hf_lift_fork_advice(void)
{
	advise(HF_ADVICE_DONTFORK, MADV_DOFORK);
	advise(HF_ADVICE_WIPEONFORK, MADV_KEEPONFORK);
}

void hf_give_fork_advice(void)
{
	advise(HF_ADVICE_DONTFORK, MADV_DONTFORK);
	advise(HF_ADVICE_WIPEONFORK, MADV_WIPEONFORK);
}
