/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem_file_shared - a file mapped shared by two processes, one of which has closed it: both see each other's writes,
 * and so does who reads the file.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define SIZE (64 << 10)

struct content {
	volatile uint64_t question, answer;
	char kept[SIZE - 16];
};

static _Noreturn void answer(struct content *shared)
{
	while (shared->question != UINT64_MAX) {
		uint64_t now = shared->question;

		if (shared->answer != now)
			shared->answer = now;
		workload_pause();
	}
	_exit(2);
}

static void check(struct content *shared, int fd, uint64_t number)
{
	static struct content read_back;

	shared->question = number;
	while (shared->answer != number)
		workload_pause();
	SAME(SIZE, pread(fd, &read_back, SIZE, 0));
	SAME(number, read_back.question);
	SAME(number, read_back.answer);
	workload_verify("content of the mapped file", shared->kept, sizeof(shared->kept), 3);
	workload_verify("content of the file", read_back.kept, sizeof(read_back.kept), 3);
	SYS(msync(shared, SIZE, number % 2 ? MS_SYNC : MS_ASYNC));
}

int main(void)
{
	int fd = SYS(open(workload_path("mapped"), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	struct content *shared;
	uint64_t number = 1;
	pid_t child;

	SYS(ftruncate(fd, SIZE));
	shared = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(shared != MAP_FAILED);
	workload_fill(shared->kept, sizeof(shared->kept), 3);
	child = SYS(fork());
	if (!child) {
		SYS(close(fd));
		answer(shared);
	}
	workload_ready();
	do
		check(shared, fd, number++);
	while (workload_goes_on());
	shared->question = UINT64_MAX;
	workload_reap(child, EXITED(2));
	workload_pass();
}
