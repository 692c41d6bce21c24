/* SPDX-License-Identifier: Apache-2.0 */
/* numbers.c - processes and threads with the numbers that they had, chosen or counted up to. */
#define _GNU_SOURCE
#include "numbers.h"

#include <asm/errno.h>
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/resource.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#include "sys.h"
#include "text.h"

long hf_clone(const void *args, size_t size, void (*fn)(void *), void *arg);

#define FIRST_NUMBER 300 /* below are only given once (RESERVED_PIDS) */
#define BATCH 20000
#define LOOK 4096 /* from here on one looks which numbers are taken */
#define NEAR 16	  /* from here on one goes one by one, for others on the host are given some, too */
#define CIRCLES 3
#define WATCH_NS 20000000
#define PAUSE_NS 1000000
#define FREE_TRIES 2000
#define LOCK_TRIES 300000

static void wait_for_change(struct numbers *n, uint32_t seen)
{
	struct __kernel_timespec watch = { 0, WATCH_NS };

	sys(__NR_futex, &n->changes, FUTEX_WAIT, seen, &watch);
}

static void tell_change(struct numbers *n)
{
	__atomic_add_fetch(&n->changes, 1, __ATOMIC_RELEASE);
	sys(__NR_futex, &n->changes, FUTEX_WAKE, 0x7fffffff);
}

void hf_more_want_numbers(struct numbers *n, int32_t count)
{
	if (!n)
		return;
	__atomic_add_fetch(&n->members, (uint32_t)count, __ATOMIC_ACQ_REL);
	__atomic_add_fetch(&n->busy, (uint32_t)count, __ATOMIC_ACQ_REL);
	tell_change(n);
}

void hf_await_numbers(struct numbers *n)
{
	uint32_t seen;

	while (n &&
	       (seen = __atomic_load_n(&n->changes, __ATOMIC_ACQUIRE), __atomic_load_n(&n->members, __ATOMIC_ACQUIRE)))
		wait_for_change(n, seen);
}

/* The number at the end of a file of one line; 0: cannot be read. */
static int32_t last_word(const char *path)
{
	char line[128];
	long length = hf_read_file(path, line, sizeof(line));
	const char *s = line + (length < 0 ? 0 : length);

	if (length <= 0)
		return 0;
	while (s > line && (s[-1] < '0' || s[-1] > '9'))
		s--;
	while (s > line && s[-1] >= '0' && s[-1] <= '9')
		s--;
	return (int32_t)hf_number(&s, 10);
}

/* Where the kernel is. */
struct position {
	int32_t last; /* number that it gave */
	int32_t end;  /* behind the highest */
};

static struct position position(void)
{
	return (struct position){ last_word("/proc/loadavg"), last_word("/proc/sys/kernel/pid_max") };
}

/* How many numbers are given until this one is: at least 1. */
static int32_t distance(struct position p, int32_t number)
{
	return number > p.last ? number - p.last : number - p.last + p.end - FIRST_NUMBER;
}

uint32_t hf_next_number(const struct numbers *n, const int32_t *numbers, uint32_t count)
{
	struct position p;
	uint32_t next = 0;

	if (!n)
		return 0;
	p = position();
	for (uint32_t k = 1; k < count; k++)
		if (distance(p, numbers[k]) < distance(p, numbers[next]))
			next = k;
	return next;
}

/* Whether nobody is before who wants this number. */
static int is_turn(const struct numbers *n, int32_t number)
{
	struct position p;

	if (__atomic_load_n(&n->busy, __ATOMIC_ACQUIRE) || __atomic_load_n(&n->counting, __ATOMIC_ACQUIRE))
		return 0;
	p = position();
	for (uint32_t k = 0; k < MAX_WANTED; k++) {
		int32_t other = __atomic_load_n(&n->wanted[k], __ATOMIC_ACQUIRE);

		if (other && other != number && distance(p, other) < distance(p, number))
			return 0;
	}
	return 1;
}

