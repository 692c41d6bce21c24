/* SPDX-License-Identifier: Apache-2.0 */
// needs: processor
/* mem_big - 64 MiB that do not compress, some of it written anew and some verified with each check, all of it at the end. */
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define BLOCK (64ul << 10)
#define BLOCKS 1024

static char *start;
static uint64_t seeds[BLOCKS];

static void write_block(unsigned i, uint64_t seed)
{
	seeds[i] = seed;
	workload_fill(start + i * BLOCK, BLOCK, seed);
}

static void verify(unsigned i)
{
	workload_verify("block", start + i * BLOCK, BLOCK, seeds[i]);
}

int main(void)
{
	uint64_t seed = 1;
	unsigned next = 0;

	start = mmap(NULL, BLOCKS * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(start != MAP_FAILED);
	for (unsigned i = 0; i < BLOCKS; i++)
		write_block(i, seed++);
	workload_ready();
	do {
		for (int n = 0; n < 20; n++, seed++)
			write_block(seed * 7919 % BLOCKS, seed);
		for (unsigned n = 0; n < BLOCKS / 8; n++, next = (next + 1) % BLOCKS)
			verify(next);
	} while (workload_goes_on());
	for (unsigned i = 0; i < BLOCKS; i++)
		verify(i);
	workload_pass();
}
