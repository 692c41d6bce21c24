/* SPDX-License-Identifier: Apache-2.0 */
/* madvise_hugepage - an area with huge pages asked for keeps its content and its flag, and one without, its own. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define HUGE (2ul << 20)

/* Whether the area that starts here has the flag, a word of its VmFlags in /proc/self/smaps. */
static bool has_flag(const char *start, const char *flag)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	char line[512];
	bool inside = false, found = false;
	uintptr_t from, to;

	CHECK(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = from <= (uintptr_t)start && (uintptr_t)start < to;
		else if (inside && !strncmp(line, "VmFlags:", 8))
			found = strstr(line, flag);
	}
	fclose(file);
	return found;
}

static char *make(int advice, uint64_t seed)
{
	char *start = mmap(NULL, 3 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(start != MAP_FAILED);
	start = (char *)(((uintptr_t)start + HUGE - 1) & ~(HUGE - 1));
	SYS(madvise(start, 2 * HUGE, advice));
	workload_fill(start, HUGE + 4096, seed);
	return start;
}

int main(void)
{
	char *huge = make(MADV_HUGEPAGE, 1), *small = make(MADV_NOHUGEPAGE, 2);

	workload_ready();
	do {
		workload_verify("huge pages", huge, HUGE + 4096, 1);
		workload_verify("small pages", small, HUGE + 4096, 2);
		for (size_t at = HUGE + 2 * 4096; at < 2 * HUGE; at += 64 << 10)
			SAME(0, huge[at]);
		CHECK(has_flag(huge, " hg"));
		CHECK(has_flag(small, " nh"));
	} while (workload_goes_on());
	workload_pass();
}
