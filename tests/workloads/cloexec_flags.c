/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloexec_flags - descriptors keep their numbers, also high ones, their flags and the gaps between them; a program
 * executed by the process finds exactly those that are not close-on-exec.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workload.h"

#define FIRST 3

static const struct file {
	int number, flags;
} files[] = {
	{ 3, O_RDONLY },
	{ 4, O_WRONLY | O_CLOEXEC },
	{ 7, O_RDWR | O_NONBLOCK },
	{ 10, O_RDWR | O_APPEND | O_CLOEXEC },
	{ 11, O_RDWR | O_SYNC },
	{ 12, O_RDWR | O_DSYNC | O_CLOEXEC },
	{ 63, O_RDONLY | O_DIRECT },
	{ 64, O_PATH },
	{ 255, O_RDWR | O_CLOEXEC },
	{ 1000, O_RDWR },
};
#define FILES ((int)(sizeof(files) / sizeof(*files)))

/* The open descriptors from FIRST on must be those of the table, without close-on-exec ones when `executed`. */
static void check_numbers(bool executed)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int found = 0, wanted = 0;

	CHECK(dir);
	while ((entry = readdir(dir))) {
		int number = atoi(entry->d_name), i = 0;

		if (entry->d_name[0] == '.' || number < FIRST || number == dirfd(dir))
			continue;
		while (i < FILES && files[i].number != number)
			i++;
		if (i == FILES || (executed && files[i].flags & O_CLOEXEC))
			FAIL("descriptor %d is open%s", number, executed ? " in the executed program" : "");
		found++;
	}
	closedir(dir);
	for (int i = 0; i < FILES; i++)
		wanted += !executed || !(files[i].flags & O_CLOEXEC);
	SAME(wanted, found);
}

static void check_flags(void)
{
	for (int i = 0; i < FILES; i++) {
		int wanted = files[i].flags & ~O_CLOEXEC,
		    got = SYS(fcntl(files[i].number, F_GETFL)) & ~0100000; /* O_LARGEFILE */

		if (wanted != got)
			FAIL("flags of descriptor %d, expected %#o, got %#o", files[i].number, wanted, got);
		SAME(files[i].flags & O_CLOEXEC ? FD_CLOEXEC : 0, SYS(fcntl(files[i].number, F_GETFD)));
	}
}

static void execute(void)
{
	pid_t pid = SYS(fork());

	if (!pid) {
		execl("/proc/self/exe", "cloexec_flags", "executed", (char *)NULL);
		FAIL("exec: %m");
	}
	workload_reap(pid, EXITED(0));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "executed")) {
		check_numbers(true);
		return 0;
	}
	for (int fd = FIRST; fd < 20000; fd++)
		close(fd);
	SYS(close(SYS(open(workload_path("file"), O_CREAT | O_WRONLY, 0600))));
	for (int i = FILES - 1; i >= 0; i--) {
		int fd = SYS(open(workload_path("file"), files[i].flags));

		if (fd != files[i].number) {
			SYS(dup3(fd, files[i].number, files[i].flags & O_CLOEXEC));
			SYS(close(fd));
		}
	}
	workload_ready();
	do {
		check_flags();
		check_numbers(false);
		execute();
	} while (workload_goes_on());
	workload_pass();
}
