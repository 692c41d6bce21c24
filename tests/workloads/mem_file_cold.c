/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem_file_cold - a file that is mapped shared, most of which is on the disk only, not in memory: all of it is as it was
 * at the checkpoint, though the program has written it since.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define PAGES 512 /* more than is kept of a file that is open */
#define PAGE 4096

static int fd;
static char *mapped;

static void put_out_of_memory(void)
{
	SYS(msync(mapped, PAGES * PAGE, MS_SYNC));
	SYS(madvise(mapped, PAGES * PAGE, MADV_DONTNEED));
	SYS(posix_fadvise(fd, 0, PAGES * PAGE, POSIX_FADV_DONTNEED));
}

static void check(uint64_t round)
{
	for (int page = 0; page < PAGES; page++)
		SAME(round, *(uint64_t *)(mapped + page * PAGE + 8 * page % PAGE));
}

static void write_all(uint64_t round)
{
	for (int page = 0; page < PAGES; page++)
		*(uint64_t *)(mapped + page * PAGE + 8 * page % PAGE) = round;
}

int main(void)
{
	uint64_t round = 1;

	fd = SYS(open(workload_path("mapped"), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	SYS(ftruncate(fd, PAGES * PAGE));
	/* Its end is not that of the file. */
	mapped = mmap(NULL, 2 * PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(mapped != MAP_FAILED);
	write_all(round);
	workload_ready();
	do {
		check(round);
		write_all(++round);
		put_out_of_memory();
	} while (workload_goes_on());
	workload_pass();
}
