/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_rollback - output files that grow, by write, by append and through a stdio buffer: after a restart each is
 * exactly what the program has written so far, neither torn nor doubled.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

enum { WRITTEN, APPENDED, FILES };

static int fds[FILES];
static long lengths[FILES];

/* A line of a length of its own, so that a tear or an old rest shows. */
static int line_of(int number, char *line, size_t size)
{
	return snprintf(line, size, "line %d %.*s\n", number, number * 7 % 40,
			"........................................");
}

static void add(int i, int number)
{
	char line[80];
	int length = line_of(number, line, sizeof(line));

	SAME(length, write(fds[i], line, length));
	lengths[i] += length;
}

static void check(int fd, int lines, long length)
{
	char expected[80], got[80];
	struct stat status;
	long at = 0;

	SYS(fstat(fd, &status));
	SAME(length, status.st_size);
	for (int number = 0; number < lines; number++) {
		int size = line_of(number, expected, sizeof(expected));

		SAME(size, pread(fd, got, size, at));
		if (memcmp(expected, got, size))
			FAIL("line %d, expected '%.*s', got '%.*s'", number, size - 1, expected, size - 1, got);
		at += size;
	}
	SAME(length, at);
}

/* Buffered: what stands in the file is a beginning of what was written, and all of it after a flush. */
static void add_buffered(FILE *file, int number)
{
	static long length;
	char line[80];

	length += line_of(number, line, sizeof(line));
	CHECK(fputs(line, file) >= 0);
	if (number % 5 == 0) {
		ZERO(fflush(file));
		check(fileno(file), number + 1, length);
	}
}

int main(void)
{
	FILE *buffered = fopen(workload_path("buffered"), "w+e");
	int number = 0;

	CHECK(buffered);
	fds[WRITTEN] = SYS(open(workload_path("written"), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	fds[APPENDED] = SYS(open(workload_path("appended"), O_CREAT | O_RDWR | O_CLOEXEC | O_APPEND, 0600));
	workload_ready();
	do {
		for (int i = 0; i < FILES; i++) {
			add(i, number);
			check(fds[i], number + 1, lengths[i]);
		}
		add_buffered(buffered, number++);
	} while (workload_goes_on());
	workload_pass();
}
