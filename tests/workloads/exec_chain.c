/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec_chain - a program that executes itself again and again: with other arguments, by execveat of a descriptor,
 * with an empty environment, through env -i. One process stays at the end of such a chain and checks what the kernel
 * tells of its arguments, environment and executable.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static char program[256];

/* Goes to `step`, in the way that this step prescribes; the next one is told its process number, which must not change. */
static _Noreturn void step(const char *kind, int number)
{
	char text[16], pid[16], dir[256];
	char *arguments[] = { "holdfast, exec chain", (char *)kind, text, pid, dir, NULL };
	char *nothing[] = { NULL };
	char *environment[] = { "CHAIN=linked", NULL };

	snprintf(text, sizeof(text), "%d", number);
	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(dir, sizeof(dir), "%s", getenv("WORKLOAD_DIR"));
	switch (number) {
	case 1:
		execv(program, arguments);
		break;
	case 2:
		execve(program, arguments, nothing);
		break;
	case 3:
		fexecve(SYS(open(program, O_RDONLY | O_CLOEXEC)), arguments, environment);
		break;
	case 4:
		execlp("env", "env", "-i", "CHAIN=linked", program, kind, text, pid, dir, (char *)NULL);
		break;
	}
	FAIL("step %d: %m", number);
}

static void check_text(const char *path, const char *expected, size_t length)
{
	char got[4096];
	int fd = SYS(open(path, O_RDONLY | O_CLOEXEC));
	ssize_t n = SYS(read(fd, got, sizeof(got)));

	SYS(close(fd));
	if (n < (ssize_t)length || memcmp(got, expected, length))
		FAIL("%s, expected '%s'..., got '%.*s'", path, expected, (int)n, got);
}

static void check_end(int argc, char **argv)
{
	char arguments[1024], link[256] = "";
	size_t length = 0;

	SYS(readlink("/proc/self/exe", link, sizeof(link) - 1));
	if (strcmp(link, program))
		FAIL("/proc/self/exe, expected %s, got %s", program, link);
	for (int i = 0; i < argc; i++)
		length += snprintf(arguments + length, sizeof(arguments) - length, "%s", argv[i]) + 1;
	check_text("/proc/self/cmdline", arguments, length);
	CHECK(!getenv("HOME"));
	CHECK(!strcmp(getenv("CHAIN"), "linked"));
	check_text("/proc/self/environ", "CHAIN=linked", sizeof("CHAIN=linked"));
}

/* One link: argv is name, kind, step, process number, directory. */
static int link_of_chain(int argc, char **argv)
{
	int number = atoi(argv[2]);
	char *arguments[8];

	memcpy(arguments, argv, argc * sizeof(*argv));
	setenv("WORKLOAD_DIR", argv[4], 1);
	SAME(atoi(argv[3]), getpid());
	if (number < 4)
		step(argv[1], number + 1);
	while (!strcmp(argv[1], "stay") && !workload_finished()) {
		check_end(argc, arguments);
		workload_pause();
	}
	return 40;
}

static pid_t chain(const char *kind)
{
	pid_t pid = SYS(fork());

	if (!pid)
		step(kind, 1);
	return pid;
}

int main(int argc, char **argv)
{
	pid_t stays;

	SYS(readlink("/proc/self/exe", program, sizeof(program) - 1));
	if (argc > 1)
		return link_of_chain(argc, argv);
	stays = chain("stay");
	workload_reap(chain("pass"), EXITED(40));
	workload_ready();
	while (workload_goes_on())
		workload_reap(chain("pass"), EXITED(40));
	workload_reap(stays, EXITED(40));
	workload_pass();
}
