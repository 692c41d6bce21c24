// SPDX-License-Identifier: GPL-2.0-only
/* Tests of who may do what with a group */
#define _GNU_SOURCE
#include "selftest.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define USER 1234
#define OTHER_USER 4321

static struct holdfast_token *given_token(void)
{
	return (void *)&shared->value[8];
}

static void test_versions(void)
{
	struct holdfast_hello hello = { .abi = HOLDFAST_ABI + 1 };
	struct holdfast_token token;
	int fd = open(HOLDFAST_DEVICE, O_RDWR);

	CHECK_ERROR(ioctl(fd, HOLDFAST_CREATE, &token), EPROTO);
	CHECK_ERROR(ioctl(fd, HOLDFAST_RESUME, &token), EPROTO);
	CHECK_ERROR(ioctl(fd, HOLDFAST_HELLO, &hello), EPROTO);
	CHECK(hello.abi == HOLDFAST_ABI);
	hello.abi = 0;
	CHECK_ERROR(ioctl(fd, HOLDFAST_HELLO, &hello), EPROTO);
	CHECK_ERROR(ioctl(fd, HOLDFAST_CREATE, &token), EPROTO);
	CHECK(!ioctl(fd, HOLDFAST_HELLO, &hello));
	CHECK(hello.features == HOLDFAST_FEATURE_GRANT);
	CHECK(!ioctl(fd, HOLDFAST_CREATE, &token));
}

static void test_roles(void)
{
	struct holdfast_memory memory = {};
	struct holdfast_token token, unused;
	struct holdfast_join join = {};
	struct holdfast_grant grant = {};
	int controller, fd = open_device();
	char byte = 0;

	CHECK_ERROR(ioctl(fd, HOLDFAST_RESUME, &token), ENOTCONN);
	CHECK_ERROR(ioctl(fd, HOLDFAST_DROP), ENOTCONN);
	CHECK_ERROR(ioctl(fd, 0x1234, &token), ENOTTY);
	CHECK_ERROR(ioctl(fd, HOLDFAST_CREATE, nowhere), EFAULT);
	CHECK_ERROR(ioctl(fd, HOLDFAST_HELLO, nowhere), EFAULT);
	controller = new_controller(&token);
	CHECK_ERROR(ioctl(controller, HOLDFAST_CREATE, &unused), EBUSY);
	CHECK_ERROR(ioctl(controller, HOLDFAST_JOIN, &join), EBUSY);
	CHECK_ERROR(ioctl(controller, HOLDFAST_MEMORY, &memory), EBUSY);
	CHECK_ERROR(ioctl(controller, HOLDFAST_GRANT, &grant), EPERM);
	CHECK_ERROR(pread(controller, &byte, 1, 0), ESPIPE);
	CHECK_ERROR(pwrite(controller, &byte, 1, 0), ESPIPE);
	CHECK_ERROR(lseek(controller, 0, SEEK_SET), ESPIPE);
	fd = try_join(&token, 0, 0);
	CHECK(fd >= 0);
	CHECK_ERROR(ioctl(fd, HOLDFAST_CREATE, &unused), EBUSY);
	CHECK_ERROR(ioctl(fd, HOLDFAST_REVOKE), EPERM);
	CHECK_ERROR(try_join(&token, 0, 0), EEXIST);
}

static void test_join_arguments(void)
{
	struct holdfast_token token, wrong;
	struct holdfast_join join;
	int controller = new_controller(&token);
	int fd = open_device();

	for (size_t i = 0; i < sizeof(token); i += 5) {
		wrong = token;
		wrong.bytes[i] ^= 1;
		CHECK_ERROR(try_join(&wrong, 0, 0), ENOENT);
	}
	CHECK_ERROR(try_join(&token, 4, 0), EINVAL);
	CHECK_ERROR(try_join(&token, 0, 8), EINVAL);
	CHECK_ERROR(try_join(&token, HOLDFAST_JOIN_INSIDE, 6), EINVAL);
	join = (struct holdfast_join) { .token = token, .pad = 1 };
	CHECK_ERROR(ioctl(fd, HOLDFAST_JOIN, &join), EINVAL);
	close(controller);
	CHECK_ERROR(try_join(&token, 0, 0), ENOENT);
}

