// SPDX-License-Identifier: GPL-2.0-only
/* Tests of what is told of a stopped thread */
#define _GNU_SOURCE
#include "selftest.h"

#include <elf.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

static long threads_of(int controller, pid_t pid, struct holdfast_thread *threads, uint32_t count)
{
	struct holdfast_list list = { .array = (uintptr_t)threads, .count = count, .pid = pid };

	return ioctl(controller, HOLDFAST_THREADS, &list) ? -1 : (long)list.count;
}

/* Known values in registers, told to the test by their numbers. */
static void spin_with_registers(void)
{
	shared->go = 1;
	__asm__ volatile(
		"mov $0x1122334455667788, %%rbx\n"
		"mov $0x8877665544332211, %%r12\n"
		"mov $0x0123456789abcdef, %%r13\n"
		"movq %%r13, %%xmm7\n"
		"1: jmp 1b\n" ::: "rbx", "r12", "r13", "xmm7");
}

static void test_registers(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	struct user_regs_struct regs;
	struct user_fpregs_struct fpregs;
	static char xstate[65536];
	struct holdfast_regset set = { .buffer = (uintptr_t)&regs, .size = sizeof(regs), .note = NT_PRSTATUS };
	struct holdfast_thread thread;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, spin_with_registers);

	set.tid = pid;
	CHECK_ERROR(ioctl(controller, HOLDFAST_REGSET, &set), ESRCH);
	AWAIT(shared->go);
	usleep(50000);
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(!ioctl(controller, HOLDFAST_REGSET, &set));
	CHECK(set.size == sizeof(regs));
	CHECK(regs.rbx == 0x1122334455667788 && regs.r12 == 0x8877665544332211);
	CHECK((long)regs.orig_rax == -1);
	CHECK(threads_of(controller, pid, &thread, 1) == 1);
	CHECK(thread.tid == pid && thread.own_tid == pid && thread.syscall == -1);
	CHECK(thread.where == HOLDFAST_AT_BARRIER);
	CHECK(thread.fs_base == regs.fs_base && thread.fs_base);
	CHECK(thread.rseq == (__rseq_size ? thread.fs_base + (uint64_t)__rseq_offset : 0));
	set.note = NT_PRFPREG;
	set.buffer = (uintptr_t)&fpregs;
	set.size = sizeof(fpregs);
	CHECK(!ioctl(controller, HOLDFAST_REGSET, &set));
	CHECK(fpregs.xmm_space[28] == 0x89abcdef && fpregs.xmm_space[29] == 0x01234567);
	set.note = NT_X86_XSTATE;
	set.buffer = (uintptr_t)xstate;
	set.size = 64;
	CHECK_ERROR(ioctl(controller, HOLDFAST_REGSET, &set), ENOSPC);
	CHECK(set.size > 512);
	CHECK(!ioctl(controller, HOLDFAST_REGSET, &set));
	CHECK(!memcmp(xstate, &fpregs, 464));
	set.buffer = 8;
	CHECK_ERROR(ioctl(controller, HOLDFAST_REGSET, &set), EFAULT);
	set.note = NT_386_IOPERM;
	CHECK_ERROR(ioctl(controller, HOLDFAST_REGSET, &set), ENODATA);
	set.note = 0x12345;
	CHECK_ERROR(ioctl(controller, HOLDFAST_REGSET, &set), EINVAL);
	set.pad = 1;
	CHECK_ERROR(ioctl(controller, HOLDFAST_REGSET, &set), EINVAL);
	set.pad = 0;
	set.note = NT_PRSTATUS;
	set.tid = getpid();
	CHECK_ERROR(ioctl(controller, HOLDFAST_REGSET, &set), ESRCH);
	end_child(pid);
	set.tid = pid;
	CHECK_ERROR(ioctl(controller, HOLDFAST_REGSET, &set), ESRCH);
}

