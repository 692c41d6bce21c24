/* SPDX-License-Identifier: Apache-2.0 */
// needs: processor
/*
 * file_written_by_all - processes write to one open file description without pause: a checkpoint finds all of them at
 * the same position, and it stays one description, in which no line is lost or written over.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

#define WRITERS 4
#define LINE 16

static void write_lines(int file, int report)
{
	char line[LINE + 1];
	uint32_t lines = 0;

	for (; !workload_finished(); lines++) {
		snprintf(line, sizeof(line), "%5d %9u", getpid() % 100000, lines);
		line[LINE - 1] = '\n';
		SAME(LINE, write(file, line, LINE));
		if (lines % 512 == 0)
			workload_pause();
	}
	SAME(sizeof(lines), write(report, &lines, sizeof(lines)));
}

int main(void)
{
	int file = SYS(open(workload_path("lines"), O_RDWR | O_CREAT | O_TRUNC, 0600)), report[2];
	pid_t writers[WRITERS];
	uint32_t total = 0, lines;
	struct stat st;

	SYS(pipe(report));
	for (int n = 0; n < WRITERS; n++) {
		writers[n] = SYS(fork());
		if (!writers[n]) {
			write_lines(file, report[1]);
			_exit(0);
		}
	}
	workload_ready();
	do {
		SYS(fstat(file, &st));
		SAME(0, st.st_size % LINE);
	} while (workload_goes_on());
	for (int n = 0; n < WRITERS; n++) {
		workload_reap(writers[n], EXITED(0));
		SAME(sizeof(lines), read(report[0], &lines, sizeof(lines)));
		total += lines;
	}
	SYS(fstat(file, &st));
	SAME((long long)total * LINE, st.st_size);
	SAME(st.st_size, lseek(file, 0, SEEK_CUR));
	workload_pass();
}