static void own_group(void)
{
	become_user(USER);
	new_controller(given_token());
	shared->go = 1;
	pause();
}

static void join_as_other(void)
{
	struct holdfast_memory memory = { .token = *given_token(), .pid = getppid() };
	int fd;

	become_user(OTHER_USER);
	CHECK_ERROR(try_join(given_token(), 0, 0), EPERM);
	fd = open_device();
	CHECK_ERROR(ioctl(fd, HOLDFAST_MEMORY, &memory), EPERM);
}

static void join_with_two_users(void)
{
	CHECK(!setresuid(USER, 0, 0));
	CHECK_ERROR(try_join(given_token(), 0, 0), EPERM);
}

static void join_undumpable(void)
{
	become_user(USER);
	CHECK(!prctl(PR_SET_DUMPABLE, 0));
	CHECK_ERROR(try_join(given_token(), 0, 0), EPERM);
	CHECK(!prctl(PR_SET_DUMPABLE, 1));
	CHECK(try_join(given_token(), 0, 0) >= 0);
}

static void succeed(void (*fn)(void))
{
	pid_t pid = new_child(fn);
	int status;

	CHECK(waitpid(pid, &status, 0) == pid && !status);
}

static void test_other_users_group(void)
{
	pid_t owner = new_child(own_group);

	AWAIT(shared->go);
	succeed(join_as_other);
	succeed(join_with_two_users);
	succeed(join_undumpable);
	/* Nor root without being root for it: it is another user. */
	CHECK_ERROR(try_join(given_token(), 0, 0), EPERM);
	end_child(owner);
}

/* A controller's file, given to another user. */
static void use_given_file(void)
{
	struct holdfast_stop stop;
	int fd = shared->value[0];

	become_user(OTHER_USER);
	CHECK_ERROR(stop_group(fd, &stop, 100), EPERM);
	CHECK_ERROR(resume_group(fd), EPERM);
}

static void give_file(void)
{
	become_user(USER);
	shared->value[0] = new_controller(given_token());
	shared->go = 1;
	pause();
}

static void test_given_controller(void)
{
	struct holdfast_token token;
	int fd = new_controller(&token);
	pid_t pid;

	shared->value[0] = fd;
	succeed(use_given_file);
	/* An administrator may use a user's. */
	pid = new_child(give_file);
	AWAIT(shared->go);
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, (int)shared->value[0]);
	CHECK(access(path, F_OK) == 0);
	int pidfd = syscall(SYS_pidfd_open, pid, 0);
	int copy = syscall(SYS_pidfd_getfd, pidfd, (int)shared->value[0], 0);

	CHECK(copy >= 0);
	CHECK(!resume_group(copy));
	end_child(pid);
}

/* A member that becomes something that the user may not control. */
static void change_when_told(void)
{
	AWAIT(shared->go);
	CHECK(!prctl(PR_SET_DUMPABLE, 0));
	shared->go = 2;
	spin();
}

static void control_changed_member(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller;
	pid_t pid;

	become_user(USER);
	controller = new_controller(&token);
	pid = new_member(&token, change_when_told);
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(!resume_group(controller));
	shared->go = 1;
	AWAIT(shared->go == 2);
	CHECK_ERROR(stop_group(controller, &stop, 5000), EPERM);
	CHECK(stop.reason == HOLDFAST_REASON_UNDUMPABLE && stop.pid == pid);
	AWAIT(counts());
}

/* Of the controller's user, but with more capabilities than that has. */
static void keep_capabilities(void)
{
	shared->go = 1;
	AWAIT(shared->ready);
	CHECK(!prctl(PR_SET_KEEPCAPS, 1));
	become_user(USER);
	CHECK(try_join(given_token(), 0, 0) >= 0);
	shared->go = 2;
	spin();
}

static void control_capable_member(void)
{
	struct holdfast_stop stop;
	int controller;

	become_user(USER);
	controller = new_controller(given_token());
	shared->ready = 1;
	AWAIT(shared->go == 2);
	CHECK_ERROR(stop_group(controller, &stop, 5000), EPERM);
	CHECK(stop.reason == HOLDFAST_REASON_CREDENTIALS);
	CHECK(counts());
}

static void test_capable_member(void)
{
	pid_t pid = new_child(keep_capabilities);

	AWAIT(shared->go == 1);
	succeed(control_capable_member);
	end_child(pid);
}

