/* SPDX-License-Identifier: Apache-2.0 */
/* fifo - named pipes between processes: one with data inside until the end, one in use, one opened at both ends. */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

static int open_fifo(const char *name, int flags)
{
	return SYS(open(workload_path(name), flags | O_CLOEXEC));
}

static _Noreturn void child(void)
{
	int in = open_fifo("question", O_RDONLY), out = open_fifo("answer", O_WRONLY),
	    kept = open_fifo("kept", O_WRONLY);
	char block[30000];
	uint64_t value;

	workload_fill(block, sizeof(block), 6);
	SAME(sizeof(block), write(kept, block, sizeof(block)));
	while (read(in, &value, 8) == 8)
		SAME(8, write(out, &value, 8));
	_exit(7);
}

static void check_kept(int fd, int size)
{
	int inside;

	SYS(ioctl(fd, FIONREAD, &inside));
	SAME(size, inside);
}

int main(void)
{
	const char *names[] = { "question", "answer", "kept", "own" };
	int question, answer, kept, own;
	uint64_t number = 0, got;
	char block[30001];
	pid_t pid;

	for (int i = 0; i < 4; i++)
		SYS(mkfifo(workload_path(names[i]), 0600));
	pid = SYS(fork());
	if (!pid)
		child();
	question = open_fifo("question", O_WRONLY);
	answer = open_fifo("answer", O_RDONLY);
	kept = open_fifo("kept", O_RDONLY);
	own = open_fifo("own", O_RDWR | O_NONBLOCK);
	SAME(5, write(own, "hello", 5));
	do {
		workload_pause();
		SYS(ioctl(kept, FIONREAD, &got));
	} while ((int)got != 30000);
	workload_ready();
	do {
		SAME(8, write(question, &number, 8));
		SAME(8, read(answer, &got, 8));
		SAME(number++, got);
		check_kept(kept, 30000);
		check_kept(own, 5);
		CHECK(SYS(fcntl(own, F_GETFL)) & O_NONBLOCK);
	} while (workload_goes_on());
	SYS(close(question));
	workload_reap(pid, EXITED(7));
	for (size_t n = 0; n < 30000;)
		n += SYS(read(kept, block + n, sizeof(block) - n));
	workload_verify("content of the FIFO", block, 30000, 6);
	SAME(0, read(kept, block, 1));
	SAME(5, read(own, block, 100));
	FAILS(EAGAIN, read(own, block, 100));
	workload_pass();
}
