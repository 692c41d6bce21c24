/* SPDX-License-Identifier: Apache-2.0 */
/*
 * initial.c - become the initial process of a restart: in its name spaces, with the number that it had before, which
 * the program knows as its parent's. The processes on the way there wait for it, and end as it does.
 */
#define _GNU_SOURCE
#include "restart.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "grant.h"
#include "message.h"
#include "numbers.h"
#include "sys.h"
#include "text.h"

static long map_id(const char *path, long id)
{
	char line[64];
	struct text t = hf_text(line, sizeof(line));

	hf_add_number(&t, id);
	hf_add(&t, " ");
	hf_add_number(&t, id);
	hf_add(&t, " 1\n");
	return hf_write_file(path, line);
}

/* In the new name spaces: the same user as outside, and a /proc that shows the job's own numbers. */
static void furnish(int user, long uid, long gid)
{
	long ret = 0;

	if (user) {
		ret = hf_write_file("/proc/self/setgroups", "deny");
		if (!ret)
			ret = map_id("/proc/self/uid_map", uid);
		if (!ret)
			ret = map_id("/proc/self/gid_map", gid);
		if (ret)
			hf_give_up("cannot map the user into a user name space", "", ret);
	}
	ret = sys(__NR_mount, "none", "/", NULL, MS_REC | MS_SLAVE, NULL);
	if (!ret)
		ret = sys(__NR_mount, "proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (ret)
		hf_give_up("cannot mount /proc in a pid name space", "", ret);
}

static _Noreturn void wait_for(long pid)
{
	int status = 0;

	hf_leave_grant();
	sys(__NR_close_range, 0, ~0u, 0);
	while (sys(__NR_wait4, pid, &status, 0, 0) == -EINTR)
		;
	for (;;)
		sys(__NR_exit_group, status >> 8 & 0xff);
}

/* The sender of the next byte, by the number that it has here. */
static int32_t sender(int fd)
{
	struct {
		struct cmsghdr head;
		struct ucred from;
	} control;
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};

	return sys(__NR_recvmsg, fd, &m, 0) == 1 ? control.from.pid : 0;
}

/*
 * Between the process that was called and the initial process, which learns from there its number outside: by that the
 * runner reaches the job's /proc.
 */
static int pair[2] = { -1, -1 };

static void tell_number(void)
{
	int32_t outside;

	sys(__NR_close, pair[1]);
	outside = sender(pair[0]);
	sys(__NR_write, pair[0], &outside, sizeof(outside));
}

static int32_t learn_number(void)
{
	int32_t outside = 0;

	sys(__NR_write, pair[1], "", 1);
	if (hf_read(pair[1], &outside, sizeof(outside)) != 1)
		hf_give_up("the process that was called has ended", "", 0);
	sys(__NR_close, pair[1]);
	return outside;
}

/* Goes on as the child, for which this process waits. */
static void become_child(long pid)
{
	if (pid) {
		if (pair[0] >= 0)
			tell_number();
		wait_for(pid);
	}
	hf_restart.init_pid = (int32_t)sys(__NR_getpid);
	if (pair[0] >= 0)
		sys(__NR_close, pair[0]);
	pair[0] = -1;
}

static void enter_name_spaces(int user)
{
	struct clone_args spaces = {
		.flags = CLONE_NEWPID | CLONE_NEWNS | (user ? CLONE_NEWUSER : 0),
		.exit_signal = SIGCHLD,
	};
	long uid = sys(__NR_geteuid), gid = sys(__NR_getegid);
	long pid = sys(__NR_clone3, &spaces, sizeof(spaces));

	if (pid < 0)
		hf_give_up("cannot make a pid name space", user ? ": user name spaces may be forbidden here" : "", pid);
	become_child(pid);
	furnish(user, uid, gid);
}

static void take_number(int32_t number)
{
	long pid = hf_fork_as(hf_restart.numbers, number);

	if (pid < 0)
		hf_give_up_number("cannot make a process with number ", number, pid);
	if (pid)
		hf_more_want_numbers(hf_restart.numbers, -1);
	become_child(pid);
}

int32_t hf_become_initial(uint32_t namespace, int32_t number)
{
	int on = 1;
	long ret = sys(__NR_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);

	if (!ret)
		ret = sys(__NR_setsockopt, pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	if (ret)
		hf_give_up("cannot make a pair of sockets", "", ret);
	if (namespace)
		enter_name_spaces(namespace == 2);
	if (number > 1) /* or it was the first of a pid name space, and is so now */
		take_number(number);
	return learn_number();
}