static void sleep_oddly(void)
{
	static char stack[65536];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct timespec t = { 100, 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_SETMASK, &set, NULL);
	CHECK(!sigaltstack(&alternate, NULL));
	CHECK(!prctl(PR_SET_TIMERSLACK, 12345) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	shared->value[0] = (uintptr_t)stack;
	for (int i = 0; i < 5; i++) {
		union sigval value = { .sival_int = 100 + i };

		sigqueue(getpid(), SIGRTMIN + 3, value);
	}
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1);
	shared->go = 1;
	nanosleep(&t, NULL);
}

static void test_thread_state(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	struct holdfast_thread t;
	struct holdfast_signals signals = {};
	siginfo_t infos[8];
	uint64_t usr1 = 1ull << (SIGUSR1 - 1), rt = 1ull << (SIGRTMIN + 3 - 1);
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, sleep_oddly);

	AWAIT(shared->go);
	usleep(20000);
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(threads_of(controller, pid, &t, 1) == 1);
	CHECK(t.syscall == SYS_clock_nanosleep || t.syscall == SYS_nanosleep);
	CHECK(t.restart == HOLDFAST_RESTART_BLOCK);
	/* Of the 100 s. */
	CHECK(t.left_ns > 80000000000ull && t.left_ns < 100000000000ull);
	CHECK(t.blocked == (usr1 | rt) && t.saved_blocked == t.blocked);
	CHECK(t.pending == usr1 && t.process_pending == rt);
	CHECK(t.altstack == shared->value[0] && t.altstack_size == 65536 && !t.altstack_flags);
	CHECK(t.robust_list && t.clear_child_tid);
	CHECK(t.timer_slack_ns == 12345 && t.parent_death_signal == SIGKILL && t.no_new_privs == 1);
	signals = (struct holdfast_signals) { .tid = pid, .array = (uintptr_t)infos, .count = 8 };
	CHECK(!ioctl(controller, HOLDFAST_SIGNALS, &signals));
	CHECK(signals.count == 1 && infos[0].si_signo == SIGUSR1 && infos[0].si_code == SI_TKILL);
	CHECK(infos[0].si_pid == pid);
	signals.count = 2;
	signals.process = 1;
	CHECK(!ioctl(controller, HOLDFAST_SIGNALS, &signals));
	CHECK(signals.count == 5 && infos[1].si_signo == SIGRTMIN + 3 && infos[1].si_int == 101);
	CHECK(!ioctl(controller, HOLDFAST_SIGNALS, &signals));
	CHECK(signals.count == 5 && infos[4].si_int == 104);
	signals.array = 8;
	CHECK_ERROR(ioctl(controller, HOLDFAST_SIGNALS, &signals), EFAULT);
	signals.process = 2;
	CHECK_ERROR(ioctl(controller, HOLDFAST_SIGNALS, &signals), EINVAL);
	signals.process = 0;
	signals.tid = 1;
	CHECK_ERROR(ioctl(controller, HOLDFAST_SIGNALS, &signals), ESRCH);
	CHECK(!resume_group(controller));
	signals.tid = pid;
	CHECK_ERROR(ioctl(controller, HOLDFAST_SIGNALS, &signals), ESRCH);
	end_child(pid);
}

static void wait_with_mask(void)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	sigdelset(&set, SIGUSR2);
	shared->go = 1;
	sigsuspend(&set);
}

static void test_saved_mask(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	struct holdfast_thread t;
	uint64_t usr2 = 1ull << (SIGUSR2 - 1);
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, wait_with_mask);

	AWAIT(shared->go);
	usleep(20000);
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(threads_of(controller, pid, &t, 1) == 1);
	CHECK(t.syscall == SYS_rt_sigsuspend && t.restart == HOLDFAST_RESTART_AGAIN);
	CHECK(!(t.blocked & usr2) && t.saved_blocked & usr2);
	end_child(pid);
}

static void *wait_for_ever(void *arg)
{
	(void)arg;
	pause();
	return NULL;
}

static void seventy_threads(void)
{
	pthread_t thread;

	for (int i = 0; i < 70; i++)
		CHECK(!pthread_create(&thread, NULL, wait_for_ever, NULL));
	shared->go = 1;
	wait_for_ever(NULL);
}

