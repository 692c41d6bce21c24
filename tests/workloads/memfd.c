/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memfd - memory files: mapped by two processes, only a descriptor, only a mapping, sealed; with their size, offset,
 * name and flags.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

#define SIZE (100 << 10)

static int make(const char *name, unsigned flags, uint64_t seed)
{
	char content[SIZE];
	int fd = SYS(memfd_create(name, flags));

	workload_fill(content, SIZE, seed);
	SAME(SIZE, write(fd, content, SIZE));
	return fd;
}

static char *map(int fd, int protection)
{
	char *start = mmap(NULL, SIZE, protection, MAP_SHARED, fd, 0);

	CHECK(start != MAP_FAILED);
	return start;
}

static void check_content(const char *what, int fd, uint64_t seed)
{
	char content[SIZE + 1];

	SAME(SIZE, pread(fd, content, sizeof(content), 0));
	workload_verify(what, content, SIZE, seed);
}

static void check_name(int fd, const char *expected)
{
	char path[64], link[128] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	SYS(readlink(path, link, sizeof(link) - 1));
	if (strcmp(link, expected))
		FAIL("name of a memory file, expected %s, got %s", expected, link);
}

static const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

static void check_sealed(int fd)
{
	SAME(seals, SYS(fcntl(fd, F_GET_SEALS)));
	FAILS(EPERM, pwrite(fd, "x", 1, 0));
	FAILS(EPERM, ftruncate(fd, 10));
	check_content("sealed", fd, 3);
}

int main(void)
{
	int descriptor = make("only descriptor", MFD_CLOEXEC, 1), mapped = make("only mapped", 0, 2);
	int sealed = make("sealed", MFD_ALLOW_SEALING | MFD_CLOEXEC, 3), both = make("both", 0, 4);
	volatile char *shared = map(both, PROT_READ | PROT_WRITE);
	char *kept = map(mapped, PROT_READ);
	unsigned char turn = 1;
	pid_t child;

	SYS(close(mapped));
	SYS(fcntl(sealed, F_ADD_SEALS, seals));
	SAME(12345, SYS(lseek(descriptor, 12345, SEEK_SET)));
	shared[0] = shared[1] = 0;
	child = SYS(fork());
	if (!child) {
		while (shared[0] != 'q') {
			shared[1] = shared[0];
			workload_pause();
		}
		_exit(5);
	}
	workload_ready();
	do {
		check_content("only descriptor", descriptor, 1);
		SAME(12345, SYS(lseek(descriptor, 0, SEEK_CUR)));
		SAME(FD_CLOEXEC, SYS(fcntl(descriptor, F_GETFD)));
		SAME(F_SEAL_SEAL, SYS(fcntl(descriptor, F_GET_SEALS)));
		check_name(descriptor, "/memfd:only descriptor (deleted)");
		workload_verify("only mapped", kept, SIZE, 2);
		check_sealed(sealed);
		turn = turn % 100 + 1; /* never q, which is 113 */
		SAME(1, pwrite(both, &turn, 1, 0));
		while (shared[1] != turn)
			workload_pause();
		workload_pause();
	} while (workload_goes_on());
	shared[0] = 'q';
	workload_reap(child, EXITED(5));
	workload_pass();
}
