/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standin.c - act as a process of the job before it exists. One stand-in for each number waits for its next act, for
 * numbers may be dear (numbers.h).
 */
#include "standin.h"

#include <asm/errno.h>
#include <linux/futex.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#include "numbers.h"
#include "restart.h"
#include "sys.h"

#define STACK (16 << 10)
#define WATCH_NS 20000000

enum state { IDLE, ASKED, DISMISSED };

struct stand_in {
	struct stand_in *next;
	int32_t pid;
	int32_t taken;	/* 1: the number is of a process outside the job, and this is nobody */
	uint32_t state; /* futex: enum state */
	long (*fn)(void *);
	void *arg;
	long result;
	char stack[STACK] __attribute__((aligned(64)));
};

static struct stand_in *stand_ins; /* the latest first */

static void set(struct stand_in *s, enum state state)
{
	__atomic_store_n(&s->state, state, __ATOMIC_RELEASE);
	sys(__NR_futex, &s->state, FUTEX_WAKE, 1);
}

static enum state await_change(struct stand_in *s, enum state from)
{
	uint32_t now;

	while ((now = __atomic_load_n(&s->state, __ATOMIC_ACQUIRE)) == from)
		sys(__NR_futex, &s->state, FUTEX_WAIT, from, NULL);
	return now;
}

static void stand_in(void *arg)
{
	struct stand_in *s = arg;

	while (await_change(s, IDLE) == ASKED) {
		s->result = s->fn(s->arg);
		set(s, IDLE);
	}
	for (;;)
		sys(__NR_exit, 0);
}

static struct stand_in *make(int32_t pid)
{
	struct stand_in *s = hf_take(sizeof(*s), 0);
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES,
		.stack = (uint64_t)s->stack,
		.stack_size = STACK,
	};
	long made = hf_clone_as(hf_restart.numbers, pid, &args, stand_in, s);

	if (made < 0 && made != -EEXIST)
		hf_give_up_number("cannot make a process with number ", pid, made);
	s->pid = pid;
	s->taken = made < 0;
	s->next = stand_ins;
	stand_ins = s;
	return s;
}

static struct stand_in *find(int32_t pid)
{
	struct stand_in *s = stand_ins;

	while (s && s->pid != pid)
		s = s->next;
	return s;
}

static uint32_t add(int32_t *to, uint32_t count, int32_t pid)
{
	uint32_t n = 0;

	while (n < count && to[n] != pid)
		n++;
	if (n == count && pid > 0 && pid != hf_restart.init_pid)
		to[count++] = pid;
	return count;
}

/* Where numbers are counted up to: all that will be needed, in the order in which they come. */
static void make_all(void)
{
	int32_t left[MAX_WANTED];
	uint32_t count = 0;

	for (const struct hf_ipc *o = hf_next_object(NULL); o && count < MAX_WANTED - 3; o = hf_next_object(o)) {
		count = add(left, count, o->creator);
		count = add(left, count, o->sender);
		count = add(left, count, o->receiver);
	}
	for (uint32_t n = 0; n < hf_restart.head.descriptions && count < MAX_WANTED; n++)
		if (hf_description(n)->kind == HF_SOCKET)
			count = add(left, count, ((const struct hf_socket *)(hf_description(n) + 1))->peer_pid);
	while (count) {
		uint32_t next = hf_next_number(hf_restart.numbers, left, count);

		make(left[next]);
		left[next] = left[--count];
	}
}

static struct stand_in *get(int32_t pid)
{
	if (!stand_ins && hf_restart.numbers)
		make_all();
	return find(pid) ?: make(pid);
}

static long ask(struct stand_in *s, long (*fn)(void *), void *arg)
{
	struct __kernel_timespec watch = { 0, WATCH_NS };

	s->fn = fn;
	s->arg = arg;
	set(s, ASKED);
	while (__atomic_load_n(&s->state, __ATOMIC_ACQUIRE) == ASKED) {
		sys(__NR_futex, &s->state, FUTEX_WAIT, ASKED, &watch);
		hf_stop_if_failed();
	}
	return s->result;
}

static int is_own(int32_t pid)
{
	return pid <= 0 || pid == hf_restart.init_pid;
}

long hf_stand_in(int32_t pid, long (*fn)(void *), void *arg)
{
	struct stand_in *s = is_own(pid) ? NULL : get(pid);

	return s && !s->taken ? ask(s, fn, arg) : fn(arg);
}

long hf_stand_in_surely(int32_t pid, long (*fn)(void *), void *arg)
{
	if (!is_own(pid) && get(pid)->taken)
		hf_give_up_number("cannot make a process with number ", pid, -EEXIST);
	return hf_stand_in(pid, fn, arg);
}

void hf_dismiss_stand_ins(void)
{
	for (; stand_ins; stand_ins = stand_ins->next) {
		if (stand_ins->taken)
			continue;
		set(stand_ins, DISMISSED);
		while (sys(__NR_wait4, stand_ins->pid, NULL, __WALL, 0) == -EINTR)
			;
	}
}
