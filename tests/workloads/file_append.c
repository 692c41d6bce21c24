/* SPDX-License-Identifier: Apache-2.0 */
/* file_append - two processes append lines to one file, each by a description of its own: no line is lost or torn. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "workload.h"

#define LINE 16
#define MOST (15 << 20)

static int open_log(void)
{
	return SYS(open(workload_path("log"), O_CREAT | O_APPEND | O_RDWR | O_CLOEXEC, 0600));
}

static void append(int fd, char who, int number)
{
	char line[LINE + 1];

	snprintf(line, sizeof(line), "%c %012d\n", who, number);
	SAME(LINE - 1, write(fd, line, LINE - 1));
}

/* Every line is whole, and each writer's numbers have no gap; returns how many lines `who` has. */
static int check_lines(int fd, char who)
{
	static char content[MOST];
	ssize_t size = SYS(pread(fd, content, MOST, 0));
	int next[2] = { 0, 0 };

	SAME(0, size % (LINE - 1));
	CHECK(size < MOST);
	for (char *line = content; line < content + size; line += LINE - 1) {
		int index = line[0] - 'A';

		if (index < 0 || index > 1 || line[LINE - 2] != '\n' || atoi(line + 2) != next[index])
			FAIL("line at %ld is '%.15s'", (long)(line - content), line);
		next[index]++;
	}
	return next[who - 'A'];
}

static void check(int fd, char who, int number)
{
	append(fd, who, number);
	SAME(number + 1, check_lines(fd, who));
	CHECK(SYS(fcntl(fd, F_GETFL)) & O_APPEND);
}

int main(void)
{
	pid_t child = SYS(fork());
	int fd = open_log(), number = 0;

	if (!child) {
		for (; !workload_finished(); number++) {
			check(fd, 'B', number);
			workload_pause();
		}
		_exit(0);
	}
	workload_ready();
	do
		check(fd, 'A', number++);
	while (workload_goes_on());
	workload_reap(child, EXITED(0));
	workload_pass();
}