/* Where a number is said to be wanted. */
static int32_t *enter(struct numbers *n, int32_t number)
{
	for (uint32_t k = 0; k < MAX_WANTED; k++) {
		int32_t nobody = 0;

		if (__atomic_compare_exchange_n(&n->wanted[k], &nobody, number, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return &n->wanted[k];
	}
	return NULL;
}

/*
 * One restart of a host at a time: two that count would pass over each other's numbers. What every user can open is
 * locked; it is not waited for longer than the others may need.
 */
static long lock_host(void)
{
	struct __kernel_timespec pause = { 0, PAUSE_NS };
	long fd = sys(__NR_open, "/proc/loadavg", O_RDONLY | O_CLOEXEC);

	for (int n = 0; fd >= 0 && n < LOCK_TRIES && sys(__NR_flock, fd, LOCK_EX | LOCK_NB) == -EAGAIN; n++)
		sys(__NR_nanosleep, &pause, NULL);
	return fd;
}

static long begin_turn(struct numbers *n, int32_t number, long *lock)
{
	int32_t *place = enter(n, number);
	uint32_t seen, nobody = 0;

	if (!place)
		return -E2BIG;
	__atomic_sub_fetch(&n->busy, 1, __ATOMIC_ACQ_REL);
	tell_change(n);
	for (;;) {
		seen = __atomic_load_n(&n->changes, __ATOMIC_ACQUIRE);
		if (__atomic_load_n(&n->given_up, __ATOMIC_ACQUIRE))
			return -ECANCELED;
		if (is_turn(n, number) &&
		    __atomic_compare_exchange_n(&n->counting, &nobody, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			break;
		nobody = 0;
		wait_for_change(n, seen);
	}
	__atomic_store_n(place, 0, __ATOMIC_RELEASE);
	*lock = lock_host();
	return 0;
}

/* Who was waiting may want a number again, and so may a child. */
static void end_turn(struct numbers *n, uint32_t children, long lock)
{
	if (lock >= 0)
		sys(__NR_close, lock);
	__atomic_add_fetch(&n->members, children, __ATOMIC_ACQ_REL);
	__atomic_add_fetch(&n->busy, 1 + children, __ATOMIC_ACQ_REL);
	__atomic_store_n(&n->counting, 0, __ATOMIC_RELEASE);
	tell_change(n);
}

static void end(void *unused)
{
	(void)unused;
	for (;;)
		sys(__NR_exit, 0);
}

/* Has the kernel give so many numbers to nobody. The caller waits, should there be somebody after all. */
static long use_up(int32_t count)
{
	int32_t pidfd;
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_PIDFD,
		.pidfd = (uint64_t)&pidfd,
	};
	struct rlimit64 old, none;
	long ret = sys(__NR_prlimit64, 0, RLIMIT_NOFILE, NULL, &old);

	none = (struct rlimit64){ 0, old.rlim_max };
	if (!ret)
		ret = sys(__NR_prlimit64, 0, RLIMIT_NOFILE, &none, NULL);
	if (ret)
		return ret;
	do
		ret = hf_clone(&args, sizeof(args), end, NULL);
	while (ret == -EMFILE && --count);
	sys(__NR_prlimit64, 0, RLIMIT_NOFILE, &old, NULL);
	return ret == -EMFILE ? 0 : ret < 0 ? ret : -EPROTO;
}

static int is_taken(int32_t number)
{
	return sys(__NR_kill, number, 0) != -ESRCH || sys(__NR_kill, -number, 0) != -ESRCH;
}

/* How many numbers are given before this one; those that are taken are passed over. */
static int32_t ahead(int32_t number)
{
	struct position p = position();
	int32_t count = distance(p, number) - 1, free = 0;

	if (count > LOOK || number - count < FIRST_NUMBER) /* far, or behind the end */
		return count;
	for (int32_t k = number - count; k < number; k++)
		free += !is_taken(k);
	return free;
}

/* Whether nobody has it for long. */
static int becomes_free(int32_t number)
{
	struct __kernel_timespec pause = { 0, PAUSE_NS };

	for (int n = 0; n < FREE_TRIES; n++) {
		if (!is_taken(number))
			return 1;
		sys(__NR_nanosleep, &pause, NULL);
	}
	return 0;
}

/* Until the number is the next one. Who takes it before may end while the others are given. */
static long count_up_to(struct numbers *n, int32_t number)
{
	int32_t end_of_numbers = position().end;
	int64_t most = (int64_t)end_of_numbers * CIRCLES;

	if (number < FIRST_NUMBER)
		return -EPERM;
	if (number >= end_of_numbers)
		return -EINVAL;
	if (!becomes_free(number))
		return -EEXIST;
	while (most > 0) {
		int32_t left = ahead(number), count;
		long ret;

		if (__atomic_load_n(&n->given_up, __ATOMIC_ACQUIRE))
			return -ECANCELED;
		if (!left && !is_taken(number))
			return 0;
		count = left > 2 * BATCH ? BATCH : left > NEAR ? left / 2 : 1;
		ret = use_up(count);
		if (ret)
			return ret;
		most -= count;
	}
	return -EBUSY;
}

void hf_pass_number(struct numbers *n, int32_t number)
{
	struct position p;

	while (n && (p = position()).last < number && !use_up(1 + (number - p.last) / 2))
		;
}

static void reap(long pid)
{
	while (sys(__NR_wait4, pid, NULL, __WALL, 0) == -EINTR)
		;
}

/* A fork whose child ends when its number is another. */
static long try_fork(int32_t number)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	long pid = sys(__NR_clone3, &args, sizeof(args));

	if (!pid && sys(__NR_getpid) != number)
		for (;;)
			sys(__NR_exit_group, 0);
	if (pid > 0 && pid != number)
		reap(pid);
	return pid;
}

/* A new thread, before it is known to be the right one. */
struct arrival {
	uint32_t awaited; /* futex: the kernel clears it when the thread ends */
	int32_t number;
	void (*fn)(void *);
	void *arg;
};

static void arrive(void *arrival)
{
	struct arrival *a = arrival;
	void (*fn)(void *) = a->fn;
	void *arg = a->arg;

	if (sys(__NR_gettid) != a->number)
		end(NULL);
	__atomic_store_n(&a->awaited, 0, __ATOMIC_RELEASE);
	sys(__NR_futex, &a->awaited, FUTEX_WAKE, 1);
	fn(arg);
}

/* Returns when the thread goes on, or has left its stack. */
static long try_clone(struct clone_args args, int32_t number, void (*fn)(void *), void *arg)
{
	struct arrival a = { 1, number, fn, arg };
	long tid;

	args.flags |= CLONE_CHILD_CLEARTID;
	args.child_tid = (uint64_t)&a.awaited;
	tid = hf_clone(&args, sizeof(args), arrive, &a);
	while (tid > 0 && __atomic_load_n(&a.awaited, __ATOMIC_ACQUIRE))
		sys(__NR_futex, &a.awaited, FUTEX_WAIT, 1, NULL);
	if (tid > 0 && tid != number && !(args.flags & CLONE_THREAD))
		reap(tid);
	return tid;
}

long hf_fork_as(struct numbers *n, int32_t number)
{
	struct clone_args chosen = { .exit_signal = SIGCHLD, .set_tid = (uint64_t)&number, .set_tid_size = 1 };
	long lock, ret;

	if (!n)
		return sys(__NR_clone3, &chosen, sizeof(chosen));
	ret = begin_turn(n, number, &lock);
	if (ret)
		return ret;
	do {
		ret = count_up_to(n, number);
		if (!ret)
			ret = try_fork(number);
		if (!ret) { /* the child, which has the lock, too */
			if (lock >= 0)
				sys(__NR_close, lock);
			return 0;
		}
	} while (ret > 0 && ret != number);
	end_turn(n, ret > 0, lock);
	return ret;
}

long hf_clone_as(struct numbers *n, int32_t number, const struct clone_args *args, void (*fn)(void *), void *arg)
{
	struct clone_args chosen = *args;
	long lock, ret;

	if (!n) {
		chosen.set_tid = (uint64_t)&number;
		chosen.set_tid_size = 1;
		return hf_clone(&chosen, sizeof(chosen), fn, arg);
	}
	ret = begin_turn(n, number, &lock);
	if (ret)
		return ret;
	do {
		ret = count_up_to(n, number);
		if (!ret)
			ret = try_clone(*args, number, fn, arg);
	} while (ret > 0 && ret != number);
	end_turn(n, 0, lock);
	return ret;
}
