/* SPDX-License-Identifier: Apache-2.0 */
/* dir_open - reading a folder goes on where it was, entry by entry; a folder's descriptor still leads into it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

#define ENTRIES 300

static bool seen[ENTRIES];
static int count;

static void see(const char *name)
{
	int i;

	if (name[0] == '.')
		return;
	i = atoi(name);
	CHECK(i >= 0 && i < ENTRIES);
	if (seen[i])
		FAIL("entry %d is read twice", i);
	seen[i] = true;
	count++;
}

/* Reads some entries by a small buffer, so that the kernel's position is between two. Returns false at the end. */
static bool read_some(int fd)
{
	char buffer[120] __attribute__((aligned(8)));
	long n = SYS(syscall(SYS_getdents64, fd, buffer, sizeof(buffer)));

	for (long at = 0; at < n;) {
		struct dirent64 *entry = (struct dirent64 *)(buffer + at);

		see(entry->d_name);
		at += entry->d_reclen;
	}
	return n > 0;
}

static void check_end(void)
{
	SAME(ENTRIES, count);
	memset(seen, 0, sizeof(seen));
	count = 0;
}

static void read_whole(DIR *dir)
{
	struct dirent *entry;

	rewinddir(dir);
	while ((entry = readdir(dir)))
		see(entry->d_name);
	check_end();
}

static void make(int dir)
{
	char name[16];

	for (int i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof(name), "%d", i);
		SYS(close(SYS(openat(dir, name, O_CREAT | O_WRONLY, 0600))));
	}
}

int main(void)
{
	int fd, path_only;
	DIR *dir;

	SYS(mkdir(workload_path("dir"), 0700));
	fd = SYS(open(workload_path("dir"), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	path_only = SYS(open(workload_path("dir"), O_PATH | O_CLOEXEC));
	make(fd);
	dir = opendir(workload_path("dir"));
	CHECK(dir);
	workload_ready();
	do {
		read_some(fd);
		if (!read_some(fd)) {
			check_end();
			SYS(lseek(fd, 0, SEEK_SET));
		}
		ZERO(faccessat(fd, "17", F_OK, 0));
		ZERO(faccessat(path_only, "18", F_OK, 0));
		CHECK(SYS(fcntl(path_only, F_GETFL)) & O_PATH);
	} while (workload_goes_on());
	while (read_some(fd))
		;
	check_end();
	read_whole(dir);
	workload_pass();
}
