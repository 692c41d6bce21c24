/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipe_data - pipes with data inside that is read only at the end: full, part full, enlarged, of packets, with one end
 * in another process, with the writer gone; and one whose reader is gone.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "workload.h"

enum { FULL, PART, LARGE, PACKETS, OTHERS, WRITER_GONE, PIPES };

static struct pipe {
	int ends[2], inside, capacity;
} pipes[PIPES];
static char block[1 << 20];

static void fill(int i, int size)
{
	struct pipe *p = &pipes[i];
	ssize_t n;

	workload_fill(block, sizeof(block), i);
	while (p->inside < size && (n = write(p->ends[1], block + p->inside, size - p->inside)) > 0)
		p->inside += n;
	p->capacity = SYS(fcntl(p->ends[1], F_GETPIPE_SZ));
}

static void set_up(void)
{
	for (int i = 0; i < PIPES; i++)
		SYS(pipe2(pipes[i].ends, O_NONBLOCK | (i == PACKETS ? O_DIRECT : 0)));
	SYS(fcntl(pipes[LARGE].ends[0], F_SETPIPE_SZ, 1 << 19));
	fill(FULL, sizeof(block));
	fill(PART, 12345);
	fill(LARGE, 300000);
	fill(OTHERS, 50000);
	fill(WRITER_GONE, 777);
	for (int size = 1; size < 10; size++)
		SAME(size, write(pipes[PACKETS].ends[1], "123456789", size));
	pipes[PACKETS].inside = 45;
	pipes[PACKETS].capacity = SYS(fcntl(pipes[PACKETS].ends[1], F_GETPIPE_SZ));
}

static void check(int i)
{
	struct pipe *p = &pipes[i];
	int inside;

	SYS(ioctl(p->ends[0], FIONREAD, &inside));
	SAME(p->inside, inside);
	SAME(p->capacity, SYS(fcntl(p->ends[0], F_GETPIPE_SZ)));
	CHECK(SYS(fcntl(p->ends[0], F_GETFL)) & O_NONBLOCK);
	if (i == FULL)
		FAILS(EAGAIN, write(p->ends[1], block, 1));
}

static void drain(int i)
{
	struct pipe *p = &pipes[i];
	ssize_t n, got = 0;

	while ((n = read(p->ends[0], block + got, sizeof(block) - got)) > 0)
		got += n;
	SAME(p->inside, got);
	workload_verify("content of a pipe", block, got, i);
}

static void drain_packets(void)
{
	for (int size = 1; size < 10; size++) {
		SAME(size, read(pipes[PACKETS].ends[0], block, 100));
		SAME('0' + size, block[size - 1]);
	}
	FAILS(EAGAIN, read(pipes[PACKETS].ends[0], block, 100));
}

int main(void)
{
	int readerless[2];
	pid_t child;

	signal(SIGPIPE, SIG_IGN);
	set_up();
	SYS(pipe(readerless));
	child = SYS(fork());
	if (!child) {
		for (int i = 0; i < PIPES; i++)
			SYS(close(pipes[i].ends[i == OTHERS ? 1 : 0]));
		SYS(close(readerless[0]));
		SYS(close(pipes[WRITER_GONE].ends[1]));
		while (!workload_finished())
			workload_pause();
		drain(OTHERS);
		_exit(0);
	}
	SYS(close(readerless[0]));
	SYS(close(pipes[WRITER_GONE].ends[1]));
	workload_ready();
	do
		for (int i = 0; i < PIPES; i++)
			check(i);
	while (workload_goes_on());
	workload_reap(child, EXITED(0));
	FAILS(EAGAIN, read(pipes[OTHERS].ends[0], block, 1));
	drain(FULL);
	drain(PART);
	drain(LARGE);
	drain_packets();
	drain(WRITER_GONE);
	SAME(0, read(pipes[WRITER_GONE].ends[0], block, 1));
	FAILS(EPIPE, write(readerless[1], "x", 1));
	workload_pass();
}
