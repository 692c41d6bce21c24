/* SPDX-License-Identifier: Apache-2.0 */
// image-below: 8
/* sparse - a reservation of 1 TiB with few pages touched, here and there; it costs what was touched. */
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define SIZE (1ul << 40)
#define PAGE 4096ul
#define TOUCHED 200

static char *start;

static char *page(uint64_t i)
{
	return start + (i * 0x9e3779b97f4a7c15 >> 12) % (SIZE / PAGE) * PAGE;
}

int main(void)
{
	unsigned long more = TOUCHED;

	start = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(start != MAP_FAILED);
	SYS(madvise(start, SIZE, MADV_NOHUGEPAGE));
	for (int i = 0; i < TOUCHED; i++)
		workload_fill(page(i), PAGE, i);
	workload_ready();
	do {
		SAME(0, *(volatile uint64_t *)page(more));
		workload_fill(page(more), PAGE, more);
		more++;
		for (unsigned long i = more - TOUCHED; i < more; i++) {
			workload_verify("touched page", page(i), PAGE, i);
			workload_verify("page touched before", page(i % TOUCHED), PAGE, i % TOUCHED);
		}
	} while (workload_goes_on());
	workload_pass();
}