static void test_undumpable_member(void)
{
	succeed(control_changed_member);
}

static void setuid_copy(void)
{
	struct holdfast_join join = { .token = *given_token() };
	char *const args[] = { (char *)"sleep", (char *)"60", NULL };
	int fd;

	become_user(USER);
	fd = open_device();
	CHECK(!fcntl(fd, F_SETFD, 0));
	CHECK(!ioctl(fd, HOLDFAST_JOIN, &join));
	shared->ready = 1;
	AWAIT(shared->go == 2);
	execv("/tmp/hf-setuid-sleep", args);
	_exit(1);
}

static void test_setuid_member(void)
{
	struct holdfast_memory memory = {};
	struct holdfast_stop stop;
	pid_t owner, pid;
	int fd;

	CHECK(!system("cp /bin/sleep /tmp/hf-setuid-sleep && chmod 4755 /tmp/hf-setuid-sleep"));
	owner = new_child(give_file);
	AWAIT(shared->go == 1);
	pid = new_child(setuid_copy);
	AWAIT(shared->ready);
	/* The user's own controller, without root's privileges. */
	int pidfd = syscall(SYS_pidfd_open, owner, 0);
	int controller = syscall(SYS_pidfd_getfd, pidfd, (int)shared->value[0], 0);

	CHECK(controller >= 0);
	become_user(USER);
	memory.token = *given_token();
	memory.pid = pid;
	fd = open_device();
	CHECK(!ioctl(fd, HOLDFAST_MEMORY, &memory));
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(!resume_group(controller));
	shared->go = 2;
	/* It joined, kept the file open, and runs as root now. */
	do {
		usleep(10000);
		resume_group(controller);
	} while (!stop_group(controller, &stop, 5000));
	CHECK(errno == EPERM && stop.pid == pid && stop.reason == HOLDFAST_REASON_EXECUTED);
	char byte;

	CHECK(pread(fd, &byte, 1, 0x400000) < 0);
	CHECK(errno == ESRCH);
}

static void test_recycled_number(void)
{
	struct holdfast_memory memory = {};
	struct holdfast_token token;
	struct holdfast_list list = {};
	struct holdfast_member members[2];
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, spin);
	pid_t again = 0;
	int fd = open_device();

	memory.token = token;
	memory.pid = pid;
	CHECK(!ioctl(fd, HOLDFAST_MEMORY, &memory));
	end_child(pid);
	/* The same number for another process. */
	for (int turn = 0; turn < 100 && again != pid; turn++) {
		FILE *last = fopen("/proc/sys/kernel/ns_last_pid", "w");

		fprintf(last, "%d", pid - 1);
		fclose(last);
		again = new_child(spin);
		if (again != pid)
			end_child(again);
	}
	CHECK(again == pid);
	list.array = (uintptr_t)members;
	list.count = 2;
	CHECK(!ioctl(controller, HOLDFAST_MEMBERS, &list));
	CHECK(!list.count);
	char byte;

	CHECK_ERROR(pread(fd, &byte, 1, (uintptr_t)&byte), ESRCH);
	fd = open_device();
	CHECK_ERROR(ioctl(fd, HOLDFAST_MEMORY, &memory), ESRCH);
	end_child(again);
}

static void test_add(void)
{
	struct holdfast_token token;
	struct holdfast_add add = { .pid = -1, .mem_fd = -1 };
	struct holdfast_stop stop;
	struct holdfast_list list = {};
	struct holdfast_member members[2];
	int controller = new_controller(&token);
	pid_t pid = new_child(spin), other = new_child(spin);

	CHECK_ERROR(ioctl(controller, HOLDFAST_ADD, &add), EINVAL);
	add.pid = pid;
	CHECK_ERROR(ioctl(controller, HOLDFAST_ADD, &add), EBADF);
	add.mem_fd = open("/dev/null", O_RDWR);
	CHECK_ERROR(ioctl(controller, HOLDFAST_ADD, &add), EINVAL);
	add.mem_fd = open_mem(pid, O_RDONLY);
	CHECK_ERROR(ioctl(controller, HOLDFAST_ADD, &add), EINVAL);
	add.mem_fd = open_mem(other, O_RDWR);
	CHECK_ERROR(ioctl(controller, HOLDFAST_ADD, &add), EACCES);
	add.mem_fd = open_mem(pid, O_RDWR);
	CHECK(!ioctl(controller, HOLDFAST_ADD, &add));
	CHECK_ERROR(ioctl(controller, HOLDFAST_ADD, &add), EEXIST);
	AWAIT(counts());
	kill(other, SIGKILL);
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(stop.processes == 1 && stop.threads == 1);
	CHECK(!counts());
	list.array = (uintptr_t)members;
	list.count = 2;
	CHECK(!ioctl(controller, HOLDFAST_MEMBERS, &list));
	CHECK(list.count == 1 && members[0].flags == HOLDFAST_MEMBER_ADDED);
	end_child(pid);
	CHECK_ERROR(ioctl(controller, HOLDFAST_ADD, &add), ESRCH);
}

