// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the grant to choose process numbers */
#define _GNU_SOURCE
#include "selftest.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define USER 1234
#define NUMBER 31234
#define IMAGE "/tmp/hf-image"

static pid_t clone_as(pid_t number)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&number,
		.set_tid_size = 1,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

/* A child with that number, which ends at once. */
static bool can_choose(void)
{
	pid_t pid = clone_as(NUMBER);

	if (!pid)
		_exit(0);
	/* Another process of the test may have it just now. */
	if (pid < 0) {
		CHECK(errno == EPERM || errno == EEXIST);
		return errno == EEXIST;
	}
	CHECK(pid == NUMBER && waitpid(pid, NULL, 0) == pid);
	return true;
}

static int ask(int member, uint64_t timeout_ms)
{
	struct holdfast_grant grant = {
		.timeout_ns = timeout_ms * 1000000,
		.image_fd = open(IMAGE, O_RDONLY | O_DIRECTORY),
	};
	int ret = ioctl(member, HOLDFAST_GRANT, &grant), error = errno;

	close(grant.image_fd);
	errno = error;
	return ret;
}

static void make_image(void)
{
	mkdir(IMAGE, 0700);
	CHECK(!chmod(IMAGE, 0700) && !chown(IMAGE, USER, USER));
}

static int controller, member;
static struct holdfast_token token;

static void begin(void)
{
	make_image();
	become_user(USER);
	controller = new_controller(&token);
	member = try_join(&token, 0, 0);
	CHECK(member >= 0);
	CHECK(!can_choose());
}

static void test_grant(void)
{
	pid_t child, grandchild;
	int status;

	begin();
	CHECK_ERROR(ioctl(member, HOLDFAST_DROP), ENOENT);
	CHECK(!ask(member, 60000));
	CHECK(can_choose());
	CHECK(!ask(member, 1000));
	/* Also a child may, and its child. */
	child = clone_as(NUMBER + 1);
	CHECK(child >= 0);
	if (!child) {
		CHECK(getpid() == NUMBER + 1);
		grandchild = clone_as(NUMBER + 2);
		CHECK(grandchild >= 0);
		if (!grandchild)
			_exit(getpid() != NUMBER + 2);
		CHECK(waitpid(grandchild, &status, 0) == grandchild && !status);
		/* Nothing else has become possible. */
		CHECK(setuid(0) && chroot("/") && setgroups(0, NULL));
		CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHECKPOINT_RESTORE, 0, 0));
		CHECK(!ioctl(member, HOLDFAST_DROP));
		CHECK(!can_choose());
		CHECK(!prctl(PR_GET_SECUREBITS));
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && !status);
	CHECK(can_choose());
	CHECK(!ioctl(member, HOLDFAST_DROP));
	CHECK(!ioctl(member, HOLDFAST_DROP));
	CHECK(!can_choose());
}

static volatile uint64_t filled;

static void hold(void)
{
	/* As after any gain of an ability it is not dumpable: this is its consent. */
	CHECK_ERROR(try_join(&token, 0, 0), EPERM);
	CHECK(!prctl(PR_SET_DUMPABLE, 1));
	CHECK(try_join(&token, 0, 0) >= 0);
	shared->ready = 1;
	AWAIT(filled == 77);
	CHECK(can_choose());
	shared->go = 1;
	pause();
}

/* A restart's processes are filled while they hold the grant: only the group's controller may. */
static void test_memory_of_holder(void)
{
	uint64_t value = 77;
	pid_t pid;
	int fd;

	begin();
	CHECK(!ask(member, 60000));
	pid = new_child(hold);
	AWAIT(shared->ready);
	CHECK(!ioctl(member, HOLDFAST_DROP));
	CHECK_ERROR(open_mem(pid, O_RDWR), EACCES);
	fd = open_memory(&token, pid);
	CHECK(fd >= 0);
	CHECK(pwrite(fd, &value, sizeof(value), (uintptr_t)&filled) == sizeof(value));
	AWAIT(shared->go);
	end_child(pid);
}

static void test_time_limit(void)
{
	pid_t child;

	begin();
	CHECK(!ask(member, 500));
	CHECK(can_choose());
	child = fork();
	if (!child) {
		while (can_choose())
			usleep(10000);
		_exit(0);
	}
	while (can_choose())
		usleep(10000);
	CHECK(waitpid(child, NULL, 0) == child);
	CHECK(!prctl(PR_GET_SECUREBITS));
}

static void test_revoke(void)
{
	begin();
	CHECK(!ioctl(controller, HOLDFAST_REVOKE));
	CHECK(!ask(member, 60000));
	CHECK(can_choose());
	CHECK(!ioctl(controller, HOLDFAST_REVOKE));
	AWAIT(!can_choose());
}

static void test_controller_ends(void)
{
	begin();
	CHECK(!ask(member, 60000));
	CHECK(can_choose());
	close(controller);
	AWAIT(!can_choose());
	CHECK_ERROR(ask(member, 60000), ESHUTDOWN);
}

