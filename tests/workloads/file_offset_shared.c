/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_offset_shared - descriptors of one description, by fork and by dup, share position and status flags; another
 * description of the same file has its own.
 */
#include <fcntl.h>
#include <unistd.h>

#include "workload.h"

#define SIZE 100000

static int to_child[2], to_parent[2], shared, doubled, alone;

static off_t position(int fd)
{
	return SYS(lseek(fd, 0, SEEK_CUR));
}

/* The child moves the shared position by what it is told, and answers with its own. */
static _Noreturn void child(void)
{
	off_t distance, own = 0;

	while (read(to_child[0], &distance, sizeof(distance)) == sizeof(distance) && distance >= 0) {
		off_t now = SYS(lseek(shared, distance, SEEK_SET));

		SAME(own, position(alone)); /* opened before the fork, moved by the child alone */
		own = SYS(lseek(alone, 1, SEEK_CUR));
		SAME(sizeof(now), write(to_parent[1], &now, sizeof(now)));
	}
	_exit(3);
}

static void tell(off_t distance)
{
	SAME(sizeof(distance), write(to_child[1], &distance, sizeof(distance)));
}

static void check(off_t distance, int independent)
{
	off_t moved;
	char byte;
	int flags;

	SAME(777, position(independent));
	tell(distance);
	SAME(sizeof(moved), read(to_parent[0], &moved, sizeof(moved)));
	SAME(distance, position(shared));
	SAME(distance, position(doubled));
	SAME(1, read(doubled, &byte, 1));
	SAME(distance + 1, position(shared));
	flags = SYS(fcntl(shared, F_GETFL)) ^ O_NONBLOCK;
	SYS(fcntl(shared, F_SETFL, flags));
	SAME(flags, SYS(fcntl(doubled, F_GETFL)));
	CHECK(!(SYS(fcntl(independent, F_GETFL)) & O_NONBLOCK));
	SAME(FD_CLOEXEC, SYS(fcntl(doubled, F_GETFD)));
	SAME(0, SYS(fcntl(shared, F_GETFD)));
}

int main(void)
{
	int independent;
	off_t distance = 0;
	pid_t pid;

	SYS(pipe(to_child));
	SYS(pipe(to_parent));
	shared = SYS(open(workload_path("file"), O_CREAT | O_RDWR, 0600));
	SYS(ftruncate(shared, SIZE));
	doubled = SYS(fcntl(shared, F_DUPFD_CLOEXEC, 50));
	independent = SYS(open(workload_path("file"), O_RDONLY));
	alone = SYS(open(workload_path("file"), O_RDONLY));
	SYS(lseek(independent, 777, SEEK_SET));
	pid = SYS(fork());
	if (!pid)
		child();
	SYS(close(alone));
	workload_ready();
	do {
		check(distance, independent);
		distance = (distance + 7919) % SIZE;
	} while (workload_goes_on());
	tell(-1);
	workload_reap(pid, EXITED(3));
	workload_pass();
}
