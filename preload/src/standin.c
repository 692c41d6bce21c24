/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standin.c - act as a process of the job before it exists: the kernel notes of Unix sockets and of messages which
 * process made or sent them.
 */
#include <asm/errno.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "connect.h"
#include "sys.h"

long hf_clone(const void *args, size_t size, void (*fn)(void *), void *arg);

#define STACK (16 << 10)

struct act {
	long (*fn)(void *);
	void *arg;
	long result;
};

static void act(void *arg)
{
	struct act *a = arg;

	a->result = a->fn(a->arg);
	for (;;)
		sys(__NR_exit, 0);
}

long hf_stand_in(int32_t pid, long (*fn)(void *), void *arg)
{
	static void *stack;
	struct act a = { fn, arg, 0 };
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_FS | CLONE_FILES,
		.stack_size = STACK,
		.set_tid = (uint64_t)&pid,
		.set_tid_size = 1,
	};
	long made;

	if (pid <= 0 || pid == hf_restart.init_pid)
		return fn(arg);
	if (!stack)
		stack = hf_take(STACK, 0);
	args.stack = (uint64_t)stack;
	made = hf_clone(&args, sizeof(args), act, &a);
	if (made == -EEXIST) /* a process outside the job, which stays what it is */
		return fn(arg);
	if (made < 0)
		hf_give_up_number("cannot make a process with number ", pid, made);
	while (sys(__NR_wait4, made, NULL, __WALL, 0) == -EINTR)
		;
	return a.result;
}
