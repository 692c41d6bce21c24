// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the tests of the driver, says what came of them as KTAP
 *
 * selftest [NAME]: those whose name contains NAME. Needs root and /dev/holdfast. Status 1: a test failed.
 */
#define _GNU_SOURCE
#include "selftest.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

volatile struct shared *shared;
void *volatile nowhere = (void *)8;

int open_device(void)
{
	struct holdfast_hello hello = { .abi = HOLDFAST_ABI };
	int fd = open(HOLDFAST_DEVICE, O_RDWR | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK(!ioctl(fd, HOLDFAST_HELLO, &hello));
	return fd;
}

/* Not for members, which would keep it open when the test closes it. */
static int controllers[16], controller_count;

int new_controller(struct holdfast_token *token)
{
	int fd = open_device();

	controllers[controller_count++] = fd;
	CHECK(!ioctl(fd, HOLDFAST_CREATE, token));
	return fd;
}

int try_join(const struct holdfast_token *token, uint32_t flags, int64_t inside)
{
	struct holdfast_join join = { .token = *token, .flags = flags, .inside = inside };
	int fd = open_device();

	if (!ioctl(fd, HOLDFAST_JOIN, &join))
		return fd;
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

int open_memory(const struct holdfast_token *token, pid_t pid)
{
	struct holdfast_memory memory = { .token = *token, .pid = pid };
	int fd = open_device();

	return ioctl(fd, HOLDFAST_MEMORY, &memory) ? -1 : fd;
}

int open_mem(pid_t pid, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	return open(path, flags);
}

pid_t new_child(void (*fn)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fn();
	_exit(0);
}

pid_t new_member(const struct holdfast_token *token, void (*fn)(void))
{
	uint32_t before = shared->ready;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (controller_count)
			close(controllers[--controller_count]);
		CHECK(try_join(token, 0, 0) >= 0);
		__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
		fn();
		_exit(0);
	}
	AWAIT(shared->ready != before);
	return pid;
}

void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

int stop_group(int controller, struct holdfast_stop *stop, unsigned int timeout_ms)
{
	*stop = (struct holdfast_stop) { .timeout_ns = timeout_ms * 1000000ull };
	return ioctl(controller, HOLDFAST_STOP, stop);
}

int resume_group(int controller)
{
	struct holdfast_resume resume;

	return ioctl(controller, HOLDFAST_RESUME, &resume);
}

void spin(void)
{
	for (;;)
		shared->counter[0]++;
}

bool counts(void)
{
	uint64_t before = shared->counter[0];

	usleep(50000);
	return shared->counter[0] != before;
}

void become_user(unsigned int uid)
{
	CHECK(!setgroups(0, NULL));
	CHECK(!setresgid(uid, uid, uid));
	CHECK(!setresuid(uid, uid, uid));
	/* As after an exec by that user. */
	CHECK(!prctl(PR_SET_DUMPABLE, 1));
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static bool passes(const struct test *test)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		/* Its children are in its group, to be ended with it. */
		setpgid(0, 0);
		shared = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		alarm(300);
		test->run();
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);
	if (WIFSIGNALED(status))
		printf("# ended by signal %d\n", WTERMSIG(status));
	return !status;
}

int main(int argc, char **argv)
{
	static const struct test none;
	const struct test *const files[] = {
		group_tests, barrier_tests, call_tests, state_tests, memory_tests, identity_tests,
		grant_tests, can_fail() ? fault_tests : &none,
	};
	int number = 0, failed = 0, count = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		for (const struct test *t = files[i]; t->name; t++)
			count += argc < 2 || strstr(t->name, argv[1]);
	printf("KTAP version 1\n1..%d\n", count);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		for (const struct test *t = files[i]; t->name; t++) {
			bool ok;

			if (argc > 1 && !strstr(t->name, argv[1]))
				continue;
			ok = passes(t);
			failed += !ok;
			printf("%sok %d %s\n", ok ? "" : "not ", ++number, t->name);
		}
	fflush(stdout);
	return failed > 0;
}
