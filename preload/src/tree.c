/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.c - make the processes of the job again, with their numbers, parents, sessions and groups.
 *
 * A session can only be inherited or begun, so a child whose session is its parent's old one is made before the
 * parent begins its own (HF_NODE_EARLY), and a session or group whose leader is dead gets a helper to begin it. Groups
 * are joined when all of a session's processes exist.
 */
#include "restart.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/resource.h>
#include <linux/wait.h>

#include "grant.h"
#include "message.h"
#include "numbers.h"
#include "own_program.h"
#include "sys.h"

static _Noreturn void be(uint32_t index);

static void make(uint32_t index)
{
	const struct hf_node *node = hf_node(index);
	long pid = hf_fork_as(hf_restart.numbers, node->pid);

	if (pid < 0)
		hf_give_up_number("cannot make a process with number ", node->pid, pid);
	if (!pid)
		be(index);
}

static int is_child(const struct hf_node *node, int32_t parent, uint32_t early)
{
	return node->parent == parent && (node->flags & HF_NODE_EARLY) == early;
}

static uint32_t index_of(int32_t pid)
{
	uint32_t n = 0;

	while (hf_node(n)->pid != pid)
		n++;
	return n;
}

static void make_children(int32_t parent, uint32_t early)
{
	int32_t *left = hf_restart.children;
	uint32_t count = 0;

	for (uint32_t n = 0; n < hf_restart.head.nodes; n++)
		if (is_child(hf_node(n), parent, early))
			left[count++] = hf_node(n)->pid;
	while (count) {
		uint32_t next = hf_next_number(hf_restart.numbers, left, count);
		int32_t pid = left[next];

		for (count--; next < count; next++) /* in their order, for /proc/PID/task/TID/children tells it */
			left[next] = left[next + 1];
		make(index_of(pid));
	}
}

void hf_make_tree(void)
{
	make_children(-1, HF_NODE_EARLY);
	make_children(-1, 0);
	hf_more_want_numbers(hf_restart.numbers, -1);
}

static void begin_session(const struct hf_node *node)
{
	long ret;

	if (node->flags & HF_NODE_SETSID) {
		ret = sys(__NR_setsid);
		if (ret < 0)
			hf_give_up_number("cannot begin session ", node->pid, ret);
	}
	if (node->flags & HF_NODE_TERMINAL) {
		long terminal = hf_open_terminal(node);

		ret = terminal < 0 ? terminal : sys(__NR_ioctl, terminal, TIOCSCTTY, 0);
		if (ret)
			hf_give_up_number("cannot give the terminal to session ", node->pid, ret);
		sys(__NR_close, terminal);
	}
}

static void join_group(const struct hf_node *node)
{
	long ret;

	if (!node->pgid || sys(__NR_getpgid, 0) == node->pgid)
		return;
	ret = sys(__NR_setpgid, 0, node->pgid);
	if (ret)
		hf_give_up_number("cannot join process group ", node->pgid, ret);
}

static void set_foreground(const struct hf_node *node)
{
	long terminal = hf_open_terminal(node);

	sys(__NR_ioctl, terminal, TIOCSPGRP, &node->tty_pgrp);
	sys(__NR_close, terminal);
}

/* Ends as `status` of wait(2) says. */
static _Noreturn void end_as(int32_t status)
{
	int32_t signal = status & 0x7f;
	uint64_t none = 0;

	if (signal) {
		struct rlimit64 no_core = { 0, 0 };

		sys(__NR_prlimit64, 0, RLIMIT_CORE, &no_core, NULL);
		sys(__NR_kill, sys(__NR_getpid), signal);
		sys(__NR_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
	}
	for (;;)
		sys(__NR_exit_group, status >> 8 & 0xff);
}

/*
 * A child that ended has ended before its parent goes on, so that the signal of it does not come twice. A helper among
 * the children leaves no trace: what it made is the initial process's by then.
 */
static void await_ended_children(uint32_t index)
{
	for (uint32_t n = 0; n < hf_restart.head.nodes; n++) {
		const struct hf_node *child = hf_node(n);
		int keep = child->flags & HF_NODE_ZOMBIE ? WNOWAIT : 0;
		char info[128];

		if (child->parent == (int32_t)index && child->flags & (HF_NODE_ZOMBIE | HF_NODE_HELPER))
			while (sys(__NR_waitid, P_PID, child->pid, info, WEXITED | keep | __WALL, 0) == -EINTR)
				;
	}
}

static void connect_to_runner(const struct hf_node *node)
{
	int last = hf_restart.first_free + (int)hf_restart.head.descriptions;
	long fd = hf_connect(hf_restart.socket, node->pid, HF_RESTARTING, 0);

	if (fd < 0)
		hf_give_up("cannot connect to the node runner", "", fd);
	/* Out of the way of the program's descriptors and of the descriptions. */
	hf_restart.own_fd = (int)sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, last);
	if (hf_restart.own_fd < 0)
		hf_give_up("too many descriptors: raise the limit on open files", "", hf_restart.own_fd);
	sys(__NR_close, fd);
	hf_join_with_grant(hf_restart.own_fd);
}

static _Noreturn void settle(void *node)
{
	uint32_t index = (uint32_t)(uint64_t)node;

	sys(__NR_close, hf_restart.shared_fd);
	hf_place(index);
	connect_to_runner(hf_node(index));
	hf_meet(PHASE_READY);
	hf_become(index);
}

static _Noreturn void be(uint32_t index)
{
	const struct hf_node *node = hf_node(index);

	make_children((int32_t)index, HF_NODE_EARLY);
	begin_session(node);
	make_children((int32_t)index, 0);
	hf_more_want_numbers(hf_restart.numbers, -1);
	hf_meet(PHASE_MADE);
	if (node->pgid == node->pid)
		join_group(node);
	hf_meet(PHASE_LEADERS);
	join_group(node);
	hf_give_back_undo(index);
	hf_meet(PHASE_GROUPS);
	hf_sign_semaphores();
	if (node->flags & HF_NODE_TERMINAL && node->tty_pgrp)
		set_foreground(node);
	if (node->flags & HF_NODE_ZOMBIE)
		end_as(node->status);
	if (node->flags & HF_NODE_HELPER)
		end_as(0);
	await_ended_children(index);
	if (hf_restart.numbers && node->exe >= 0) /* else it is set when the memory is back (rebuild.c) */
		hf_exec_program((uint32_t)node->exe, settle, (void *)(uint64_t)index);
	settle((void *)(uint64_t)index);
}
