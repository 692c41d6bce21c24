/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interrupted.c - let a system call that the stop interrupted go on, so that the program never sees our EINTR.
 *
 * The stop's handler is SA_RESTART, so the kernel itself makes most calls again (signal(7) lists them), whatever their
 * number. The others, by the call:
 *  - those without a timeout are made again, by moving the program counter back to the instruction;
 *  - a relative sleep or wait that the kernel can continue (restart_block, see signal(7) and kernel/signal.c) is
 *    continued by restart_syscall(2) from inside the handler: the kernel forgets it at sigreturn. So the handler makes
 *    the call under the program's mask and puts the result into the frame. After a restart the kernel knows nothing of
 *    it: the call is made again for what was left;
 *  - a relative wait that the kernel cannot continue (epoll_wait, sigtimedwait, semtimedop) is made again inside the
 *    handler, too, for what is left of its timeout at the most.
 * A stop that hits a continued call does not nest: the thread goes back to the barrier on its first frame.
 *
 * When a signal of the program waits that it will handle, the call must return EINTR, unless it would be restarted.
 */
#define _GNU_SOURCE
#include <asm/errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <ucontext.h>

#include "callnumber.h"
#include "engine.h"
#include "sys.h"
#include "text.h"

extern const char hf_continue_from[], hf_continue_to[];
long hf_continue_call(long nr, const long args[6], const uint64_t *mask, struct interruption *i);

enum way { AGAIN, CONTINUE, TIMED };

static int is_futex_wait(long op)
{
	long cmd = op & FUTEX_CMD_MASK;

	return cmd == FUTEX_WAIT;
}

/* Where a relative timeout is: index of the argument, and its form. */
struct timeout {
	int arg;	  /* -1: none */
	int milliseconds; /* 1: a number of ms; 0: a struct timespec */
};

static struct timeout timeout_of(long nr, const long *args)
{
	switch (nr) {
	case __NR_nanosleep:
		return (struct timeout){ 0, 0 };
	case __NR_clock_nanosleep: /* TIMER_ABSTIME: an absolute time stays what it is */
		return (struct timeout){ args[1] & 1 ? -1 : 2, 0 };
	case __NR_poll:
		return (struct timeout){ (int)args[2] > 0 ? 2 : -1, 1 };
	case __NR_futex:
		return (struct timeout){ is_futex_wait(args[1]) && args[3] ? 3 : -1, 0 };
	case __NR_epoll_wait:
	case __NR_epoll_pwait:
		return (struct timeout){ (int)args[3] > 0 ? 3 : -1, 1 };
	case __NR_epoll_pwait2:
		return (struct timeout){ args[3] ? 3 : -1, 0 };
	case __NR_rt_sigtimedwait:
		return (struct timeout){ args[2] ? 2 : -1, 0 };
	case __NR_semtimedop:
		return (struct timeout){ args[3] ? 3 : -1, 0 };
	default:
		return (struct timeout){ -1, 0 };
	}
}

static enum way way_of(long nr, const long *args)
{
	if (timeout_of(nr, args).arg < 0)
		return AGAIN;
	switch (nr) {
	case __NR_nanosleep:
	case __NR_clock_nanosleep:
	case __NR_poll:
	case __NR_futex:
		return CONTINUE;
	default:
		return TIMED;
	}
}

static int64_t read_timeout(const struct interruption *i)
{
	struct timeout t = timeout_of(i->nr, i->args);
	const struct __kernel_timespec *ts;

	if (t.arg < 0)
		return -1;
	if (t.milliseconds)
		return (int64_t)(int)i->args[t.arg] * 1000000;
	ts = (const void *)i->args[t.arg];
	/* The kernel has written what was left of a sleep, if the program gave it room. */
	if (i->nr == __NR_nanosleep && i->args[1])
		ts = (const void *)i->args[1];
	if (i->nr == __NR_clock_nanosleep && i->args[3])
		ts = (const void *)i->args[3];
	return ts->tv_sec * 1000000000 + ts->tv_nsec;
}

static int is_syscall(const unsigned char *code)
{
	return code[0] == 0x0f && code[1] == 0x05;
}

/* The kernel will make the call again: its number is in place, and the program counter back at the instruction. */
static int is_made_again(const greg_t *regs, const struct thread *t)
{
	return t->syscall >= 0 && regs[REG_RAX] == t->syscall && t->syscall_pc == (uint64_t)regs[REG_RIP] + 2 &&
	       is_syscall((const unsigned char *)regs[REG_RIP]);
}

static void note_arguments(struct interruption *i, long nr)
{
	const greg_t *regs = ((ucontext_t *)i->ucontext)->uc_mcontext.gregs;
	static const int order[] = { REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9 };

	i->nr = nr;
	for (int n = 0; n < 6; n++)
		i->args[n] = regs[order[n]];
}

void hf_note_interruption(struct interruption *i, struct thread *t)
{
	const greg_t *regs = ((ucontext_t *)i->ucontext)->uc_mcontext.gregs;
	const unsigned char *pc = (const unsigned char *)regs[REG_RIP];

	if (i->handed_over) { /* a stop hit the continued call: only the time goes on */
		if (i->deadline_ns)
			i->left_ns = i->deadline_ns > (int64_t)hf_now() ? i->deadline_ns - (int64_t)hf_now() : 1;
		return;
	}
	i->nr = -1;
	i->made_again = is_made_again(regs, t);
	if (i->made_again)
		i->nr = t->syscall;
	if (regs[REG_RAX] != -EINTR || !is_syscall(pc - 2))
		return;
	i->nr = t->syscall >= 0 && t->syscall_pc == (uint64_t)pc ? t->syscall : hf_number_in_code(pc - 2);
	note_arguments(i, i->nr);
	i->left_ns = i->nr < 0 ? -1 : read_timeout(i);
}