/* The proof of what it was is none of what it is. */
static void add_undumpable(void)
{
	struct holdfast_token token;
	struct holdfast_add add = {};
	int controller;

	become_user(USER);
	controller = new_controller(&token);
	add.pid = new_child(change_when_told);
	add.mem_fd = open_mem(add.pid, O_RDWR);
	CHECK(add.mem_fd >= 0);
	shared->go = 1;
	AWAIT(shared->go == 2);
	CHECK_ERROR(ioctl(controller, HOLDFAST_ADD, &add), EPERM);
}

static void test_add_undumpable(void)
{
	succeed(add_undumpable);
}

static void sleep_long(void)
{
	AWAIT(shared->go == 1);
	execl("/bin/sleep", "sleep", "60", NULL);
}

static void test_added_executes(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid = new_child(sleep_long);
	struct holdfast_add add = { .pid = pid, .mem_fd = open_mem(pid, O_RDWR) };

	CHECK(!ioctl(controller, HOLDFAST_ADD, &add));
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(!resume_group(controller));
	shared->go = 1;
	do {
		usleep(10000);
		resume_group(controller);
	} while (!stop_group(controller, &stop, 5000));
	CHECK(errno == EPERM && stop.reason == HOLDFAST_REASON_EXECUTED && stop.pid == pid);
	end_child(pid);
}

/* A command as one without ioctl gives it. */
static long command(int fd, uint32_t number, void *args, size_t size)
{
	struct {
		struct holdfast_command head;
		char args[256];
	} c = { .head = { number, size } };
	long ret;

	memcpy(c.args, args, size);
	ret = write(fd, &c, sizeof(c.head) + size);
	if (size && read(fd, args, size) != (long)size)
		return -1;
	return ret;
}

static void test_written_commands(void)
{
	struct holdfast_hello hello = { .abi = HOLDFAST_ABI + 7 };
	struct holdfast_token token;
	struct holdfast_stop stop = { .timeout_ns = 5000000000 };
	struct {
		struct holdfast_list list;
		struct holdfast_member members[3];
	} reply;
	struct {
		struct holdfast_command head;
		struct holdfast_list list;
	} ask = { .head = { HOLDFAST_MEMBERS, sizeof(struct holdfast_list) }, .list = { .count = 3 } };
	int fd = open(HOLDFAST_DEVICE, O_RDWR);
	char *end;
	pid_t pid;

	CHECK(command(fd, HOLDFAST_HELLO, &hello, sizeof(hello)) < 0 && errno == EPROTO);
	CHECK(hello.abi == HOLDFAST_ABI);
	CHECK(command(fd, HOLDFAST_HELLO, &hello, sizeof(hello)) > 0);
	CHECK(command(fd, HOLDFAST_CREATE, &token, sizeof(token)) > 0);
	pid = new_member(&token, spin);
	CHECK(command(fd, HOLDFAST_STOP, &stop, sizeof(stop)) > 0);
	CHECK(stop.threads == 1);
	CHECK(write(fd, &ask, sizeof(ask)) == sizeof(ask));
	CHECK(read(fd, &reply, sizeof(reply)) == sizeof(reply));
	CHECK(reply.list.count == 1 && reply.members[0].pid == pid && !reply.members[1].pid);
	CHECK_ERROR(read(fd, nowhere, 4), EFAULT);
	CHECK(command(fd, HOLDFAST_REVOKE, &stop, 0) > 0);
	CHECK(!read(fd, &reply, sizeof(reply)));
	CHECK_ERROR(write(fd, &ask, 4), EINVAL);
	CHECK_ERROR(write(fd, &ask, sizeof(ask) - 1), EINVAL);
	ask.list.count = ~0u;
	CHECK_ERROR(write(fd, &ask, sizeof(ask)), EINVAL);
	ask.head.command = 7;
	CHECK_ERROR(write(fd, &ask, sizeof(ask)), ENOTTY);
	CHECK_ERROR(write(fd, nowhere, sizeof(ask)), EFAULT);
	/* The command is at the end of what is mapped, its struct would be behind it. */
	ask.head.command = HOLDFAST_MEMBERS;
	end = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(end != MAP_FAILED && !munmap(end + 4096, 4096));
	memcpy(end + 4096 - sizeof(ask.head), &ask.head, sizeof(ask.head));
	CHECK_ERROR(write(fd, end + 4096 - sizeof(ask.head), sizeof(ask)), EFAULT);
	end_child(pid);
}

