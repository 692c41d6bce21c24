/* SPDX-License-Identifier: Apache-2.0 */
/* mlock_area - locked memory stays locked, as much as it was. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define SIZE (64 << 10)

static long locked_kib(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	long kib = -1;

	CHECK(file);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "VmLck: %ld", &kib);
	fclose(file);
	return kib;
}

static char *make(uint64_t seed)
{
	char *start = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(start != MAP_FAILED);
	workload_fill(start, SIZE / 2, seed);
	return start;
}

int main(void)
{
	char *locked = make(1), *on_fault = make(2), *free = make(3);

	SYS(mlock(locked, SIZE));
	SYS(mlock2(on_fault, SIZE, MLOCK_ONFAULT));
	workload_ready();
	do {
		SAME(2 * SIZE / 1024, locked_kib());
		workload_verify("locked", locked, SIZE / 2, 1);
		workload_verify("locked on fault", on_fault, SIZE / 2, 2);
		workload_verify("not locked", free, SIZE / 2, 3);
	} while (workload_goes_on());
	SYS(munlock(locked, SIZE));
	SAME(SIZE / 1024, locked_kib());
	workload_pass();
}
