/* SPDX-License-Identifier: Apache-2.0 */
/* mremap_areas - areas that grow, shrink and move all the time keep their content. */
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define PAGE 4096ul
#define AREAS 10

static struct area {
	char *start;
	size_t pages;
} areas[AREAS];

static void verify(int i)
{
	for (size_t page = 0; page < areas[i].pages; page++)
		workload_verify("moved area", areas[i].start + page * PAGE, PAGE, i * 1000 + page);
}

static void resize(int i, size_t pages)
{
	struct area *a = &areas[i];
	size_t old = a->pages;

	a->start = mremap(a->start, old * PAGE, pages * PAGE, MREMAP_MAYMOVE);
	CHECK(a->start != MAP_FAILED);
	a->pages = pages;
	for (; old < pages; old++) {
		SAME(0, *(uint64_t *)(a->start + old * PAGE));
		workload_fill(a->start + old * PAGE, PAGE, i * 1000 + old);
	}
}

/* To a place that was reserved for it, over what is there. */
static void move(int i)
{
	struct area *a = &areas[i];
	char *to = mmap(NULL, a->pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(to != MAP_FAILED);
	a->start = mremap(a->start, a->pages * PAGE, a->pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	SAME((intptr_t)to, (intptr_t)a->start);
}

int main(void)
{
	unsigned turn = 0;

	for (int i = 0; i < AREAS; i++) {
		areas[i].start = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		CHECK(areas[i].start != MAP_FAILED);
		areas[i].pages = 1;
		workload_fill(areas[i].start, PAGE, i * 1000);
	}
	workload_ready();
	do {
		for (int i = 0; i < AREAS; i++, turn++) {
			resize(i, 1 + turn * 7919 % 60);
			if (turn % 3 == 0)
				move(i);
			verify(i);
		}
	} while (workload_goes_on());
	workload_pass();
}