/* A privileged program that is made to write a user's bytes to a user's file. */
static void open_for_root(void)
{
	become_user(USER);
	shared->value[0] = open(HOLDFAST_DEVICE, O_RDWR);
	shared->go = 1;
	pause();
}

static void test_confused_deputy(void)
{
	pid_t pid = new_child(open_for_root);
	struct holdfast_hello hello = { .abi = HOLDFAST_ABI };
	char byte;

	AWAIT(shared->go);
	int pidfd = syscall(SYS_pidfd_open, pid, 0);
	int fd = syscall(SYS_pidfd_getfd, pidfd, (int)shared->value[0], 0);

	CHECK(fd >= 0);
	struct {
		struct holdfast_command head;
		struct holdfast_hello hello;
	} c = { { HOLDFAST_HELLO, sizeof(hello) }, hello };

	CHECK_ERROR(write(fd, &c, sizeof(c)), EACCES);
	CHECK_ERROR(read(fd, &byte, 1), EACCES);
	end_child(pid);
}

static void test_lists_arguments(void)
{
	struct holdfast_token token;
	struct holdfast_list list = { .pid = 1 };
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, spin);

	CHECK_ERROR(ioctl(controller, HOLDFAST_MEMBERS, &list), EINVAL);
	list = (struct holdfast_list) { .array = 8, .count = 1 };
	CHECK_ERROR(ioctl(controller, HOLDFAST_MEMBERS, &list), EFAULT);
	list = (struct holdfast_list) { .array = 8 };
	CHECK(!ioctl(controller, HOLDFAST_MEMBERS, &list));
	CHECK(list.count == 1);
	for (int bad = -1; bad < 2; bad++) {
		list = (struct holdfast_list) { .pid = bad };
		CHECK_ERROR(ioctl(controller, HOLDFAST_THREADS, &list), ESRCH);
		CHECK_ERROR(ioctl(controller, HOLDFAST_FILES, &list), ESRCH);
		CHECK_ERROR(ioctl(controller, HOLDFAST_AREAS, &list), ESRCH);
	}
	list = (struct holdfast_list) { .pid = pid };
	CHECK(!ioctl(controller, HOLDFAST_THREADS, &list));
	CHECK(!list.count);
	CHECK_ERROR(ioctl(controller, HOLDFAST_FILES, &list), EBUSY);
	CHECK_ERROR(ioctl(controller, HOLDFAST_AREAS, &list), EBUSY);
	end_child(pid);
}

const struct test group_tests[] = {
	{ "group: versions", test_versions },
	{ "group: a file is one thing, once", test_roles },
	{ "group: arguments of join", test_join_arguments },
	{ "group: another user's", test_other_users_group },
	{ "group: a controller's file, given away", test_given_controller },
	{ "group: a member becomes undumpable", test_undumpable_member },
	{ "group: a member has more capabilities", test_capable_member },
	{ "group: a member runs a set-uid program", test_setuid_member },
	{ "group: a process number is used again", test_recycled_number },
	{ "group: processes are added", test_add },
	{ "group: an added process was dumpable", test_add_undumpable },
	{ "group: an added process runs another program", test_added_executes },
	{ "group: written commands", test_written_commands },
	{ "group: a privileged writer", test_confused_deputy },
	{ "group: arguments of lists", test_lists_arguments },
	{}
};