/* The lowest signal that will run a handler of the program once its mask is back, 0: none. */
static int waiting_signal(const struct thread *t, uint64_t mask)
{
	/* A signal for the whole process goes to the main thread when it can. */
	uint64_t pending = hf_waiting_signals(t->tid) & ~mask;

	if (t->tid == ENGINE->pid)
		pending |= hf_waiting_signals(0) & ~mask;
	for (int sig = 1; sig <= 64 && pending; sig++) {
		struct kernel_action a;

		if (pending & 1ull << (sig - 1) && !sys(__NR_rt_sigaction, sig, NULL, &a, 8) && (uint64_t)a.handler > 1)
			return sig;
	}
	return 0;
}

static void make_again(const struct interruption *i)
{
	greg_t *regs = ((ucontext_t *)i->ucontext)->uc_mcontext.gregs;

	regs[REG_RAX] = i->nr;
	regs[REG_RIP] -= 2;
}

/* The program's own signal has come first: the call returns EINTR, unless that signal would have it made again. */
static void give_way(const struct interruption *i, int sig)
{
	greg_t *regs = ((ucontext_t *)i->ucontext)->uc_mcontext.gregs;
	struct kernel_action action = { .flags = 0 };

	sys(__NR_rt_sigaction, sig, NULL, &action, 8);
	if (!i->made_again || action.flags & SA_RESTART)
		return;
	regs[REG_RAX] = -EINTR;
	regs[REG_RIP] += 2;
}

/* Makes the call for what is left of its time; the program's own memory of the timeout stays as it is. */
static long make_for_the_rest(struct interruption *i, const uint64_t *mask)
{
	struct timeout t = timeout_of(i->nr, i->args);
	struct __kernel_timespec rest = { i->left_ns / 1000000000, i->left_ns % 1000000000 };
	long args[6];

	memcpy(args, i->args, sizeof(args));
	args[t.arg] = t.milliseconds ? (i->left_ns + 999999) / 1000000 : (long)&rest;
	i->deadline_ns = (int64_t)hf_now() + i->left_ns;
	return hf_continue_call(i->nr, args, mask, i);
}

void hf_continue_interrupted(struct interruption *i, int restarted)
{
	ucontext_t *uc = i->ucontext;
	uint64_t mask = *(uint64_t *)&uc->uc_sigmask;
	enum way way;
	int sig;

	if (i->nr < 0)
		return;
	sig = waiting_signal(i->thread, mask);
	if (sig) {
		give_way(i, sig);
		return;
	}
	if (i->made_again)
		return;
	way = way_of(i->nr, i->args);
	if (way == AGAIN) {
		make_again(i);
		return;
	}
	if (restarted)
		i->handed_over = 2;
	if (way == CONTINUE && i->handed_over != 2) {
		static const long none[6];

		i->handed_over = 1;
		uc->uc_mcontext.gregs[REG_RAX] = hf_continue_call(__NR_restart_syscall, none, &mask, i);
		return;
	}
	i->handed_over = 2;
	uc->uc_mcontext.gregs[REG_RAX] = make_for_the_rest(i, &mask);
}

static struct interruption *continued_at(uint64_t pc, int was_interrupted, uint64_t rbx)
{
	const char *at = (const char *)pc;

	if (at < hf_continue_from || at > hf_continue_to || (at == hf_continue_to && !was_interrupted))
		return NULL;
	return (struct interruption *)rbx;
}

struct interruption *hf_continued_call(const void *ucontext)
{
	const greg_t *regs = ((const ucontext_t *)ucontext)->uc_mcontext.gregs;

	return continued_at((uint64_t)regs[REG_RIP], regs[REG_RAX] == -EINTR, (uint64_t)regs[REG_RBX]);
}

/* --- of threads that the kernel driver has stopped: calls have the results that only the kernel sees (linux/errno.h) */

#define RESTART_SYS (-512)     /* again, if a handler allows it */
#define RESTART_NO_INTR (-513) /* again */
#define RESTART_NO_HAND (-514) /* again, unless a handler runs */
#define RESTART_BLOCK (-516)   /* the kernel goes on with it, unless a handler runs */

void hf_note_continued_call(struct thread *t)
{
	long result = (long)t->registers.rax;
	int was_interrupted = result == -EINTR || (result <= RESTART_SYS && result >= RESTART_BLOCK);
	struct interruption *i = continued_at(t->registers.rip, was_interrupted, t->registers.rbx);

	if (!i)
		return;
	i->thread = t;
	t->interruption = i;
	t->in_kernel = 0;
	hf_note_interruption(i, t);
}

void hf_note_call(struct interruption *i, const struct thread *t)
{
	greg_t *regs = ((ucontext_t *)i->ucontext)->uc_mcontext.gregs;
	long result = (long)t->registers.rax;

	i->nr = -1;
	if ((long)t->registers.orig_rax < 0)
		return;
	if (result == RESTART_SYS || result == RESTART_NO_INTR) {
		regs[REG_RAX] = (greg_t)t->registers.orig_rax;
		regs[REG_RIP] -= 2;
		i->made_again = 1;
		if (result == RESTART_SYS)
			i->nr = t->syscall;
	} else if (result == RESTART_NO_HAND || result == RESTART_BLOCK) {
		regs[REG_RAX] = -EINTR;
		if (t->syscall < 0)
			return;
		note_arguments(i, t->syscall);
		i->left_ns = t->left_ns >= 0 ? t->left_ns : read_timeout(i);
	}
}
