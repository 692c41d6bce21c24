/* SPDX-License-Identifier: Apache-2.0 */
/*
 * barrier.c - stop every thread of the process on its own signal frame, and let them go.
 *
 * The signal is 33, glibc's SIGSETXID: glibc's functions refuse to block it, to handle it and to wait for it, so no
 * mask, handler or signal set of the program has to be wrapped. glibc itself sends it with tgkill when a threaded
 * program changes its user; ours carries SI_QUEUE and the thread's record, all else goes to glibc's handler.
 * interrupted.c says how each interrupted system call goes on.
 */
#define _GNU_SOURCE
#include <asm/errno.h>
#include <linux/futex.h>
#include <linux/fcntl.h>
#include <signal.h>
#include <time.h>
#include <ucontext.h>

#include "driver.h"
#include "engine.h"
#include "hold_sends.h"
#include "placeholder.h"
#include "registers.h"
#include "socket.h"
#include "sys.h"
#include "text.h"

#define KERNEL_SA_RESTORER 0x04000000ul

void hf_sigreturn(void);

uint64_t hf_now(void)
{
	struct __kernel_timespec now;

	sys(__NR_clock_gettime, CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

void hf_lock(uint32_t *lock)
{
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		sys(__NR_sched_yield);
}

void hf_unlock(uint32_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

long hf_futex_wait(uint32_t *word, uint32_t value, int64_t timeout_ns)
{
	struct __kernel_timespec t = { timeout_ns / 1000000000, timeout_ns % 1000000000 };

	return sys(__NR_futex, word, FUTEX_WAIT_PRIVATE, value, timeout_ns < 0 ? NULL : &t);
}

void hf_futex_wake(uint32_t *word)
{
	sys(__NR_futex, word, FUTEX_WAKE_PRIVATE, 0x7fffffff);
}

/* The word is another each time, so that who waits for a change of it misses none. */
static void set_gate(enum gate gate)
{
	uint32_t word = __atomic_load_n(&ENGINE->closed, __ATOMIC_RELAXED);

	__atomic_store_n(&ENGINE->closed, (word | GATE_MASK) + 1 + gate, __ATOMIC_RELEASE);
	hf_futex_wake(&ENGINE->closed);
}

static enum gate gate_of(uint32_t word)
{
	return word & GATE_MASK;
}

/* What a thread at the barrier is asked for. */
static void do_as_asked(enum gate gate, int32_t tid)
{
	if (gate == GATE_SIGNALS)
		hf_note_own_signals(tid);
	if (gate == GATE_ACCEPT && __atomic_exchange_n(&ENGINE->wanted, 0, __ATOMIC_ACQ_REL))
		hf_put_placeholders();
	__atomic_add_fetch(&ENGINE->done, 1, __ATOMIC_RELEASE);
	hf_futex_wake(&ENGINE->done);
}

/* A thread that does not belong to the stop is asked for nothing. */
static void wait_until_open(int32_t tid, int belongs)
{
	uint32_t word, done = 0;

	while (gate_of(word = __atomic_load_n(&ENGINE->closed, __ATOMIC_ACQUIRE)) != GATE_OPEN) {
		if (belongs && gate_of(word) != GATE_CLOSED && word != done) {
			do_as_asked(gate_of(word), tid);
			done = word;
		}
		hf_futex_wait(&ENGINE->closed, word, -1);
	}
}

void hf_have_done(enum gate gate)
{
	uint32_t done, all = ENGINE->arrived;

	__atomic_store_n(&ENGINE->done, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&ENGINE->wanted, 1, __ATOMIC_RELAXED);
	set_gate(gate);
	while ((done = __atomic_load_n(&ENGINE->done, __ATOMIC_ACQUIRE)) < all)
		hf_futex_wait(&ENGINE->done, done, -1);
	set_gate(GATE_CLOSED);
}

static void leave(void)
{
	__atomic_sub_fetch(&ENGINE->inside, 1, __ATOMIC_RELEASE);
	hf_futex_wake(&ENGINE->inside);
}

/* The record that a stop's signal carries, NULL for a signal that is not ours. */
static struct thread *record_of(const siginfo_t *info)
{
	struct thread *t = info->si_value.sival_ptr;

	if (info->si_code != SI_QUEUE || t < ENGINE->threads || t >= ENGINE->threads + MAX_THREADS)
		return NULL;
	return t;
}

static void arrive(struct interruption *i)
{
	struct thread *t = i->thread;

	t->interruption = i;
	hf_gather_thread(t);
	__atomic_store_n(&t->state, THREAD_ARRIVED, __ATOMIC_RELEASE);
	__atomic_add_fetch(&ENGINE->arrived, 1, __ATOMIC_RELEASE);
	hf_futex_wake(&ENGINE->arrived);
}

void hf_stand(struct interruption *i, enum stand why)
{
	int arrived = 1;

	if (why != STAND_RESTARTED) {
		__atomic_add_fetch(&ENGINE->inside, 1, __ATOMIC_ACQ_REL);
		hf_note_interruption(i, i->thread);
		/* A late signal of a stop that was given up only has to let the call go on. */
		arrived = gate_of(__atomic_load_n(&ENGINE->closed, __ATOMIC_ACQUIRE)) == GATE_CLOSED &&
			  i->thread->stop == ENGINE->stop;
		if (arrived)
			arrive(i);
	} else {
		hf_give_back_signals(i->thread->tid);
		__atomic_add_fetch(&ENGINE->arrived, 1, __ATOMIC_RELEASE);
		hf_futex_wake(&ENGINE->arrived);
	}
	wait_until_open(i->thread->tid, arrived);
	leave();
	hf_continue_interrupted(i, why == STAND_RESTARTED);
}

static void on_stop(int sig, siginfo_t *info, void *ucontext)
{
	struct interruption *outer = hf_continued_call(ucontext);
	struct interruption own = { .ucontext = ucontext, .left_ns = -1 };
	struct thread *t = record_of(info);

	if (!t) {
		void (*next)(int, siginfo_t *, void *) = ENGINE->old_action.handler;

		if ((uint64_t)next > 1)
			next(sig, info, ucontext);
		return;
	}
	if (outer) {
		outer->thread = t;
		hf_context_jump(&outer->context, STAND_CONTINUED);
	}
	own.thread = t;
	hf_stand(&own, (enum stand)hf_context_save(&own.context));
}

void hf_install_stop_handler(void)
{
	struct kernel_action action = { on_stop, SA_SIGINFO | SA_ONSTACK | SA_RESTART | KERNEL_SA_RESTORER,
					hf_sigreturn, ~0ull };
	struct kernel_action old;

	if (!sys(__NR_rt_sigaction, STOP_SIGNAL, &action, &old, 8) && old.handler != (void *)on_stop)
		ENGINE->old_action = old;
}

void hf_forget_stops(void)
{
	struct kernel_action ignore = { .handler = (void *)1 /* SIG_IGN */ }, before;

	if (!sys(__NR_rt_sigaction, STOP_SIGNAL, &ignore, &before, 8))
		sys(__NR_rt_sigaction, STOP_SIGNAL, &before, NULL, 8);
}

/* Learns in which system call the thread waits, if it does: "NR arg... sp pc", or "running". */
static void read_syscall(struct thread *t)
{
	char path[64], line[256];
	struct text p = hf_text(path, sizeof(path));
	const char *s = line;
	const char *last = line;

	t->syscall = -1;
	hf_add(&p, "/proc/self/task/");
	hf_add_number(&p, t->tid);
	hf_add(&p, "/syscall");
	if (hf_read_file(path, line, sizeof(line)) <= 0 || *line < '0' || *line > '9')
		return;
	t->syscall = (int32_t)hf_number(&s, 10);
	for (; *s && *s != '\n'; s++)
		if (*s == ' ')
			last = s + 1;
	last += 2; /* 0x */
	t->syscall_pc = hf_number(&last, 16);
}

static void signal_thread(struct thread *t)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = STOP_SIGNAL;
	info.si_code = SI_QUEUE;
	info.si_pid = ENGINE->pid;
	info.si_value.sival_ptr = t;
	if (sys(__NR_rt_tgsigqueueinfo, ENGINE->pid, t->tid, STOP_SIGNAL, &info) == -ESRCH)
		__atomic_store_n(&t->state, THREAD_GONE, __ATOMIC_RELEASE);
}

static struct thread *find_thread(int32_t tid)
{
	for (uint32_t n = 0; n < ENGINE->thread_count; n++)
		if (ENGINE->threads[n].tid == tid && ENGINE->threads[n].state != THREAD_GONE)
			return &ENGINE->threads[n];
	return NULL;
}

/* Signals the threads that are not in the table yet. Returns how many, or -errno. */
static long signal_new_threads(void)
{
	long dir = sys(__NR_open, "/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long n, found = 0;

	if (dir < 0)
		return dir;
	while ((n = sys(__NR_getdents64, dir, ENGINE->scratch, sizeof(ENGINE->scratch))) > 0) {
		for (long at = 0; at < n;) {
			const struct directory_entry *d = (const void *)(ENGINE->scratch + at);
			const char *name = d->name;
			int32_t tid = (int32_t)hf_number(&name, 10);
			struct thread *t;

			at += d->length;
			if (!tid || tid == ENGINE->checkpoint_tid || find_thread(tid))
				continue;
			if (ENGINE->thread_count == MAX_THREADS) {
				n = -E2BIG;
				break;
			}
			t = &ENGINE->threads[ENGINE->thread_count++];
			t->tid = tid;
			t->stop = ENGINE->stop;
			t->interruption = NULL;
			t->in_kernel = 0;
			t->state = THREAD_SIGNALLED;
			read_syscall(t);
			signal_thread(t);
			found++;
		}
		if (n < 0)
			break;
	}
	sys(__NR_close, dir);
	return n < 0 ? n : found;
}

/* The first thread that has not arrived, after those that have ended are marked; NULL: all are there. */
static struct thread *missing_thread(void)
{
	for (uint32_t n = 0; n < ENGINE->thread_count; n++) {
		struct thread *t = &ENGINE->threads[n];

		if (__atomic_load_n(&t->state, __ATOMIC_ACQUIRE) != THREAD_SIGNALLED)
			continue;
		if (sys(__NR_tgkill, ENGINE->pid, t->tid, 0) != -ESRCH)
			return t;
		t->state = THREAD_GONE;
	}
	return NULL;
}

static void say_why(const struct thread *t, struct text *reason)
{
	char path[64];
	struct text p = hf_text(path, sizeof(path));
	const char *state;

	hf_add(&p, "/proc/self/task/");
	hf_add_number(&p, t->tid);
	hf_add(&p, "/status");
	hf_add(reason, "thread ");
	hf_add_number(reason, t->tid);
	hf_add(reason, " does not come to the barrier");
	if (hf_read_file(path, ENGINE->scratch, sizeof(ENGINE->scratch)) <= 0)
		return;
	state = hf_field(ENGINE->scratch, "State");
	if (state && *state == 'D')
		hf_add(reason, ": it waits for a vfork child or in uninterruptible sleep");
	else if (state && *state == 'Z')
		hf_add(reason, ": the main thread has ended before the others");
	else if (state)
		hf_add(reason, ": it blocks every signal");
}

static void begin_stop(void)
{
	/* Threads may still be on their way out of the last stop. */
	while (__atomic_load_n(&ENGINE->inside, __ATOMIC_ACQUIRE))
		hf_futex_wait(&ENGINE->inside, ENGINE->inside, 1000000);
	ENGINE->stop++;
	ENGINE->by_driver = 0;
	ENGINE->thread_count = 0;
	ENGINE->pending_count = 0;
	__atomic_store_n(&ENGINE->arrived, 0, __ATOMIC_RELEASE);
	set_gate(GATE_CLOSED);
}

static void end_drain(void)
{
	if (ENGINE->drained)
		hf_drained();
	ENGINE->drained = 0;
}

static void open_gate(void)
{
	ENGINE->restored = 0;
	end_drain();
	__atomic_store_n(&ENGINE->connects_ns, 0, __ATOMIC_RELAXED);
	set_gate(GATE_OPEN);
	if (ENGINE->by_driver)
		hf_resume_by_driver();
}

/* Some thread stands inside a wrapper: all go on until none does, and are stopped again. */
static void let_out(void)
{
	open_gate();
	while (__atomic_load_n(&ENGINE->wrapped, __ATOMIC_ACQUIRE))
		sys(__NR_sched_yield);
	begin_stop();
}

int hf_stop(uint32_t timeout_ms, struct text *reason)
{
	uint64_t limit = hf_now() + timeout_ms * 1000000ull;
	struct thread *missing;

	ENGINE->stopped_ns = hf_now();
	begin_stop();
	for (;;) {
		uint32_t arrived = __atomic_load_n(&ENGINE->arrived, __ATOMIC_ACQUIRE);
		long new;

		hf_install_stop_handler();
		new = signal_new_threads();
		if (new < 0) {
			hf_add(reason, new == -E2BIG ? "it has more than 8192 threads" : "cannot list its threads");
			break;
		}
		missing = missing_thread();
		if (!missing && !new &&arrived) { /* none: the process is ending, and this thread with it */
			if (!__atomic_load_n(&ENGINE->wrapped, __ATOMIC_ACQUIRE))
				return 0;
			let_out();
		}
		if (hf_now() > limit) {
			if (missing)
				say_why(missing, reason);
			else
				hf_add(reason, "it makes threads faster than they can be stopped");
			break;
		}
		if (missing || !arrived)
			hf_futex_wait(&ENGINE->arrived, arrived, 2000000);
	}
	return -1;
}

void hf_open(void)
{
	hf_release_sends();
	open_gate();
}

void hf_open_for_readers(void)
{
	end_drain();
	hf_hold_sends();
	open_gate();
}

void hf_continue_restored(struct thread *t)
{
	if (t->in_kernel)
		hf_go_on_with_registers(t);
	hf_context_jump(&t->interruption->context, STAND_RESTARTED);
}
