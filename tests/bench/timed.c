/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timed.c - wait, run a command and write how long it took, in nanoseconds, to a file.
 *
 * usage: timed FILE SECONDS COMMAND...
 */
#define _GNU_SOURCE
#include <err.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

int main(int argc, char **argv)
{
	int64_t began;
	FILE *file;
	pid_t pid;
	int status;

	if (argc < 4)
		errx(2, "usage: timed FILE SECONDS COMMAND...");
	sleep((unsigned)atoi(argv[2]));
	began = now();
	if (posix_spawnp(&pid, argv[3], NULL, NULL, argv + 3, environ) || waitpid(pid, &status, 0) != pid || status)
		errx(1, "%s failed", argv[3]);
	file = fopen(argv[1], "w");
	if (!file || fprintf(file, "%lld\n", (long long)(now() - began)) < 0 || fclose(file))
		err(1, "%s", argv[1]);
	return 0;
}
