/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rebuild.c - where a restart goes on: the memory is back, descriptors and process number too; what the process had
 * from the kernel otherwise is given back from the tables in the engine, then every thread is made again with its
 * number and goes on at the barrier, in its own handler.
 */
#define _GNU_SOURCE
#include <asm/errno.h>
#include <asm/prctl.h>
#include <holdfast.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/rseq.h>
#include <linux/sched.h>
#include <signal.h>

#include "engine.h"
#include "numbers.h"
#include "posix_mq.h"
#include "queue.h"
#include "registers.h"
#include "sys.h"
#include "text.h"

#define THREAD_STACK 1024
#define NO_EXE 0xffffffffull
#define RSEQ_SIGNATURE 0x53053053u /* of glibc on x86 */

static _Noreturn void die(const char *what, long error)
{
	char line[200];
	struct text t = hf_text(line, sizeof(line));
	long fd = hf_connect(ENGINE->socket, ENGINE->pid, HF_PROCESS, 0);

	hf_add(&t, "cannot give back ");
	hf_add(&t, what);
	hf_add_error(&t, error);
	/* The runner ends the job when it has read that: until then nobody may see this process end. */
	if (fd >= 0 && !hf_send_text((int)fd, HF_REFUSED, 0, line))
		hf_read((int)fd, line, 1);
	for (;;)
		sys(__NR_kill, sys(__NR_getpid), SIGKILL);
}

static void check(const char *what, long ret)
{
	if (ret < 0)
		die(what, ret);
}

/* The file that is mapped at the program's code: a copy of it, where the original was changed or removed. */
static const char *program(void)
{
	uint64_t code = ENGINE->mm[0];
	const char *line = ENGINE->out_space;

	if (hf_read_file("/proc/self/maps", ENGINE->out_space, OUT_SIZE) < 0)
		return ENGINE->exe;
	for (; *line; line = hf_next_line(line)) {
		uint64_t start, end;
		const char *path = hf_find_in_line(hf_area(line, &start, &end), '/');

		if (code < start || code >= end)
			continue;
		*(char *)hf_find_in_line(path, '\n') = 0;
		return *path ? path : ENGINE->exe;
	}
	return ENGINE->exe;
}

/* Where numbers are counted up to, the program has been executed (own_program.h), or its link cannot be given back. */
static void rebuild_mm(int counted)
{
	uint64_t map[13];
	long ret, exe = sys(__NR_open, program(), O_RDONLY | O_CLOEXEC);

	for (int n = 0; n < 11; n++)
		map[n] = ENGINE->mm[n];
	map[11] = (uint64_t)ENGINE->auxv;
	check("the program that /proc/self/exe names", exe);
	map[12] = ENGINE->auxv_size | (uint64_t)exe << 32;
	ret = sys(__NR_prctl, PR_SET_MM, PR_SET_MM_MAP, map, sizeof(map), 0);
	if (ret == -EPERM && counted) { /* the runner says so to the user */
		map[12] |= NO_EXE << 32;
		ret = sys(__NR_prctl, PR_SET_MM, PR_SET_MM_MAP, map, sizeof(map), 0);
	}
	check("the program that /proc/self/exe names, and the heap's bounds", ret);
	sys(__NR_close, exe);
}

/* seconds and microseconds: the interval, and the time that is left; see setitimer(2) */
enum { INTERVAL_S, INTERVAL_US, LEFT_S, LEFT_US };

/*
 * While its SIGALRM waits to be taken the real timer stands still, with nothing left: what then sets it, with its
 * interval and no time, would switch it off. Expired once more it is as it was.
 */
static void rebuild_interval_timers(void)
{
	uint64_t *real = ENGINE->itimers[0];

	if (real[INTERVAL_S] | real[INTERVAL_US] && !(real[LEFT_S] | real[LEFT_US]))
		real[LEFT_US] = 1;
	for (int n = 0; n < 3; n++)
		check("an interval timer", sys(__NR_setitimer, n, ENGINE->itimers[n], NULL));
}

