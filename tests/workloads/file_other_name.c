/* SPDX-License-Identifier: Apache-2.0 */
// refused: has lost this name but has another
/*
 * file_other_name - an open file whose name was removed, but that has another, and one that was renamed: they are still
 * the files that are found by those names.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

static int make(const char *name)
{
	return SYS(open(workload_path(name), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
}

/* What is written to the descriptor is found by the name. */
static void check(int fd, const char *name, uint64_t number)
{
	int named = SYS(open(workload_path(name), O_RDONLY | O_CLOEXEC));
	struct stat status;
	uint64_t got;

	SAME(8, pwrite(fd, &number, 8, 0));
	SAME(8, pread(named, &got, 8, 0));
	SAME(number, got);
	SYS(fstat(fd, &status));
	SAME(1, status.st_nlink);
	SYS(close(named));
}

int main(void)
{
	int linked = make("linked"), renamed = make("renamed");
	uint64_t number = 0;

	SYS(link(workload_path("linked"), workload_path("other name")));
	SYS(unlink(workload_path("linked")));
	SYS(rename(workload_path("renamed"), workload_path("new name")));
	workload_ready();
	do {
		check(linked, "other name", number);
		check(renamed, "new name", number++);
	} while (workload_goes_on());
	workload_pass();
}
