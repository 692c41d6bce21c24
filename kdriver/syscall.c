// SPDX-License-Identifier: GPL-2.0-only
/*
 * Let a system call that the stop has ended go on
 *
 * Most calls that are interrupted return one of the kernel's own ERESTART
 * codes; without a handler to run, the kernel makes the call again, a sleep for what
 * is left of it. Some return EINTR instead, which the program would
 * see. Here, before the thread returns to user mode, their EINTR becomes
 * ERESTARTNOHAND: the call is made again, or returns EINTR if a handler of the
 * program is to run. What is left of a relative timeout is put where the
 * call's argument is: into the register, or for a struct timespec into a new
 * one below the red zone of the stack. The register is one that a function
 * call does not keep.
 */
#include <linux/ptrace.h>
#include <linux/sched/clock.h>
#include <linux/sched/task_stack.h>
#include <linux/time64.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#include "internal.h"

#ifndef CONFIG_SCHED_INFO
#error "the driver needs to know when a task last ran: CONFIG_SCHEDSTATS or CONFIG_TASK_DELAY_ACCT"
#endif

#define HF_RED_ZONE 128

/*
 * When the task went to sleep, as sched_clock_cpu() tells; 0 when it does not
 * sleep. It may be late by a wakeup without effect, never early.
 */
u64 hf_asleep_since(struct task_struct *task)
{
	u64 ran;

	if (!(READ_ONCE(task->__state) & TASK_INTERRUPTIBLE) || READ_ONCE(task->on_cpu))
		return 0;
	ran = READ_ONCE(task->se.sum_exec_runtime) - READ_ONCE(task->se.prev_sum_exec_runtime);
	return READ_ONCE(task->sched_info.last_arrival) + ran;
}

static bool hf_is_repaired(long nr)
{
	switch (nr) {
	case __NR_epoll_wait:
	case __NR_epoll_pwait:
	case __NR_epoll_pwait2:
	case __NR_semop:
	case __NR_semtimedop:
	case __NR_rt_sigtimedwait:
	case __NR_io_getevents:
	case __NR_io_pgetevents:
	/* EINTR when what is left of the time cannot be written back. */
	case __NR_select:
	case __NR_pselect6:
	case __NR_ppoll:
	/* EINTR when the socket has a timeout; nothing was transferred. */
	case __NR_read:
	case __NR_readv:
	case __NR_recvfrom:
	case __NR_recvmsg:
	case __NR_recvmmsg:
	case __NR_write:
	case __NR_writev:
	case __NR_sendto:
	case __NR_sendmsg:
	case __NR_sendmmsg:
	case __NR_accept:
	case __NR_accept4:
	case __NR_connect:
	/* Undoes what it has done, in memory file systems. */
	case __NR_fallocate:
		return true;
	default:
		return false;
	}
}

/* The register of a relative timeout in a struct timespec, or NULL. */
static unsigned long *hf_timespec_register(struct pt_regs *regs)
{
	switch (regs->orig_ax) {
	case __NR_epoll_pwait2:
	case __NR_semtimedop:
		return &regs->r10;
	case __NR_rt_sigtimedwait:
		return &regs->dx;
	case __NR_io_getevents:
	case __NR_io_pgetevents:
		return &regs->r8;
	default:
		return NULL;
	}
}

static void hf_shorten_timespec(unsigned long *reg, unsigned long sp, s64 asleep,
				u64 *left)
{
	struct __kernel_timespec __user *to;
	struct __kernel_timespec ts;
	s64 rest;

	if (!*reg || copy_from_user(&ts, u64_to_user_ptr((u64)*reg), sizeof(ts)))
		return;
	/* Nonsense and what is practically for ever are left as they are. */
	if (ts.tv_sec < 0 || ts.tv_sec > INT_MAX)
		return;
	rest = max(ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec - asleep, 0LL);
	*left = rest;
	ts.tv_sec = rest / NSEC_PER_SEC;
	ts.tv_nsec = rest % NSEC_PER_SEC;
	to = u64_to_user_ptr((u64)(sp - HF_RED_ZONE - sizeof(ts)) & ~15ULL);
	if (!copy_to_user(to, &ts, sizeof(ts)))
		*reg = (__force unsigned long)to;
}

/* By the thread itself, which has come to the end of its call. */
void hf_repair_syscall(struct hf_stop *stop)
{
	struct pt_regs *regs = current_pt_regs();
	s64 asleep = 0;
	unsigned long *reg;

	if ((long)regs->orig_ax < 0 || (long)regs->ax != -EINTR ||
	    in_ia32_syscall() || !hf_is_repaired(regs->orig_ax))
		return;
	regs->ax = -ERESTARTNOHAND;
	/* The kernel looks at it only where it looks for signals. */
	set_thread_flag(TIF_NOTIFY_SIGNAL);
	if (!stop->asleep_since)
		return;
	asleep = max_t(s64, sched_clock_cpu(raw_smp_processor_id()) - stop->asleep_since, 0);
	reg = hf_timespec_register(regs);
	if (reg) {
		hf_shorten_timespec(reg, regs->sp, asleep, &stop->left_ns);
	} else if ((regs->orig_ax == __NR_epoll_wait || regs->orig_ax == __NR_epoll_pwait) &&
		   (int)regs->r10 > 0) {
		s64 left = max((s64)(int)regs->r10 * NSEC_PER_MSEC - asleep, 0LL);

		stop->left_ns = left;
		regs->r10 = DIV_ROUND_UP_ULL(left, NSEC_PER_MSEC);
	}
}