static void rebuild_timers(void)
{
	rebuild_interval_timers();
	sys(__NR_prctl, 77 /* PR_TIMER_CREATE_RESTORE_IDS, Linux 6.15 */, 1, 0, 0, 0);
	for (uint32_t n = 0; n < ENGINE->timer_count; n++) {
		struct timer *t = &ENGINE->timers[n];
		struct {
			uint64_t value;
			int32_t signal, notify, tid, pad[11];
		} event = { t->value, t->signal, t->notify, t->tid, { 0 } };
		int32_t id = t->id;
		long ret = sys(__NR_timer_create, t->clock, &event, &id);

		/* Older kernels count up: pass over the numbers that were deleted. */
		while (!ret && id < t->id) {
			sys(__NR_timer_delete, id);
			ret = sys(__NR_timer_create, t->clock, &event, &id);
		}
		check("a POSIX timer", ret ? ret : id == t->id ? 0 : -EEXIST);
		check("a POSIX timer's time", sys(__NR_timer_settime, id, 0, &t->left, NULL));
	}
	sys(__NR_prctl, 77, 0, 0, 0, 0);
}

static void rebuild_locks(void)
{
	for (uint32_t n = 0; n < ENGINE->lock_count; n++) {
		const struct lock *l = &ENGINE->locks[n];
		struct {
			int16_t type, whence;
			int32_t pad;
			int64_t start, length;
			int32_t pid, pad2;
		} range = { l->write ? F_WRLCK : F_RDLCK, 0, 0, l->start, l->length, 0, 0 };
		long ret;

		if (l->kind == LOCK_OF_FLOCK)
			ret = sys(__NR_flock, l->fd, (l->write ? LOCK_EX : LOCK_SH) | LOCK_NB);
		else
			ret = sys(__NR_fcntl, l->fd, l->kind == LOCK_OF_PROCESS ? F_SETLK : F_OFD_SETLK, &range);
		check("a file lock, which somebody else holds", ret);
	}
}

static void rebuild_owners(void)
{
	for (uint32_t n = 0; n < ENGINE->owner_count; n++) {
		const struct owner *o = &ENGINE->owners[n];

		if (o->pid)
			check("the owner of a descriptor", sys(__NR_fcntl, o->fd, F_SETOWN_EX, &o->type));
		if (o->signal)
			check("the signal of a descriptor", sys(__NR_fcntl, o->fd, F_SETSIG, o->signal));
		check("the flags of a descriptor", sys(__NR_fcntl, o->fd, F_SETFL, o->flags));
	}
}

static void rebuild_settings(void)
{
	check("the working directory", sys(__NR_chdir, ENGINE->cwd));
	sys(__NR_umask, ENGINE->umask);
	for (int n = 0; n < 16; n++)
		sys(__NR_prlimit64, 0, n, ENGINE->limits[n], NULL);
	for (int sig = 1; sig <= 64; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && sig != STOP_SIGNAL)
			check("a signal handler", sys(__NR_rt_sigaction, sig, &ENGINE->actions[sig], NULL, 8));
	hf_install_stop_handler();
	if (ENGINE->subreaper)
		sys(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1);
}

/* What no signal of the restart itself may leave behind: the SIGCHLD of zombies made again. */
static void forget_signals(void)
{
	struct __kernel_timespec now = { 0, 0 };
	uint64_t all = ~0ull;
	char info[128];

	while (sys(__NR_rt_sigtimedwait, &all, info, &now, 8) > 0)
		;
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	/* Those of the user name space, if there is one: the job had none. Root keeps its own. */
	if (sys(__NR_getuid))
		sys(__NR_capset, &header, none);
}

/* The main thread closes the descriptor when all others need it no more. */
static void drop_grant(const struct thread *t)
{
	uint32_t dropped;

	if (ENGINE->grant < 0)
		return;
	sys(__NR_ioctl, ENGINE->grant, HOLDFAST_DROP, NULL);
	__atomic_add_fetch(&ENGINE->dropped, 1, __ATOMIC_ACQ_REL);
	hf_futex_wake(&ENGINE->dropped);
	if (t->tid != ENGINE->pid)
		return;
	while ((dropped = __atomic_load_n(&ENGINE->dropped, __ATOMIC_ACQUIRE)) < ENGINE->rebuilt)
		hf_futex_wait(&ENGINE->dropped, dropped, -1);
	sys(__NR_close, ENGINE->grant);
}

