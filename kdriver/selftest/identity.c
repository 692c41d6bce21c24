// SPDX-License-Identifier: GPL-2.0-only
/* Tests of which things are one */
#define _GNU_SOURCE
#include "selftest.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define AREA ((char *)0x200000000000ull)

/* 50 and 51: one description; 52: the same file, opened again; 53, 54: a pipe; 55, 56: sockets. */
static void make_files(void)
{
	int fd[2];

	CHECK(dup2(open("/dev/zero", O_RDONLY), 50) == 50);
	CHECK(dup2(50, 51) == 51);
	CHECK(dup2(open("/dev/zero", O_RDONLY), 52) == 52);
	CHECK(!pipe(fd) && dup2(fd[0], 53) == 53 && dup2(fd[1], 54) == 54);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fd) && dup2(fd[0], 55) == 55 && dup2(fd[1], 56) == 56);
	CHECK(mmap(AREA, 8192, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == AREA);
	shared->go++;
	pause();
}

static struct holdfast_file files[64];

static long list_files(int controller, pid_t pid, size_t capacity)
{
	struct holdfast_list list = { .pid = pid, .count = capacity, .array = (uintptr_t)files };

	return ioctl(controller, HOLDFAST_FILES, &list) ? -1 : (long)list.count;
}

static struct holdfast_file of(int controller, pid_t pid, uint32_t fd)
{
	long count = list_files(controller, pid, 64);

	for (long i = 0; i < count; i++)
		if (files[i].fd == fd)
			return files[i];
	CHECK(!"descriptor found");
	return files[0];
}

static void test_files(void)
{
	struct holdfast_token token, other_token;
	struct holdfast_stop stop;
	struct holdfast_list list = { .array = 8, .count = 1 };
	struct holdfast_file f[57], g;
	int controller = new_controller(&token), other = new_controller(&other_token);
	pid_t pid = new_member(&token, make_files), second;

	AWAIT(shared->go == 1);
	CHECK(!stop_group(controller, &stop, 5000));
	for (int fd = 50; fd < 57; fd++)
		f[fd] = of(controller, pid, fd);
	CHECK(f[50].description == f[51].description && f[50].description != f[52].description);
	CHECK(f[50].object == f[52].object);
	CHECK(f[53].object == f[54].object && f[53].description != f[54].description);
	CHECK(f[53].flags == HOLDFAST_FILE_PIPE && f[55].flags == HOLDFAST_FILE_SOCKET && !f[50].flags);
	CHECK(f[55].peer == f[56].object && f[56].peer == f[55].object && f[55].object != f[56].object);
	CHECK(list_files(controller, pid, 2) > 7);
	list.pid = pid;
	CHECK_ERROR(ioctl(controller, HOLDFAST_FILES, &list), EFAULT);
	/* Of another process of the group: standard output is shared. */
	second = new_member(&token, make_files);
	CHECK(!stop_group(controller, &stop, 5000));
	g = of(controller, second, 1);
	CHECK(g.description == of(controller, pid, 1).description);
	end_child(second);
	/* Nobody else can use the number. */
	second = new_member(&other_token, make_files);
	CHECK(!stop_group(other, &stop, 5000));
	CHECK(of(other, second, 1).description != g.description);
	end_child(pid);
	end_child(second);
}

static void test_areas(void)
{
	struct holdfast_area areas[64], more[64];
	struct holdfast_list list = { .array = (uintptr_t)areas, .count = 64 };
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, make_files), second = new_member(&token, make_files);
	bool found = false, same = false;

	AWAIT(shared->go == 2);
	CHECK(!stop_group(controller, &stop, 5000));
	list.pid = pid;
	CHECK(!ioctl(controller, HOLDFAST_AREAS, &list));
	CHECK(list.count >= 2);
	for (uint32_t i = 0; i < list.count; i++)
		found |= areas[i].start == (uintptr_t)AREA && areas[i].end == (uintptr_t)AREA + 8192;
	CHECK(found);
	list = (struct holdfast_list) { .array = (uintptr_t)more, .count = 64, .pid = second };
	CHECK(!ioctl(controller, HOLDFAST_AREAS, &list));
	/* `shared` is one, the AREAs are two. */
	for (uint32_t i = 0; i < list.count; i++)
		for (uint32_t k = 0; k < list.count; k++) {
			if (more[i].start == (uintptr_t)AREA)
				CHECK(more[i].object != areas[k].object);
			same |= more[i].start == (uintptr_t)shared && areas[k].start == more[i].start &&
				areas[k].object == more[i].object;
		}
	CHECK(same);
	list = (struct holdfast_list) { .array = 8, .count = 64, .pid = second };
	CHECK_ERROR(ioctl(controller, HOLDFAST_AREAS, &list), EFAULT);
	end_child(pid);
	end_child(second);
}

const struct test identity_tests[] = {
	{ "identity: of descriptors", test_files },
	{ "identity: of shared areas", test_areas },
	{}
};
