/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver.c - threads that the kernel driver has stopped: what they go on with is read from it into the engine.
 *
 * Nothing of the stop is on their stacks and nothing in them knows of it. registers.c makes of what is noted here what a
 * restart needs.
 */
#define _GNU_SOURCE
#include "driver.h"

#include <asm/errno.h>
#include <elf.h>
#include <holdfast.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/user.h>

#include "callnumber.h"
#include "join.h"
#include "sys.h"

static long command(unsigned int nr, void *args)
{
	return sys(__NR_ioctl, ENGINE->driver, nr, args);
}

void hf_leave_driver(void)
{
	if (ENGINE->driver >= 0)
		sys(__NR_close, ENGINE->driver);
	ENGINE->driver = -1;
}

long hf_join_driver(const struct hf_join *join)
{
	struct holdfast_join args = { .inside = ENGINE->inside_offset, .flags = HOLDFAST_JOIN_EXEMPT };
	long fd;

	hf_leave_driver(); /* the group of a runner that is gone */
	if (ENGINE->inside_offset)
		args.flags |= HOLDFAST_JOIN_INSIDE;
	memcpy(&args.token, join->token, sizeof(args.token));
	ENGINE->join = *join;
	fd = hf_join_group(&args);
	if (fd < 0)
		return fd;
	ENGINE->driver = (int32_t)fd;
	return 0;
}

/* Where the kernel goes on with a call by itself, its number is lost: it is the one of the last stop, or in the code. */
static int32_t call_of(const struct holdfast_thread *from, const struct user_regs_struct *registers)
{
	if (from->syscall != __NR_restart_syscall)
		return from->syscall;
	for (uint32_t n = 0; n < ENGINE->thread_count; n++) {
		const struct thread *before = &ENGINE->threads[n];

		if (before->tid == from->tid && before->in_kernel && before->syscall >= 0 &&
		    before->registers.rip == registers->rip && before->registers.rsp == registers->rsp)
			return before->syscall;
	}
	return (int32_t)hf_number_in_code((const unsigned char *)registers->rip - 2);
}

/* What lies between the driver's answer and the table, in memory that is given back after the checkpoint. */
struct found {
	struct holdfast_thread thread;
	struct user_regs_struct registers;
	int32_t syscall;
};

static long read_registers(struct found *f)
{
	struct holdfast_regset set = { .buffer = (uint64_t)&f->registers,
				       .size = sizeof(f->registers),
				       .note = NT_PRSTATUS,
				       .tid = f->thread.tid };
	long ret = command(HOLDFAST_REGSET, &set);

	f->syscall = ret ? -1 : call_of(&f->thread, &f->registers);
	return ret;
}

/* The extended state lies one behind the other. */
static long read_extended(struct thread *t, uint64_t *used)
{
	struct holdfast_regset set = { .buffer = (uint64_t)ENGINE->extended + *used,
				       .note = NT_X86_XSTATE,
				       .tid = t->tid };
	long ret;

	set.size = (uint32_t)(sizeof(ENGINE->extended) - *used);
	ret = command(HOLDFAST_REGSET, &set);
	if (ret)
		return ret == -ENOSPC ? -E2BIG : ret;
	t->extended = (unsigned char *)ENGINE->extended + *used;
	t->extended_size = set.size;
	*used += (set.size + 63) & ~63u;
	return 0;
}

/* What the kernel tells of another thread without the driver. */
static void read_scheduling(struct thread *t)
{
	char path[64], name[2 * sizeof(t->comm)];
	struct text p = hf_text(path, sizeof(path));
	long n;

	memset(t->affinity, 0, sizeof(t->affinity));
	sys(__NR_sched_getaffinity, t->tid, sizeof(t->affinity), t->affinity);
	t->policy = (uint32_t)sys(__NR_sched_getscheduler, t->tid);
	sys(__NR_sched_getparam, t->tid, &t->priority);
	t->nice = 20 - (int32_t)sys(__NR_getpriority, 0, t->tid);
	hf_add(&p, "/proc/self/task/");
	hf_add_number(&p, t->tid);
	hf_add(&p, "/comm");
	n = hf_read_file(path, name, sizeof(name));
	if (n > 0 && n <= (long)sizeof(t->comm))
		memcpy(t->comm, name, (size_t)n - 1); /* without the end of its line */
}

