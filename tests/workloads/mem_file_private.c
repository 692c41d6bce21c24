/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem_file_private - a file mapped privately: written pages are the process's own, the others the file's, also where
 * the mapping has an offset or ends inside a page; the file itself stays as it is.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define PAGE 4096ul
#define PAGES 200
#define SIZE (PAGES * PAGE - 1000)

static char original[PAGES * PAGE], *whole, *part;
static int file;

static bool modified(size_t page)
{
	return page % 7 == 3;
}

static void check_page(const char *what, const char *at, size_t page)
{
	if (modified(page))
		workload_verify(what, at, PAGE, page + 1000);
	else if (memcmp(at, original + page * PAGE, PAGE))
		FAIL("%s: unmodified page %zu differs from the file", what, page);
}

static void check(void)
{
	static char now[PAGES * PAGE];

	for (size_t page = 0; page < PAGES; page++)
		check_page("whole mapping", whole + page * PAGE, page);
	for (size_t page = 50; page < 60; page++)
		if (memcmp(part + (page - 50) * PAGE, original + page * PAGE, PAGE))
			FAIL("read-only mapping: page %zu differs from the file", page);
	SAME(SIZE, pread(file, now, sizeof(now), 0));
	CHECK(!memcmp(now, original, SIZE));
}

int main(void)
{
	workload_fill(original, SIZE, 1);
	file = SYS(open(workload_path("mapped"), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	SAME(SIZE, write(file, original, SIZE));
	whole = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	part = mmap(NULL, 10 * PAGE, PROT_READ, MAP_PRIVATE, file, 50 * PAGE);
	CHECK(whole != MAP_FAILED && part != MAP_FAILED);
	for (size_t page = 0; page < PAGES; page++)
		if (modified(page))
			workload_fill(whole + page * PAGE, PAGE, page + 1000);
	workload_ready();
	do
		check();
	while (workload_goes_on());
	workload_pass();
}
