/* SPDX-License-Identifier: Apache-2.0 */
/* eventfd - counters keep their value and kind; two processes hand a turn to each other; a writer waits at the limit. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "workload.h"

static void add(int fd, uint64_t value)
{
	SAME(8, write(fd, &value, 8));
}

static uint64_t take(int fd)
{
	uint64_t value;

	SAME(8, read(fd, &value, 8));
	return value;
}

static bool readable(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return SYS(poll(&p, 1, 0));
}

static void *waits_to_write(void *fd)
{
	add(*(int *)fd, 2);
	CHECK(workload_finished());
	return NULL;
}

static _Noreturn void answer(int question, int reply)
{
	uint64_t value;

	while ((value = take(question)) != 1000)
		add(reply, value + 1);
	_exit(4);
}

int main(void)
{
	int kept = SYS(eventfd(0, EFD_NONBLOCK)), semaphore = SYS(eventfd(5, EFD_SEMAPHORE | EFD_NONBLOCK));
	int full = SYS(eventfd(0, 0)), question = SYS(eventfd(0, EFD_CLOEXEC)), reply = SYS(eventfd(0, EFD_CLOEXEC));
	pid_t child = SYS(fork());
	pthread_t writer;
	uint64_t value;

	if (!child)
		answer(question, reply);
	add(kept, 0x123456789abcdef);
	add(full, UINT64_MAX - 2);
	ZERO(pthread_create(&writer, NULL, waits_to_write, &full));
	workload_ready();
	do {
		for (int i = 1; i < 50; i++) {
			add(question, i);
			SAME(i + 1, take(reply));
		}
		SAME(1, take(semaphore)); /* one of five, given back */
		add(semaphore, 1);
		CHECK(readable(kept));
		SAME(O_NONBLOCK, SYS(fcntl(kept, F_GETFL)) & O_NONBLOCK);
		SAME(FD_CLOEXEC, SYS(fcntl(question, F_GETFD)));
	} while (workload_goes_on());
	SAME(0x123456789abcdef, take(kept));
	FAILS(EAGAIN, read(kept, &value, 8));
	for (int i = 0; i < 5; i++)
		SAME(1, take(semaphore));
	FAILS(EAGAIN, read(semaphore, &value, 8));
	SAME(UINT64_MAX - 2, take(full));
	ZERO(pthread_join(writer, NULL));
	SAME(2, take(full));
	add(question, 1000);
	workload_reap(child, EXITED(4));
	workload_pass();
}
