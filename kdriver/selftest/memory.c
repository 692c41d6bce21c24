// SPDX-License-Identifier: GPL-2.0-only
/* Tests of a member's memory */
#define _GNU_SOURCE
#include "selftest.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define PAGE 4096ull
#define AREA ((char *)0x200000000000ull)

static void *map(char *at, size_t size, int prot, int flags, int fd)
{
	void *got = mmap(at, size, prot, flags | MAP_FIXED_NOREPLACE, fd, 0);

	CHECK(got == at);
	return got;
}

/*
 * AREA: 64 pages, of which 3, 4 and 40 are written and 20 is only read; then
 * a page without access that was written, a page that may only be read, a hole, 4 pages of a
 * file, private, of which the second is written, and a shared page.
 */
static void make_areas(void)
{
	int file = memfd_create("selftest", 0);
	volatile char sink;

	CHECK(!ftruncate(file, 4 * PAGE));
	map(AREA, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(AREA + 3 * PAGE, 'a', PAGE);
	memset(AREA + 4 * PAGE, 'b', PAGE);
	memset(AREA + 40 * PAGE, 'c', PAGE);
	sink = AREA[20 * PAGE];
	map(AREA + 65 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(AREA + 65 * PAGE, 'd', PAGE);
	CHECK(!mprotect(AREA + 65 * PAGE, PAGE, PROT_NONE));
	map(AREA + 67 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(AREA + 67 * PAGE, 'e', PAGE);
	CHECK(!mprotect(AREA + 67 * PAGE, PAGE, PROT_READ));
	map(AREA + 70 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file);
	sink = AREA[70 * PAGE];
	AREA[71 * PAGE] = 'f';
	map(AREA + 80 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	AREA[80 * PAGE] = 'g';
	(void)sink;
	shared->go = 1;
	AWAIT(shared->go == 2);
	shared->value[0] = AREA[3 * PAGE + 5] == 'X' && AREA[3 * PAGE + 6] == 'a' &&
			   AREA[67 * PAGE] == 'Y' && AREA[70 * PAGE] == 'Z';
	shared->go = 3;
	pause();
}

static void test_positional(void)
{
	static char buffer[66 * 4096];
	struct holdfast_token token;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, make_areas);
	int fd = open_memory(&token, pid);
	off_t at = (uintptr_t)AREA;

	(void)controller;
	CHECK(fd >= 0);
	AWAIT(shared->go == 1);
	CHECK(pread(fd, buffer, 10, at + 3 * PAGE + PAGE - 5) == 10);
	CHECK(!memcmp(buffer, "aaaaabbbbb", 10));
	CHECK(pread(fd, buffer, 1, at + 20 * PAGE) == 1 && !buffer[0]);
	/* As far as it is mapped. */
	CHECK(pread(fd, buffer, 66 * PAGE, at) == (long)(64 * PAGE));
	CHECK(buffer[40 * PAGE] == 'c' && !buffer[5 * PAGE]);
	CHECK(pread(fd, buffer, PAGE, at + 65 * PAGE) == (long)PAGE && buffer[0] == 'd');
	CHECK(pread(fd, buffer, 0, at) == 0);
	CHECK_ERROR(pread(fd, buffer, 1, at + 64 * PAGE), EIO);
	CHECK_ERROR(pread(fd, buffer, 1, 0), EIO);
	CHECK_ERROR(pread(fd, buffer, 1, 0x7ffffffffffff000), EIO);
	CHECK_ERROR(pread(fd, buffer, 1, -1), EINVAL);
	CHECK_ERROR(pread(fd, buffer, PAGE * 2, INT64_MAX - PAGE), EINVAL);
	CHECK_ERROR(pread(fd, nowhere, 10, at), EFAULT);
	CHECK(pwrite(fd, "X", 1, at + 3 * PAGE + 5) == 1);
	CHECK(pwrite(fd, "Y", 1, at + 67 * PAGE) == 1);
	CHECK(pwrite(fd, "Z", 1, at + 70 * PAGE) == 1);
	CHECK_ERROR(pwrite(fd, "Z", 1, at + 64 * PAGE), EIO);
	CHECK_ERROR(pwrite(fd, nowhere, 10, at), EFAULT);
	shared->go = 2;
	AWAIT(shared->go == 3);
	CHECK(shared->value[0]);
	end_child(pid);
	CHECK_ERROR(pread(fd, buffer, 1, at), ESRCH);
}

/* Pages of AREA that are read as used, as a string of their first bytes. */
static void used_pages(int fd, char *used, size_t size)
{
	static char buffer[1 << 20];
	ssize_t got;
	size_t count = 0;

	memset(used, 0, size);
	CHECK(lseek(fd, (off_t)(uintptr_t)AREA, SEEK_SET) == (off_t)(uintptr_t)AREA);
	while ((got = read(fd, buffer, sizeof(buffer))) > 0) {
		for (char *p = buffer; p < buffer + got;) {
			struct holdfast_run run;

			memcpy(&run, p, sizeof(run));
			p += sizeof(run);
			CHECK(run.start < run.end && !(run.start % PAGE) && !(run.end % PAGE));
			for (uint64_t a = run.start; a < run.end; a += PAGE, p += PAGE)
				if (a < (uintptr_t)AREA + 100 * PAGE && count < size - 1)
					used[count++] = *p;
			CHECK(p <= buffer + got);
		}
	}
	CHECK(!got);
}

static void test_used_pages(void)
{
	struct holdfast_token token;
	char used[32], one[PAGE + sizeof(struct holdfast_run)];
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, make_areas);
	int fd = open_memory(&token, pid);

	(void)controller;
	AWAIT(shared->go == 1);
	used_pages(fd, used, sizeof(used));
	CHECK(!strcmp(used, "abcdef"));
	CHECK_ERROR(read(fd, one, sizeof(one) - 1), EINVAL);
	CHECK_ERROR(lseek(fd, 5, SEEK_SET), EINVAL);
	CHECK_ERROR(lseek(fd, -4096, SEEK_SET), EINVAL);
	CHECK_ERROR(lseek(fd, 0, SEEK_CUR), EINVAL);
	CHECK(lseek(fd, (off_t)(uintptr_t)AREA, SEEK_SET) > 0);
	CHECK_ERROR(read(fd, nowhere, sizeof(one)), EFAULT);
	CHECK(lseek(fd, (off_t)(uintptr_t)AREA, SEEK_SET) > 0);
	CHECK(read(fd, one, sizeof(one)) == sizeof(one));
	CHECK(one[sizeof(struct holdfast_run)] == 'a');
	CHECK(read(fd, one, sizeof(one)) == sizeof(one));
	CHECK(one[sizeof(struct holdfast_run)] == 'b');
	end_child(pid);
}

static void make_sparse(void)
{
	char *at = map(AREA, 10ull << 30, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);

	madvise(at, 10ull << 30, MADV_NOHUGEPAGE);
	for (int i = 0; i < 10; i++)
		at[((uint64_t)i << 30) + i * PAGE] = 'A' + i;
	at = map(AREA + (20ull << 30), 4 << 20, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(at, 4 << 20, MADV_HUGEPAGE);
	at[2 << 20] = 'K';
	shared->go = 1;
	pause();
}

static void test_sparse(void)
{
	static char buffer[4 << 20];
	struct holdfast_token token;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, make_sparse);
	int fd = open_memory(&token, pid);
	struct holdfast_run run;
	uint64_t huge = 0;
	ssize_t got;

	(void)controller;
	AWAIT(shared->go);
	CHECK(lseek(fd, (off_t)(uintptr_t)AREA, SEEK_SET) > 0);
	got = read(fd, buffer, sizeof(buffer));
	CHECK(got > 0);
	for (int i = 0; i < 10; i++) {
		char *p = buffer + i * (sizeof(run) + PAGE);

		memcpy(&run, p, sizeof(run));
		CHECK(run.start == (uintptr_t)AREA + ((uint64_t)i << 30) + i * PAGE);
		CHECK(run.end == run.start + PAGE && p[sizeof(run)] == 'A' + i);
	}
	/* A huge page is one page, or 512 of which one was written. */
	for (char *p = buffer + 10 * (sizeof(run) + PAGE); p < buffer + got;) {
		memcpy(&run, p, sizeof(run));
		if (run.start >= (uintptr_t)AREA + (20ull << 30) &&
		    run.start < (uintptr_t)AREA + (20ull << 30) + (4 << 20))
			huge += run.end - run.start;
		p += sizeof(run) + run.end - run.start;
	}
	CHECK(huge == PAGE || huge == 2 << 20);
	end_child(pid);
}

static void make_room(void)
{
	map(AREA, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	map(AREA + 65 * PAGE, 40 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	shared->value[1] = 1;
	pause();
}

/* What read gives of one process, write takes into another. */
static void test_restore(void)
{
	static char buffer[1 << 20];
	struct holdfast_run run = { (uintptr_t)AREA, (uintptr_t)AREA };
	struct holdfast_token token;
	char used[32];
	int controller = new_controller(&token);
	pid_t from = new_member(&token, make_areas), to;
	int in, out;
	ssize_t got;

	(void)controller;
	AWAIT(shared->go == 1);
	to = new_member(&token, make_room);
	AWAIT(shared->value[1]);
	in = open_memory(&token, from);
	out = open_memory(&token, to);
	CHECK(lseek(in, (off_t)(uintptr_t)AREA, SEEK_SET) > 0);
	got = read(in, buffer, 6 * PAGE + 5 * sizeof(run));
	CHECK(got == 6 * PAGE + 5 * sizeof(run));
	CHECK(write(out, buffer, got) == got);
	used_pages(out, used, sizeof(used));
	CHECK(!strcmp(used, "abcdef"));
	/* What is wrong is refused, what came before it was written. */
	CHECK_ERROR(write(out, buffer, 8), EINVAL);
	CHECK_ERROR(write(out, buffer, got / 2 - got / 2 + 20), EINVAL);
	CHECK_ERROR(write(out, &run, sizeof(run)), EINVAL);
	CHECK_ERROR(write(out, nowhere, sizeof(run)), EFAULT);
	memcpy(buffer, &run, sizeof(run));
	run.end = run.start - 1;
	CHECK_ERROR(write(out, &run, sizeof(run)), EINVAL);
	run.start = ~0ull - 8;
	run.end = ~0ull;
	memcpy(buffer, &run, sizeof(run));
	CHECK_ERROR(write(out, buffer, sizeof(run) + 8), EINVAL);
	run.start = (uintptr_t)AREA + 64 * PAGE;
	run.end = run.start + 8;
	memcpy(buffer, &run, sizeof(run));
	CHECK_ERROR(write(out, buffer, sizeof(run) + 8), EIO);
	end_child(from);
	end_child(to);
}

static void map_device(void)
{
	int fd = open("/dev/mem", O_RDWR | O_SYNC);

	if (fd < 0 || mmap(AREA, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0xfee00000) == MAP_FAILED)
		shared->value[0] = 1;
	shared->go = 1;
	pause();
}

static void test_device_memory(void)
{
	struct holdfast_token token;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, map_device);
	int fd = open_memory(&token, pid);
	char byte;

	(void)controller;
	AWAIT(shared->go);
	/* Refused by the kernel's lockdown, or mapped: never read through us. */
	if (shared->value[0])
		printf("# /dev/mem cannot be mapped here: looked at an unmapped page\n");
	CHECK_ERROR(pread(fd, &byte, 1, (off_t)(uintptr_t)AREA), EIO);
	CHECK_ERROR(pwrite(fd, &byte, 1, (off_t)(uintptr_t)AREA), EIO);
	end_child(pid);
}

static void leave_when_told(void)
{
	AWAIT(shared->go == 1);
	/* The member's file: the only open one above the standard ones. */
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	shared->go = 2;
	pause();
}

static void test_consent_ends(void)
{
	struct holdfast_memory memory = {};
	struct holdfast_token token;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, leave_when_told);
	int fd = open_memory(&token, pid);
	char byte;

	(void)controller;
	CHECK(pread(fd, &byte, 1, (off_t)(uintptr_t)&shared) == 1);
	shared->go = 1;
	AWAIT(shared->go == 2);
	CHECK_ERROR(pread(fd, &byte, 1, (off_t)(uintptr_t)&shared), ESRCH);
	CHECK_ERROR(read(fd, &byte, 1), EINVAL);
	CHECK(open_memory(&token, pid) < 0 && errno == ESRCH);
	CHECK(open_memory(&memory.token, pid) < 0 && errno == ENOENT);
	memory.pad = 1;
	fd = open_device();
	CHECK_ERROR(ioctl(fd, HOLDFAST_MEMORY, &memory), EINVAL);
	end_child(pid);
}

static void hide(void)
{
	AWAIT(shared->go == 1);
	prctl(PR_SET_DUMPABLE, 0);
	shared->go = 2;
	pause();
}

static void read_hidden(void)
{
	struct holdfast_token token;
	int controller, fd;
	pid_t pid;
	char byte;

	become_user(1234);
	controller = new_controller(&token);
	(void)controller;
	pid = new_member(&token, hide);
	fd = open_memory(&token, pid);
	CHECK(pread(fd, &byte, 1, (off_t)(uintptr_t)&shared) == 1);
	shared->go = 1;
	AWAIT(shared->go == 2);
	CHECK_ERROR(pread(fd, &byte, 1, (off_t)(uintptr_t)&shared), EPERM);
	CHECK_ERROR(pwrite(fd, &byte, 1, (off_t)(uintptr_t)&shared), EPERM);
	CHECK(open_memory(&token, pid) < 0 && errno == EPERM);
	close(controller);
	CHECK_ERROR(pread(fd, &byte, 1, (off_t)(uintptr_t)&shared), ESRCH);
	CHECK_ERROR(write(fd, &byte, 1), ESRCH);
}

static void test_hidden(void)
{
	int status;
	pid_t pid = new_child(read_hidden);

	CHECK(waitpid(pid, &status, 0) == pid && !status);
}

const struct test memory_tests[] = {
	{ "memory: pread and pwrite", test_positional },
	{ "memory: used pages", test_used_pages },
	{ "memory: sparse and huge", test_sparse },
	{ "memory: restored by write", test_restore },
	{ "memory: of a device", test_device_memory },
	{ "memory: a member leaves", test_consent_ends },
	{ "memory: a member becomes undumpable", test_hidden },
	{}
};
