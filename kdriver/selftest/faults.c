// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of calls that get no memory: each allocation of each call fails once
 *
 * For a kernel with fault injection, as tests/vm/debug-kernel builds one: the n-th allocation of a
 * thread fails that has written n to its `fail-nth` (Documentation/fault-injection).
 */
#define _GNU_SOURCE
#include "selftest.h"

#include <fcntl.h>
#include <linux/elf.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define FAIL_NTH "/proc/thread-self/fail-nth"
#define MOST 500	/* allocations of one call */
#define USER 1234
#define IMAGE "/tmp/hf-image-faults"

bool can_fail(void)
{
	return !access(FAIL_NTH, W_OK);
}

static void set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	CHECK(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value));
	close(fd);
}

/* Also allocations that may sleep, of single pages; quietly. */
static void begin(void)
{
	set("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	set("/sys/kernel/debug/failslab/verbose", "0");
	set("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	set("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	set("/sys/kernel/debug/fail_page_alloc/verbose", "0");
}

static void arm(int nth, unsigned int n)
{
	char text[16];
	int size = snprintf(text, sizeof(text), "%u", n);

	CHECK(pwrite(nth, text, size, 0) == size);
}

/* Whether an allocation has failed since. */
static bool disarm(int nth)
{
	char text[16] = "";
	bool failed;

	CHECK(pread(nth, text, sizeof(text) - 1, 0) > 0);
	failed = atoi(text) == 0;
	arm(nth, 0);
	return failed;
}

/*
 * Makes the call again and again, until none of its allocations fails any more: it succeeds or
 * fails with that error, and succeeds after that. `prepare` is made before each.
 */
static void each_allocation(const char *name, void (*prepare)(void), long (*call)(void), int error)
{
	int nth = open(FAIL_NTH, O_RDWR | O_CLOEXEC), refused = 0;
	bool failed = true;

	CHECK(nth >= 0);
	for (unsigned int n = 1; failed; n++) {
		long ret;
		int got;

		CHECK(n < MOST);
		prepare();
		arm(nth, n);
		ret = call();
		got = errno;
		failed = disarm(nth);
		if (ret < 0 && (!failed || got != error)) {
			printf("# %s: allocation %u: errno %d (%s)\n", name, n, got, strerror(got));
			fflush(stdout);
			_exit(1);
		}
		refused += ret < 0;
		prepare();
		CHECK(call() >= 0);
	}
	/* Some allocations are not needed, but some are. */
	CHECK(refused > 0);
	close(nth);
}

static struct holdfast_token token;
static int controller, memory;
static pid_t member;

static void nothing(void)
{
}

/* The file that a call is made on, which is a new one each time. */
static int file = -1;

static void close_file(void)
{
	if (file >= 0)
		close(file);
	file = -1;
}

static void greet(void)
{
	close_file();
	file = open_device();
}

static void control(void)
{
	struct holdfast_token made;

	greet();
	CHECK(!ioctl(file, HOLDFAST_CREATE, &made));
}

static long call_open(void)
{
	file = open(HOLDFAST_DEVICE, O_RDWR | O_CLOEXEC);
	return file;
}

static long call_create(void)
{
	struct holdfast_token made;

	return ioctl(file, HOLDFAST_CREATE, &made);
}

static long call_join(void)
{
	struct holdfast_join join = { .token = token };

	return ioctl(file, HOLDFAST_JOIN, &join);
}

static long call_memory(void)
{
	struct holdfast_memory args = { .token = token, .pid = member };

	return ioctl(file, HOLDFAST_MEMORY, &args);
}

static long call_add(void)
{
	struct holdfast_add add = { .pid = member, .mem_fd = memory };

	return ioctl(file, HOLDFAST_ADD, &add);
}

static void test_roles(void)
{
	begin();
	controller = new_controller(&token);
	member = new_member(&token, spin);
	memory = open_mem(member, O_RDWR);
	CHECK(memory >= 0);
	each_allocation("open", close_file, call_open, ENOMEM);
	each_allocation("create", greet, call_create, ENOMEM);
	each_allocation("join", greet, call_join, ENOMEM);
	each_allocation("memory", greet, call_memory, ENOMEM);
	each_allocation("add", control, call_add, ENOMEM);
	end_child(member);
}

static void *sleep_thread(void *arg)
{
	(void)arg;
	pause();
	return NULL;
}

/* A process of 70 threads: lists of them are allocated twice. */
static void be_many(void)
{
	pthread_t thread;

	for (int i = 0; i < 69; i++)
		CHECK(!pthread_create(&thread, NULL, sleep_thread, NULL));
	shared->go = 1;
	spin();
}

static void resume(void)
{
	CHECK(!resume_group(controller));
	CHECK(counts());
}

static long call_stop(void)
{
	struct holdfast_stop stop;

	return stop_group(controller, &stop, 20000);
}

static void test_stop(void)
{
	begin();
	controller = new_controller(&token);
	member = new_member(&token, be_many);
	AWAIT(shared->go);
	/* One that fails lets all go on. */
	each_allocation("stop", resume, call_stop, ENOMEM);
	end_child(member);
}

static char list[1 << 20];

static long list_of(unsigned long command)
{
	struct holdfast_list args = { .pid = member, .array = (uintptr_t)list, .count = 1000 };

	return ioctl(controller, command, &args);
}

static long call_threads(void)
{
	return list_of(HOLDFAST_THREADS);
}

static long call_files(void)
{
	return list_of(HOLDFAST_FILES);
}

static long call_areas(void)
{
	return list_of(HOLDFAST_AREAS);
}

static long call_regset(void)
{
	struct holdfast_regset args = {
		.buffer = (uintptr_t)list, .size = sizeof(list), .note = NT_PRSTATUS, .tid = member,
	};

	return ioctl(controller, HOLDFAST_REGSET, &args);
}

static long call_signals(void)
{
	struct holdfast_signals args = { .array = (uintptr_t)list, .count = 10, .tid = member };

	return ioctl(controller, HOLDFAST_SIGNALS, &args);
}

/* A command that is written: its reply is kept. */
static long call_written(void)
{
	struct {
		struct holdfast_command command;
		struct holdfast_list list;
	} args = { { HOLDFAST_MEMBERS, sizeof(struct holdfast_list) }, { .count = 10 } };

	return write(controller, &args, sizeof(args)) == sizeof(args) ? 0 : -1;
}

static void test_state(void)
{
	struct holdfast_stop stop;

	begin();
	controller = new_controller(&token);
	member = new_member(&token, be_many);
	AWAIT(shared->go);
	CHECK(!stop_group(controller, &stop, 20000));
	each_allocation("threads", nothing, call_threads, ENOMEM);
	each_allocation("regset", nothing, call_regset, ENOMEM);
	each_allocation("signals", nothing, call_signals, ENOMEM);
	each_allocation("files", nothing, call_files, ENOMEM);
	each_allocation("areas", nothing, call_areas, ENOMEM);
	each_allocation("written command", nothing, call_written, ENOMEM);
	CHECK(!resume_group(controller));
	CHECK(counts());
	end_child(member);
}

/* Memory that is not there yet: each call has pages made. */
#define FRESH ((char *)0x200000000000ull)
#define FRESH_SIZE (8ull << 30)
static uint64_t fresh;

static void map_fresh(void)
{
	CHECK(mmap(FRESH, FRESH_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE |
		   MAP_NORESERVE, -1, 0) == FRESH);
	CHECK(!madvise(FRESH, FRESH_SIZE, MADV_NOHUGEPAGE));
	shared->go = 1;
	pause();
}

static long call_write(void)
{
	fresh += 2 << 20;
	return pwrite(memory, "x", 1, (off_t)(uintptr_t)FRESH + fresh) == 1 ? 0 : -1;
}

static void test_memory(void)
{
	begin();
	controller = new_controller(&token);
	member = new_member(&token, map_fresh);
	AWAIT(shared->go);
	memory = open_memory(&token, member);
	CHECK(memory >= 0);
	each_allocation("write to memory", nothing, call_write, EIO);
	end_child(member);
}

/* In a process of its own, for a member asks once: 0: given, ENOMEM: not; and dropped, or killed. */
static int grant_and_drop(unsigned int at_grant, unsigned int at_drop, bool *failed)
{
	struct holdfast_grant grant = { .timeout_ns = 60000000000 };
	int status;
	pid_t pid;

	shared->ready = 0;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		int nth = open(FAIL_NTH, O_RDWR), fd, ret;
		struct holdfast_token made;

		become_user(USER);
		new_controller(&made);
		fd = try_join(&made, 0, 0);
		CHECK(fd >= 0);
		grant.image_fd = open(IMAGE, O_RDONLY | O_DIRECTORY);
		arm(nth, at_grant);
		ret = ioctl(fd, HOLDFAST_GRANT, &grant) ? errno : 0;
		shared->ready = disarm(nth);
		if (ret || at_grant)
			_exit(ret);
		arm(nth, at_drop);
		CHECK(!ioctl(fd, HOLDFAST_DROP));
		shared->ready = disarm(nth);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	if (WIFSIGNALED(status)) {
		*failed = true;
		return -WTERMSIG(status);
	}
	*failed = shared->ready;
	return WEXITSTATUS(status);
}

/* Who cannot be freed of a grant ends. */
static void test_grant(void)
{
	unsigned int refused = 0, killed = 0;
	bool failed = true;

	begin();
	mkdir(IMAGE, 0700);
	CHECK(!chown(IMAGE, USER, USER));
	for (unsigned int n = 1; failed; n++) {
		int ret = grant_and_drop(n, 0, &failed);

		CHECK(!ret || (failed && ret == ENOMEM));
		refused += ret != 0;
	}
	CHECK(refused);
	failed = true;
	for (unsigned int n = 1; failed; n++) {
		int ret = grant_and_drop(0, n, &failed);

		CHECK(!ret || ret == -SIGKILL);
		killed += ret != 0;
	}
	CHECK(killed);
}

const struct test fault_tests[] = {
	{ "no memory: open, create, join, memory", test_roles },
	{ "no memory: stop", test_stop },
	{ "no memory: state, identity", test_state },
	{ "no memory: of a member", test_memory },
	{ "no memory: grant", test_grant },
	{}
};
