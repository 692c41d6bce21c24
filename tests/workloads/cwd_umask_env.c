/* SPDX-License-Identifier: Apache-2.0 */
/* cwd_umask_env - working directory, umask and environment stay, in the process and in its child. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

static void check(mode_t mask, const char *dir, const char *variable)
{
	char cwd[256];
	struct stat file, named;
	int fd;

	CHECK(getcwd(cwd, sizeof(cwd)));
	if (strcmp(dir, cwd))
		FAIL("working directory, expected %s, got %s", dir, cwd);
	fd = SYS(open("made", O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0777));
	SYS(fstat(fd, &file));
	SAME(0777 & ~mask, file.st_mode & 0777);
	snprintf(cwd, sizeof(cwd), "%s/made", dir);
	SYS(stat(cwd, &named));
	SAME(file.st_ino, named.st_ino);
	SYS(unlink("made"));
	SYS(close(fd));
	SAME(mask, umask(mask));
	if (!getenv("WORKLOAD_VARIABLE") || strcmp(getenv("WORKLOAD_VARIABLE"), variable))
		FAIL("variable, expected %s, got %s", variable, getenv("WORKLOAD_VARIABLE"));
}

static void enter(const char *name, char *dir)
{
	strcpy(dir, workload_path(name));
	SYS(mkdir(dir, 0700));
	SYS(chdir(dir));
}

int main(void)
{
	char dir[256];
	pid_t child = SYS(fork());

	if (!child) {
		enter("of child", dir);
		umask(0077);
		setenv("WORKLOAD_VARIABLE", "of child", 1);
		while (!workload_finished()) {
			check(0077, dir, "of child");
			workload_pause();
		}
		_exit(0);
	}
	enter("of parent", dir);
	umask(0027);
	setenv("WORKLOAD_VARIABLE", "of parent", 1);
	workload_ready();
	do
		check(0027, dir, "of parent");
	while (workload_goes_on());
	workload_reap(child, EXITED(0));
	workload_pass();
}