static void test_exec(void)
{
	pid_t child;
	int status;

	begin();
	CHECK(!ask(member, 60000));
	child = fork();
	if (!child) {
		execl("/bin/sh", "sh", "-c", "grep -q '^CapEff:.*0000000000000000' /proc/self/status && "
		      "grep -q '^CapAmb:.*0000000000000000' /proc/self/status", NULL);
		_exit(1);
	}
	CHECK(waitpid(child, &status, 0) == child && !status);
}

static void *nothing(void *arg)
{
	(void)arg;
	pause();
	return NULL;
}

static void test_refusals(void)
{
	struct holdfast_grant grant = { .timeout_ns = 1000000, .image_fd = -1 };
	pthread_t thread;
	pid_t child;
	int status, file;

	begin();
	CHECK_ERROR(ioctl(member, HOLDFAST_GRANT, &grant), EBADF);
	grant.pad = 1;
	CHECK_ERROR(ioctl(member, HOLDFAST_GRANT, &grant), EINVAL);
	CHECK_ERROR(ask(member, 0), EINVAL);
	CHECK_ERROR(ask(member, 601000), EINVAL);
	grant.pad = 0;
	file = open("/tmp/hf-image/file", O_RDWR | O_CREAT, 0600);
	grant.image_fd = file;
	CHECK_ERROR(ioctl(member, HOLDFAST_GRANT, &grant), ENOTDIR);
	grant.image_fd = open("/", O_RDONLY);
	CHECK_ERROR(ioctl(member, HOLDFAST_GRANT, &grant), EPERM);
	CHECK(!chmod(IMAGE, 0777));
	CHECK_ERROR(ask(member, 1000), EPERM);
	CHECK(!chmod(IMAGE, 0700));
	/* Not for another process on the member's file. */
	child = fork();
	if (!child) {
		CHECK_ERROR(ask(member, 1000), EPERM);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && !status);
	/* Not in another user name space than the process numbers'. */
	child = fork();
	if (!child) {
		if (unshare(CLONE_NEWUSER)) {
			printf("# no user name spaces here (a chroot): not tried\n");
			fflush(stdout);
			_exit(0);
		}
		int fd = try_join(&token, 0, 0);

		CHECK(fd >= 0);
		CHECK_ERROR(ask(fd, 1000), EPERM);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && !status);
	child = fork();
	if (!child) {
		CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		int fd = try_join(&token, 0, 0);

		CHECK(fd >= 0);
		CHECK_ERROR(ask(fd, 1000), EPERM);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && !status);
	CHECK(!pthread_create(&thread, NULL, nothing, NULL));
	CHECK_ERROR(ask(member, 1000), EPERM);
	CHECK(!can_choose());
}

static void test_bounding_set(void)
{
	make_image();
	CHECK(!prctl(PR_CAPBSET_DROP, CAP_CHECKPOINT_RESTORE, 0, 0, 0));
	become_user(USER);
	controller = new_controller(&token);
	member = try_join(&token, 0, 0);
	CHECK_ERROR(ask(member, 1000), EPERM);
	CHECK(!can_choose());
}

static void ask_second(void)
{
	int fd = try_join(&token, 0, 0);

	CHECK(fd >= 0);
	shared->ready = 1;
	AWAIT(shared->go);
	CHECK_ERROR(ask(fd, 1000), EBUSY);
}

/* One process of a group, once. */
static void test_second(void)
{
	pid_t pid;
	int status;

	begin();
	pid = new_child(ask_second);
	AWAIT(shared->ready);
	CHECK(!ask(member, 60000));
	shared->go = 1;
	CHECK(waitpid(pid, &status, 0) == pid && !status);
}

static void test_administrator_says_no(void)
{
	struct holdfast_hello hello = { .abi = HOLDFAST_ABI };
	int parameter = open("/sys/module/holdfast/parameters/grants", O_RDWR);

	CHECK(parameter >= 0);
	CHECK(write(parameter, "N", 1) == 1);
	begin();
	CHECK(!ioctl(member, HOLDFAST_HELLO, &hello) && !hello.features);
	CHECK_ERROR(ask(member, 1000), EOPNOTSUPP);
	CHECK(write(parameter, "Y", 1) == 1);
}

/* Without the grant it is allowed already. */
static void test_privileged(void)
{
	mkdir(IMAGE, 0700);
	CHECK(!chown(IMAGE, 0, 0) && !chmod(IMAGE, 0700));
	controller = new_controller(&token);
	member = try_join(&token, 0, 0);
	CHECK(!ask(member, 1000));
	CHECK(can_choose());
}

const struct test grant_tests[] = {
	{ "grant: given, inherited, dropped", test_grant },
	{ "grant: the memory of a holder", test_memory_of_holder },
	{ "grant: ends in time", test_time_limit },
	{ "grant: is revoked", test_revoke },
	{ "grant: ends with the controller", test_controller_ends },
	{ "grant: is lost by exec", test_exec },
	{ "grant: refusals", test_refusals },
	{ "grant: a second one", test_second },
	{ "grant: not beyond the bounding set", test_bounding_set },
	{ "grant: the administrator says no", test_administrator_says_no },
	{ "grant: who needs none", test_privileged },
	{}
};