static void note(struct thread *t, const struct found *f)
{
	const struct holdfast_thread *from = &f->thread;

	*t = (struct thread){
		.state = THREAD_ARRIVED,
		.stop = ENGINE->stop,
		.tid = from->tid,
		.syscall = f->syscall,
		.syscall_pc = f->registers.rip,
		.in_kernel = 1,
		.registers = f->registers,
		.left_ns = from->left_ns ? (int64_t)from->left_ns : -1,
		.blocked = from->saved_blocked,
		.altstack = from->altstack,
		.altstack_size = from->altstack_size,
		.altstack_flags = from->altstack_flags,
		.fs = from->fs_base,
		.gs = from->gs_base,
		.rseq = ENGINE->rseq_size ? from->rseq : 0,
		.robust_list = from->robust_list,
		.robust_length = sizeof(struct robust_list_head),
		.clear_tid = from->clear_child_tid,
		.timer_slack = from->timer_slack_ns,
		.parent_death_signal = from->parent_death_signal,
		.no_new_privs = from->no_new_privs,
		.personality = from->personality,
	};
	read_scheduling(t);
	hf_note_continued_call(t);
}

/* Into memory behind what is read otherwise. Returns how many, or -errno. */
static long find(struct found **result)
{
	struct holdfast_thread *list = (void *)ENGINE->out_space;
	struct found *found = (void *)(list + MAX_THREADS);
	struct holdfast_list args = { .array = (uint64_t)list, .count = MAX_THREADS, .pid = ENGINE->pid };
	long ret = command(HOLDFAST_THREADS, &args);

	if (ret)
		return ret;
	if (args.count > MAX_THREADS)
		return -E2BIG;
	for (uint32_t n = 0; n < args.count; n++) {
		found[n].thread = list[n];
		ret = read_registers(&found[n]);
		if (ret)
			return ret;
	}
	*result = found;
	return args.count;
}

/* The table of the last stop is needed until all are found. */
static long read_threads(void)
{
	struct found *found;
	uint64_t used = 0;
	long ret = 0, count = find(&found);

	if (count < 0)
		return count;
	for (long n = 0; n < count; n++)
		note(&ENGINE->threads[n], &found[n]);
	ENGINE->thread_count = (uint32_t)count;
	for (long n = 0; !ret && n < count; n++)
		ret = read_extended(&ENGINE->threads[n], &used);
	return ret;
}

static int has_main_thread(void)
{
	for (uint32_t n = 0; n < ENGINE->thread_count; n++)
		if (ENGINE->threads[n].tid == ENGINE->pid)
			return 1;
	return 0;
}

int hf_stopped_by_driver(struct text *reason)
{
	long ret;

	ENGINE->stopped_ns = hf_now();
	ENGINE->stop++;
	ENGINE->by_driver = 1;
	ENGINE->pending_count = 0;
	ret = read_threads();
	if (!ret && has_main_thread())
		return 0;
	if (!ret) {
		hf_add(reason, "its main thread has ended before the others");
		return -1;
	}
	if (ret == -E2BIG) {
		hf_add(reason, "it has more threads than there is room for");
	} else {
		hf_add(reason, "the kernel driver does not tell its registers");
		hf_add_error(reason, ret);
	}
	return -1;
}

void hf_resume_by_driver(void)
{
	struct holdfast_resume resume;

	ENGINE->by_driver = 0;
	if (command(HOLDFAST_RESUME, &resume))
		hf_leave_driver(); /* which lets them go, too */
}

/* The signals of the thread; `noted_as` 0: those of its process. */
static long note_signals_of(int32_t tid, int32_t noted_as)
{
	siginfo_t *infos = (void *)ENGINE->scratch;
	struct holdfast_signals args = { .array = (uint64_t)infos,
					 .count = sizeof(ENGINE->scratch) / sizeof(*infos),
					 .tid = tid,
					 .process = !noted_as };
	uint32_t most = args.count;
	long ret = command(HOLDFAST_SIGNALS, &args);

	if (ret)
		return ret;
	if (args.count > most || args.count > MAX_PENDING - ENGINE->pending_count)
		return -E2BIG;
	for (uint32_t n = 0; n < args.count; n++) {
		struct pending *p = &ENGINE->pending[ENGINE->pending_count++];

		p->tid = noted_as;
		memcpy(p->info, &infos[n], sizeof(p->info));
	}
	return 0;
}

long hf_note_signals_by_driver(void)
{
	long ret = 0;

	for (uint32_t n = 0; !ret && n < ENGINE->thread_count; n++)
		ret = note_signals_of(ENGINE->threads[n].tid, ENGINE->threads[n].tid);
	if (!ret && ENGINE->thread_count)
		ret = note_signals_of(ENGINE->threads[0].tid, 0);
	return ret;
}
