/* SPDX-License-Identifier: Apache-2.0 */
/* tracee.c - a thread of another process, interrupted as by a debugger, that makes system calls for us. */
#define _GNU_SOURCE
#include "tracee.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "candidate.h"

#define USER_CS 0x33
#define RESTART_NO_HAND (-514) /* the kernel's: again, unless a handler runs */

struct tracee target;

_Noreturn void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

_Noreturn void leave_alone(void)
{
	exit(LATER);
}

int read_memory(uint64_t at, void *to, size_t size)
{
	return pread(target.memory, to, size, (off_t)at) == (ssize_t)size;
}

long trace(enum __ptrace_request request, uintptr_t address, void *data)
{
	return ptrace(request, target.tid, address, data);
}

void trace_or_fail(const char *what, enum __ptrace_request request, uintptr_t address, void *data)
{
	if (trace(request, address, data) < 0)
		fail("cannot %s: %s", what, strerror(errno));
}

static void on_alarm(int signal)
{
	(void)signal;
}

/*
 * Whether a wait for the thread ends after some time. Not while it has other registers than its own: to leave it like
 * that would be its end.
 */
static void limit_waiting(int limit)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval time = { { 0, 100000 }, { SECONDS, 0 } }, none = { 0 };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, limit ? &time : &none, NULL);
}

/* Waits for the thread to stop. Returns the status's upper part: the signal and the event. */
static int await_stop(void)
{
	int status;

	if (waitpid(target.tid, &status, __WALL) != target.tid)
		fail("its thread %d does not stop within %d s", target.tid, SECONDS);
	if (!WIFSTOPPED(status))
		leave_alone();
	return status >> 8;
}

/* Lets the thread run to its next stop of that kind; a signal that cannot be blocked is kept for it. */
void run_to(enum __ptrace_request how, int stop)
{
	int is;

	do {
		trace_or_fail("let it run", how, 0, NULL);
		is = await_stop();
		if (is != stop && is >> 8 == 0 && is != SYSCALL_STOP)
			target.signal = is;
	} while (is != stop);
}

/* In the kernel, ready to take signals: what is changed now it goes on with. */
static void interrupt(void)
{
	trace_or_fail("interrupt it", PTRACE_INTERRUPT, 0, NULL);
}

void set_mask(uint64_t mask)
{
	trace_or_fail("block its signals", PTRACE_SETSIGMASK, sizeof(mask), &mask);
}

static void note_call(void)
{
	char name[64], line[256] = "";

	snprintf(name, sizeof(name), "task/%d/syscall", target.tid);
	read_proc(name, line, sizeof(line) - 1);
	target.was_in = *line >= '0' && *line <= '9' ? atoi(line) : -1;
}

int seize(void)
{
	long ret = trace(PTRACE_SEIZE, 0, (void *)PTRACE_O_TRACESYSGOOD);
	int stop;

	if (ret < 0 && errno == ESRCH)
		return 0;
	if (ret < 0)
		fail("cannot trace it: %s; see /proc/sys/kernel/yama/ptrace_scope", strerror(errno));
	target.signal = 0;
	note_call();
	limit_waiting(1);
	interrupt();
	/* A signal that comes first is delivered. */
	while ((stop = await_stop()) != INTERRUPTED)
		if (stop >> 8)
			fail("it is stopped by a signal");
		else
			trace_or_fail("let it run", PTRACE_CONT, 0, (void *)(long)stop);
	limit_waiting(0);
	trace_or_fail("read its registers", PTRACE_GETREGS, 0, &target.registers);
	trace_or_fail("read its signal mask", PTRACE_GETSIGMASK, sizeof(target.mask), &target.mask);
	if (target.registers.cs != USER_CS)
		fail("it is a 32-bit program");
	return 1;
}

/* A call that the kernel would not make again by itself after this interruption. */
void repair_call(void)
{
	if ((long)target.registers.orig_rax == target.was_in && (long)target.registers.rax == -EINTR)
		target.registers.rax = (unsigned long long)RESTART_NO_HAND;
}

void let_go(void)
{
	trace_or_fail("give back its registers", PTRACE_SETREGS, 0, &target.registers);
	set_mask(target.mask);
	trace_or_fail("let it go", PTRACE_DETACH, 0, (void *)(long)target.signal);
}

void let_go_from_call(void)
{
	interrupt();
	run_to(PTRACE_CONT, INTERRUPTED);
	let_go();
}

_Noreturn void let_go_and_fail(const char *what, long error)
{
	let_go_from_call();
	fail("cannot %s in it: %s", what, strerror((int)-error));
}

static void find_call_in(uint64_t start, uint64_t end)
{
	static unsigned char code[1 << 20];
	size_t size = end - start < sizeof(code) ? end - start : sizeof(code);

	if (!read_memory(start, code, size))
		return;
	for (size_t n = 0; n + 1 < size && !target.call; n++)
		if (code[n] == 0x0f && code[n + 1] == 0x05)
			target.call = start + n;
}

/* A syscall instruction in its memory: that of the vDSO, or any. */
void find_call(void)
{
	FILE *maps = open_proc("maps");
	char line[4400], mode[8];
	unsigned long start, end;

	while (maps && !target.call && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %7s", &start, &end, mode) == 3 && mode[2] == 'x' && !strstr(line, "vsyscall"))
			find_call_in(start, end);
	if (maps)
		fclose(maps);
	if (!target.call)
		fail("no system call is found in its code");
}

/* The thread makes a system call. Fails when that fails. */
void call(const char *what, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	struct user_regs_struct r = target.registers;

	r.rip = target.call;
	r.orig_rax = ~0ull;
	r.rax = (unsigned long long)nr;
	r.rdi = a;
	r.rsi = b;
	r.rdx = c;
	r.r10 = d;
	r.r8 = e;
	r.r9 = f;
	trace_or_fail("set its registers", PTRACE_SETREGS, 0, &r);
	run_to(PTRACE_SYSCALL, SYSCALL_STOP); /* before the call */
	run_to(PTRACE_SYSCALL, SYSCALL_STOP); /* behind it */
	trace_or_fail("read its registers", PTRACE_GETREGS, 0, &r);
	if ((long)r.rax < 0 && (long)r.rax > -4096)
		let_go_and_fail(what, (long)r.rax);
}

void write_memory(uint64_t at, const void *from, size_t size)
{
	if (pwrite(target.memory, from, size, (off_t)at) != (ssize_t)size)
		let_go_and_fail("write the engine", -errno);
}