static _Noreturn void go_on(void *thread)
{
	struct thread *t = thread;
	uint64_t all = ~0ull;

	sys(__NR_rt_sigprocmask, SIG_SETMASK, &all, NULL, 8);
	check("a thread's TLS", sys(__NR_arch_prctl, ARCH_SET_FS, t->fs));
	if (t->gs)
		check("a thread's GS base", sys(__NR_arch_prctl, ARCH_SET_GS, t->gs));
	if (t->robust_list)
		check("a robust list", sys(__NR_set_robust_list, t->robust_list, t->robust_length));
	sys(__NR_set_tid_address, t->clear_tid);
	if (t->rseq)
		check("a restartable sequence", sys(__NR_rseq, t->rseq, ENGINE->rseq_size, 0, RSEQ_SIGNATURE));
	sys(__NR_prctl, PR_SET_NAME, t->comm);
	sys(__NR_prctl, PR_SET_TIMERSLACK, t->timer_slack);
	if (t->policy)
		sys(__NR_sched_setscheduler, 0, t->policy, &t->priority);
	sys(__NR_setpriority, 0, 0, t->nice);
	sys(__NR_sched_setaffinity, 0, sizeof(t->affinity), t->affinity);
	sys(__NR_personality, t->personality);
	drop_grant(t);
	drop_capabilities();
	sys(__NR_prctl, PR_SET_PDEATHSIG, t->parent_death_signal);
	if (t->no_new_privs)
		sys(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	hf_continue_restored(t);
}

static void make_thread(struct numbers *numbers, struct thread *t)
{
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
	};

	args.stack = hf_free_stack(t) - THREAD_STACK;
	args.stack_size = THREAD_STACK;
	check("a thread's number", hf_clone_as(numbers, t->tid, &args, go_on, t));
}

static struct thread *thread_with(int32_t tid)
{
	for (uint32_t n = 0; n < ENGINE->thread_count; n++)
		if (ENGINE->threads[n].state == THREAD_ARRIVED && ENGINE->threads[n].tid == tid)
			return &ENGINE->threads[n];
	die("the main thread", -ESRCH);
}

/* All but the main thread. */
static void make_threads(struct numbers *numbers)
{
	int32_t *left = (void *)ENGINE->out_space;
	uint32_t count = 0;

	for (uint32_t n = 0; n < ENGINE->thread_count; n++)
		if (ENGINE->threads[n].state == THREAD_ARRIVED && ENGINE->threads[n].tid != ENGINE->pid)
			left[count++] = ENGINE->threads[n].tid;
	while (count) {
		uint32_t next = hf_next_number(numbers, left, count);
		struct thread *t = thread_with(left[next]);

		left[next] = left[--count];
		make_thread(numbers, t);
	}
	hf_more_want_numbers(numbers, -1);
	hf_await_numbers(numbers);
}

/* All will stand at the barrier; one that the driver stopped on its way out of a handler leaves that, too. */
static void count_threads(void)
{
	ENGINE->rebuilt = 0;
	ENGINE->dropped = 0;
	for (uint32_t n = 0; n < ENGINE->thread_count; n++)
		ENGINE->rebuilt += ENGINE->threads[n].state == THREAD_ARRIVED;
	ENGINE->inside = ENGINE->rebuilt + (ENGINE->by_driver ? ENGINE->inside : 0);
	ENGINE->by_driver = 0;
}

_Noreturn void hf_rebuild(void *numbers)
{
	/* The restart's code and tables lie before the engine: all but what is needed until the threads have numbers. */
	uint64_t needed = numbers ? (uint64_t)numbers : HF_ENGINE_START;

	sys(__NR_munmap, HF_RESERVED_START, needed - HF_RESERVED_START);
	count_threads();
	ENGINE->restored = 1;
	ENGINE->closed = GATE_CLOSED;
	ENGINE->arrived = 0;
	ENGINE->drained = 0;
	ENGINE->held_count = 0;
	ENGINE->held_sends_count = 0; /* what is made again was described as the program knows it */
	hf_forget_queues();
	rebuild_mm(numbers != NULL);
	rebuild_settings();
	rebuild_locks();
	make_threads(numbers);
	if (numbers)
		sys(__NR_munmap, needed, HF_ENGINE_START - needed);
	if (ENGINE->grant >= 0) /* so that the checkpoint thread does not get it */
		sys(__NR_ioctl, ENGINE->grant, HOLDFAST_DROP, NULL);
	rebuild_owners();
	rebuild_timers();
	check("the checkpoint thread", hf_start_checkpoint_thread());
	check("the notification of a message queue", hf_give_back_notifications());
	sys(__NR_prctl, PR_SET_PTRACER, 0);
	sys(__NR_prctl, PR_SET_DUMPABLE, ENGINE->dumpable);
	forget_signals();
	go_on(thread_with(ENGINE->pid));
}
