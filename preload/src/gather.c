/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather.c - read the state of the stopped process from the kernel: what the runner needs to know goes to the output,
 * what the restored process gives back to the kernel itself (rebuild.c) stays in the engine.
 */
#define _GNU_SOURCE
#include <asm/errno.h>
#include <asm/prctl.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/stat.h>
#include <linux/wait.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "advice.h"
#include "descriptors.h"
#include "held.h"
#include "engine.h"
#include "ipc.h"
#include "posix_mq.h"
#include "sys.h"
#include "text.h"

static char *scratch(void)
{
	return ENGINE->scratch;
}

static const char *self_path(const char *rest)
{
	static char path[256] __attribute__((section(".bss.hf_path")));
	struct text p = hf_text(path, sizeof(path));

	hf_add(&p, "/proc/self/");
	hf_add(&p, rest);
	return path;
}

static long read_self(const char *name)
{
	return hf_read_file(self_path(name), scratch(), sizeof(ENGINE->scratch));
}

/* By the thread itself, in the handler. */
void hf_gather_thread(struct thread *t)
{
	sys(__NR_arch_prctl, ARCH_GET_FS, &t->fs);
	sys(__NR_arch_prctl, ARCH_GET_GS, &t->gs);
	sys(__NR_get_robust_list, 0, &t->robust_list, &t->robust_length);
	if (sys(__NR_prctl, PR_GET_TID_ADDRESS, &t->clear_tid))
		t->clear_tid = 0;
	/* glibc lets no signal come to a thread that has not registered it yet. */
	t->rseq = ENGINE->rseq_size ? t->fs + (uint64_t)ENGINE->rseq_offset : 0;
	memset(t->affinity, 0, sizeof(t->affinity));
	sys(__NR_sched_getaffinity, 0, sizeof(t->affinity), t->affinity);
	t->timer_slack = (uint64_t)sys(__NR_prctl, PR_GET_TIMERSLACK);
	t->policy = (uint32_t)sys(__NR_sched_getscheduler, 0);
	sys(__NR_sched_getparam, 0, &t->priority);
	t->nice = 20 - (int32_t)sys(__NR_getpriority, 0, 0);
	t->parent_death_signal = 0;
	sys(__NR_prctl, PR_GET_PDEATHSIG, &t->parent_death_signal);
	t->no_new_privs = (uint32_t)sys(__NR_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	t->personality = (uint32_t)sys(__NR_personality, 0xffffffff);
	sys(__NR_prctl, PR_GET_NAME, t->comm);
}

static long read_link(const char *path, char *to, size_t size)
{
	long n = sys(__NR_readlink, path, to, size - 1);

	to[n < 0 ? 0 : n] = 0;
	return n;
}

/* Tells, beside its record, how much memory is locked. */
static int gather_process(uint64_t *locked_kib, struct text *reason)
{
	struct hf_process *p;
	struct text t;
	const char *status = scratch();
	uint64_t tty_pgrp = 0;
	const char *s;

	read_link("/proc/self/exe", ENGINE->exe, sizeof(ENGINE->exe));
	read_link("/proc/self/cwd", ENGINE->cwd, sizeof(ENGINE->cwd));
	if (hf_ends(ENGINE->cwd, " (deleted)")) {
		hf_add(reason, "its working directory was deleted: ");
		hf_add(reason, ENGINE->cwd);
		return -1;
	}
	p = hf_record(&ENGINE->out, HF_REC_PROCESS, sizeof(*p), hf_length(ENGINE->exe) + hf_length(ENGINE->cwd) + 2);
	if (!p)
		return 0;
	if (read_self("status") < 0) {
		hf_add(reason, "cannot read /proc/self/status");
		return -1;
	}
	if (hf_field_number(status, "Seccomp", 10) == 2) {
		hf_add(reason, "it runs under a seccomp filter, which cannot be given back");
		return -1;
	}
	ENGINE->umask = (uint32_t)hf_field_number(status, "Umask", 8);
	*locked_kib = hf_field_number(status, "VmLck", 10);
	p->pid = ENGINE->pid;
	p->ppid = (int32_t)sys(__NR_getppid);
	p->pgid = (int32_t)sys(__NR_getpgid, 0);
	p->sid = (int32_t)sys(__NR_getsid, 0);
	p->uid = (uint32_t)sys(__NR_getuid);
	p->gid = (uint32_t)sys(__NR_getgid);
	if ((long)p->uid != sys(__NR_geteuid) || (long)p->gid != sys(__NR_getegid)) {
		hf_add(reason, "its effective user or group is not its real one");
		return -1;
	}
	p->umask = ENGINE->umask;
	p->entry = (uint64_t)hf_rebuild;
	p->stack = (uint64_t)(ENGINE->restart_stack + STACK_SIZE);
	t = hf_text((char *)(p + 1), hf_length(ENGINE->exe) + hf_length(ENGINE->cwd) + 3);
	hf_add_string(&t, ENGINE->exe);
	hf_add(&t, ENGINE->cwd);

	/* pid (comm) state ppid pgrp session tty_nr tpgid */
	if (read_self("stat") > 0) {
		s = scratch();
		for (const char *c = s; *c; c++)
			if (*c == ')')
				s = c;
		for (int field = 2; *s && field < 7; s++)
			if (*s == ' ')
				field++;
		p->tty = hf_number(&s, 10);
		s++;
		tty_pgrp = *s == '-' ? 0 : hf_number(&s, 10);
	}
	p->tty_pgrp = (int32_t)tty_pgrp;
	return 0;
}

/* Fields of /proc/self/stat that prctl(PR_SET_MM_MAP) takes, in its order; see proc(5). */
static void gather_mm(void)
{
	static const int fields[] = { 26, 27, 45, 46, 47, 0, 28, 48, 49, 50, 51 };
	uint64_t values[53] = { 0 };
	const char *s = scratch();

	if (read_self("stat") <= 0)
		return;
	for (const char *c = s; *c; c++)
		if (*c == ')')
			s = c;
	s += 2;
	for (int field = 3; *s && field < 53; field++) {
		values[field] = hf_number(&s, 10);
		while (*s && *s != ' ')
			s++;
		if (*s)
			s++;
	}
	for (int n = 0; n < 11; n++)
		ENGINE->mm[n] = fields[n] ? values[fields[n]] : (uint64_t)sys(__NR_brk, 0);
	if (hf_read_file("/proc/self/auxv", (char *)ENGINE->auxv, sizeof(ENGINE->auxv)) > 0) {
		uint32_t n = 0;

		while (ENGINE->auxv[n] && n < 60)
			n += 2;
		ENGINE->auxv_size = (n + 2) * 8;
	}
}

/* The kernel tells the process's own CPU clock as a dynamic clock of process 0: ~0 << 3 | CPUCLOCK_SCHED. */
static int32_t clock_of(const char *s)
{
	if (hf_starts(s, "-6"))
		return CLOCK_PROCESS_CPUTIME_ID;
	return *s == '-' ? -1 : (int32_t)hf_number(&s, 10);
}

/* By their numbers: kernels before 6.15 tell the newest first, and give numbers only upwards. */
static struct timer *insert_timer(int32_t id)
{
	uint32_t n = ENGINE->timer_count++;

	for (; n && ENGINE->timers[n - 1].id > id; n--)
		ENGINE->timers[n] = ENGINE->timers[n - 1];
	ENGINE->timers[n] = (struct timer){ .id = id };
	return &ENGINE->timers[n];
}

static int parse_timers(struct text *reason)
{
	const char *s;

	ENGINE->timer_count = 0;
	if (read_self("timers") <= 0)
		return 0;
	for (s = scratch(); (s = hf_field(s, "ID"));) {
		struct timer *t;
		const char *f;

		if (ENGINE->timer_count == MAX_TIMERS) {
			hf_add(reason, "it has more than 256 POSIX timers");
			return -1;
		}
		t = insert_timer((int32_t)hf_number(&s, 10));
		f = hf_field(s, "signal"); /* "signal: 14/00000000deadbeef" */
		if (f) {
			t->signal = (int32_t)hf_number(&f, 10);
			f++;
			t->value = hf_number(&f, 16);
		}
		f = hf_field(s, "notify"); /* "notify: signal/pid.1234", "thread/tid.." or "none/..": */
		t->notify = f && hf_starts(f, "none") ? SIGEV_NONE : SIGEV_SIGNAL;
		while (f && *f && *f != '.')
			f++;
		if (f && f[-3] == 't' && f[-2] == 'i') {
			t->notify |= SIGEV_THREAD_ID;
			f++;
			t->tid = (int32_t)hf_number(&f, 10);
		}
		f = hf_field(s, "ClockID");
		t->clock = f ? clock_of(f) : 0;
		if (t->clock < 0) {
			hf_add(reason, "it has a timer on the CPU time of a thread or of another process");
			return -1;
		}
		sys(__NR_timer_gettime, t->id, &t->left);
	}
	return 0;
}

static void gather_settings(void)
{
	int value = 0;

	for (int sig = 1; sig <= 64; sig++)
		sys(__NR_rt_sigaction, sig, NULL, &ENGINE->actions[sig], 8);
	for (int n = 0; n < 3; n++)
		sys(__NR_getitimer, n, ENGINE->itimers[n]);
	for (int n = 0; n < 16; n++)
		sys(__NR_prlimit64, 0, n, NULL, ENGINE->limits[n]);
	ENGINE->dumpable = (uint32_t)sys(__NR_prctl, PR_GET_DUMPABLE);
	if (!sys(__NR_prctl, PR_GET_CHILD_SUBREAPER, &value))
		ENGINE->subreaper = (uint32_t)value;
}

static void gather_threads(void)
{
	for (uint32_t n = 0; n < ENGINE->thread_count; n++) {
		const struct thread *t = &ENGINE->threads[n];
		struct hf_thread *r;
		struct text name;

		if (t->state != THREAD_ARRIVED)
			continue;
		r = hf_record(&ENGINE->out, HF_REC_THREAD, sizeof(*r), 16);
		if (!r)
			return;
		r->tid = t->tid;
		r->syscall = t->in_kernel ? t->syscall : (int32_t)t->interruption->nr;
		r->pc = t->syscall_pc;
		r->sp = t->in_kernel ? t->registers.rsp : (uint64_t)t->interruption;
		name = hf_text((char *)(r + 1), 16);
		hf_add(&name, t->comm);
	}
}

static int gather_maps(struct text *reason)
{
	struct hf_rec *rec = (void *)(ENGINE->out.start + ENGINE->out.used);
	size_t room = ENGINE->out.size - ENGINE->out.used;
	long n;

	if (room < 4096)
		return 0;
	n = hf_read_file("/proc/self/maps", (char *)(rec + 1), room - 64);
	if (n < 0) {
		hf_add(reason, "cannot read /proc/self/maps");
		return -1;
	}
	memset((char *)(rec + 1) + n, 0, 8);
	hf_note_segments((const char *)(rec + 1));
	rec->type = HF_REC_MAPS;
	rec->length = (uint32_t)((sizeof(*rec) + (size_t)n + 1 + 7) & ~7ull);
	ENGINE->out.used += rec->length;
	return 0;
}

/* waitid's information on a child that has ended, without reaping it, as wait's status. */
static int ended(int32_t pid, int32_t *status)
{
	siginfo_t info;

	info.si_pid = 0;
	if (sys(__NR_waitid, P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT | __WALL, 0) || !info.si_pid)
		return 0;
	*status = info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8 :
					       info.si_status | (info.si_code == CLD_DUMPED ? 0x80 : 0);
	return 1;
}

static void gather_children(void)
{
	for (uint32_t n = 0; n < ENGINE->thread_count; n++) {
		char path[64];
		struct text p = hf_text(path, sizeof(path));
		const char *s = scratch();

		hf_add(&p, "/proc/self/task/");
		hf_add_number(&p, ENGINE->threads[n].tid);
		hf_add(&p, "/children");
		if (ENGINE->threads[n].state != THREAD_ARRIVED ||
		    hf_read_file(path, ENGINE->scratch, sizeof(ENGINE->scratch)) <= 0)
			continue;
		while (*s) {
			struct hf_child *c = hf_record(&ENGINE->out, HF_REC_CHILD, sizeof(*c), 0);

			if (!c)
				return;
			*c = (struct hf_child){ .pid = (int32_t)hf_number(&s, 10) };
			c->zombie = (uint32_t)ended(c->pid, &c->status);
			while (*s == ' ')
				s++;
		}
	}
}

static void begin_records(void)
{
	ENGINE->out = (struct records){ .start = ENGINE->out_space, .size = OUT_SIZE };
}

void hf_gather_children(void)
{
	begin_records();
	gather_children();
}

int hf_gather(struct text *reason)
{
	uint64_t locked_kib = 0;

	hf_release_held();
	begin_records();
	if (hf_note_signals(reason))
		return -1;
	gather_settings();
	gather_mm();
	if (gather_process(&locked_kib, reason) || hf_gather_advice(locked_kib, reason) || parse_timers(reason))
		return -1;
	gather_threads();
	gather_children();
	if (gather_maps(reason) || hf_gather_ipc(&ENGINE->out, reason) || hf_gather_queue_names(&ENGINE->out, reason) ||
	    hf_gather_descriptors(reason))
		return -1;
	if (ENGINE->out.full) {
		hf_add(reason, "its state is larger than 32 MiB: it has too many descriptors or areas");
		return -1;
	}
	return 0;
}
