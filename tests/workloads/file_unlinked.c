/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_unlinked - files without a name: open in two processes, only mapped, made by O_TMPFILE; they are read, written
 * and grow.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

#define SIZE (200 << 10)

static int make(const char *name, uint64_t seed)
{
	static char content[SIZE];
	int fd = SYS(open(workload_path(name), O_CREAT | O_RDWR | O_CLOEXEC, 0640));

	workload_fill(content, SIZE, seed);
	SAME(SIZE, write(fd, content, SIZE));
	return fd;
}

static void check_start(const char *what, int fd, uint64_t seed)
{
	static char content[SIZE];

	SAME(SIZE, pread(fd, content, SIZE, 0));
	workload_verify(what, content, SIZE, seed);
}

/* Appends a number; all before are there. */
static void grow(int fd, uint64_t number)
{
	static uint64_t all[1 << 17];
	struct stat status;

	SYS(fstat(fd, &status));
	SAME(SIZE + number * 8, status.st_size);
	SAME(8, pwrite(fd, &number, 8, status.st_size));
	SAME(8 * (number + 1), pread(fd, all, sizeof(all), SIZE));
	for (uint64_t i = 0; i <= number; i++)
		SAME(i, all[i]);
}

static void check_links(int fd, int links, mode_t mode)
{
	struct stat status;

	SYS(fstat(fd, &status));
	SAME(links, status.st_nlink);
	SAME(mode, status.st_mode & 0777);
}

int main(void)
{
	int gone = make("gone", 1), mapped = make("mapped", 3), temporary;
	uint64_t number = 0;
	char *area;
	pid_t child;

	SYS(unlink(workload_path("gone")));
	area = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, mapped, 0);
	CHECK(area != MAP_FAILED);
	SYS(unlink(workload_path("mapped")));
	SYS(close(mapped));
	temporary = SYS(open(workload_path("."), O_TMPFILE | O_RDWR, 0600));
	SYS(ftruncate(temporary, SIZE));
	child = SYS(fork());
	if (!child) {
		while (!workload_finished()) {
			check_start("unlinked file, in the child", gone, 1);
			workload_pause();
		}
		_exit(0);
	}
	workload_ready();
	do {
		check_start("unlinked file", gone, 1);
		check_links(gone, 0, 0640);
		grow(gone, number);
		workload_verify("mapping of an unlinked file", area, SIZE, 3);
		check_links(temporary, 0, 0600);
		grow(temporary, number++);
	} while (workload_goes_on());
	workload_reap(child, EXITED(0));
	workload_pass();
}
