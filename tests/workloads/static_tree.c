/* SPDX-License-Identifier: Apache-2.0 */
// static
/*
 * static_tree - processes of a statically linked program: a child that lives all the time and answers through pipes, and
 * one after the other that lives for a moment; one executes the program again.
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static int to_child[2], from_child[2];

static void answer(void)
{
	long number;

	SYS(close(to_child[1]));
	while (TEMP_FAILURE_RETRY(read(to_child[0], &number, sizeof(number))) == sizeof(number)) {
		number = number * 3 + getppid();
		SAME(sizeof(number), write(from_child[1], &number, sizeof(number)));
	}
	_exit(0);
}

static void ask(long number)
{
	long got;

	SAME(sizeof(number), write(to_child[1], &number, sizeof(number)));
	SAME(sizeof(got), TEMP_FAILURE_RETRY(read(from_child[0], &got, sizeof(got))));
	SAME(number * 3 + getpid(), got);
}

static void live_for_a_moment(int n, const char *program)
{
	pid_t child = SYS(fork());

	if (!child) {
		workload_pause();
		if (n % 2)
			execl(program, program, "short", NULL);
		_exit(7);
	}
	workload_reap(child, EXITED(7));
}

int main(int argc, char **argv)
{
	pid_t child;
	int n = 0;

	if (argc > 1 && !strcmp(argv[1], "short"))
		return 7;
	SYS(pipe(to_child));
	SYS(pipe(from_child));
	child = SYS(fork());
	if (!child)
		answer();
	SYS(close(to_child[0]));
	workload_ready();
	do {
		ask(n);
		live_for_a_moment(n++, argv[0]);
	} while (workload_goes_on());
	SYS(close(to_child[1]));
	workload_reap(child, EXITED(0));
	workload_pass();
}
