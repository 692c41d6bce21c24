/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tracee.h - a thread of another process, interrupted as by a debugger, that makes system calls for us.
 *
 * What fails ends this program; the thread goes on where it was.
 */
#ifndef HOLDFAST_TRACEE_H
#define HOLDFAST_TRACEE_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>

#define LATER 2
#define SECONDS 2 /* that a thread has to stop */
#define SYSCALL_STOP (SIGTRAP | 0x80)
#define INTERRUPTED (SIGTRAP | PTRACE_EVENT_STOP << 8)

/* The process, and the thread that is interrupted. */
struct tracee {
	pid_t pid, tid;
	int memory; /* /proc/PID/mem */
	int was_in; /* the system call that the thread slept in before, -1: none */
	int signal; /* one that stopped the thread meanwhile, which is for it, 0: none */
	struct user_regs_struct registers;
	uint64_t mask;
	uint64_t call; /* where a syscall instruction is */
};

extern struct tracee target;

_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* It has ended, or is none that can be enlisted now. */
_Noreturn void leave_alone(void);

int read_memory(uint64_t at, void *to, size_t size); /* Returns 1, or 0 when it cannot be read. */
void write_memory(uint64_t at, const void *from, size_t size);

/* Interrupts the thread, and reads what it goes on with. Returns 1, or 0 when there is no such thread any more. */
int seize(void);
/* A call that the kernel would not make again by itself after this interruption. */
void repair_call(void);
/* Finds a syscall instruction in its memory: that of the vDSO, or any. */
void find_call(void);
void set_mask(uint64_t mask);

long trace(enum __ptrace_request request, uintptr_t address, void *data);
void trace_or_fail(const char *what, enum __ptrace_request request, uintptr_t address, void *data);
/* Lets the thread run to its next stop of that kind; a signal that cannot be blocked is kept for it. */
void run_to(enum __ptrace_request how, int stop);

/* The thread makes a system call. Fails when that fails. */
void call(const char *what, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);

/* The thread goes on where it was. */
void let_go(void);
/* The same when it has run meanwhile: it comes to where it can take a signal first. */
void let_go_from_call(void);
_Noreturn void let_go_and_fail(const char *what, long error);

#endif