static void test_list_of_threads(void)
{
	static struct holdfast_thread threads[128];
	struct holdfast_token token;
	struct holdfast_stop stop;
	struct holdfast_list list = { .array = 8, .count = 1 };
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, seventy_threads);

	AWAIT(shared->go);
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(threads_of(controller, pid, threads, 10) == 71);
	CHECK(!threads[10].tid && threads[9].tid);
	CHECK(threads_of(controller, pid, threads, 128) == 71);
	for (int i = 1; i < 71; i++)
		CHECK(threads[i].tid != threads[i - 1].tid);
	list.pid = pid;
	CHECK_ERROR(ioctl(controller, HOLDFAST_THREADS, &list), EFAULT);
	end_child(pid);
}

static void *poll_for_long(void *arg)
{
	*(volatile pid_t *)arg = syscall(SYS_gettid);
	poll(NULL, 0, 50000);
	return NULL;
}

/* The main thread, which is not stopped, asks about the other one. */
static void ask_about_itself(int own, pid_t other)
{
	static struct holdfast_thread threads[4];
	static char regs[4096];
	struct holdfast_list list = { .array = (uintptr_t)threads, .count = 4, .pid = getpid() };
	struct holdfast_regset set = { .buffer = (uintptr_t)regs, .size = sizeof(regs), .note = NT_PRSTATUS };
	struct holdfast_signals signals = { .tid = other };
	struct holdfast_resume resume;

	CHECK(!ioctl(own, HOLDFAST_THREADS, &list));
	CHECK(list.count == 1 && threads[0].tid == other && threads[0].syscall == SYS_poll);
	CHECK(threads[0].restart == HOLDFAST_RESTART_BLOCK);
	CHECK(threads[0].left_ns > 30000000000ull && threads[0].left_ns < 50000000000ull);
	set.tid = other;
	CHECK(!ioctl(own, HOLDFAST_REGSET, &set));
	CHECK(set.size == sizeof(struct user_regs_struct));
	CHECK(!ioctl(own, HOLDFAST_SIGNALS, &signals));
	/* Nothing about others, and nothing else. */
	list.pid = set.tid = signals.tid = getppid();
	CHECK_ERROR(ioctl(own, HOLDFAST_THREADS, &list), EPERM);
	CHECK_ERROR(ioctl(own, HOLDFAST_REGSET, &set), EPERM);
	CHECK_ERROR(ioctl(own, HOLDFAST_SIGNALS, &signals), EPERM);
	CHECK(!ioctl(own, HOLDFAST_RESUME, &resume));
	CHECK(resume.threads == 1);
	list.pid = getpid();
	AWAIT(!ioctl(own, HOLDFAST_THREADS, &list) && !list.count);
	list.pid = 0;
	CHECK_ERROR(ioctl(own, HOLDFAST_MEMBERS, &list), EPERM);
	list.pid = getpid();
	CHECK_ERROR(ioctl(own, HOLDFAST_FILES, &list), EPERM);
}

static struct holdfast_token asked_token;

static void member_that_asks(void)
{
	static volatile pid_t other;
	pthread_t thread;
	int own = try_join(&asked_token, HOLDFAST_JOIN_EXEMPT, 0);

	CHECK(own >= 0);
	CHECK(!pthread_create(&thread, NULL, poll_for_long, (void *)&other));
	AWAIT(other);
	usleep(50000);
	shared->ready = 1;
	AWAIT(shared->go);
	ask_about_itself(own, other);
	shared->value[0] = 1;
	pause();
}

static void test_about_itself(void)
{
	struct holdfast_stop stop;
	int controller = new_controller(&asked_token);
	pid_t pid = new_child(member_that_asks);

	AWAIT(shared->ready);
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(stop.threads == 1);
	shared->go = 1;
	AWAIT(shared->value[0]);
	end_child(pid);
}

const struct test state_tests[] = {
	{ "state: registers", test_registers },
	{ "state: call, masks, pending signals", test_thread_state },
	{ "state: the mask that comes back", test_saved_mask },
	{ "state: a list of threads", test_list_of_threads },
	{ "state: a member asks about itself", test_about_itself },
	{}
};
