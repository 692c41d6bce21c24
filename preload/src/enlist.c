/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enlist.c - holdfast-enlist ENGINE PID INITIAL JOB_SOCKET: gives a process that has no interceptor the engine and a
 * checkpoint thread: a statically linked program, or one that was started without LD_PRELOAD.
 *
 * One thread of the process is interrupted as a debugger does it, makes the system calls that map the engine, starts the
 * checkpoint thread, and goes on where it was, in its system call too. The others run all the time. From then on the
 * process can be stopped, checkpointed and restarted as others can; only the wrappers are missing.
 *
 * INITIAL is the job's initial process: only descendants of it are enlisted, in case PID is another process by now.
 *
 * Status: 0: done. 2: it has an interceptor, or will have one, or is not of the job: look again later. 1: cannot be
 * done; stderr says why.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "candidate.h"
#include "engine.h"
#include "enlisted.h"
#include "tracee.h"

#define PAGE 4096ul
#define ALL_SIGNALS (~0ull)
#define STOP (1ull << (STOP_SIGNAL - 1))
#define KILL_AND_STOP (1ull << (SIGKILL - 1) | 1ull << (SIGSTOP - 1)) /* which nobody can block */
#define MOMENT_US 100

static void map(uint64_t start, uint64_t length, int flags)
{
	call("map the engine", SYS_mmap, start, length, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | (unsigned)flags, ~0ull, 0);
}

static uint64_t page_of(uint64_t address)
{
	return address & ~(PAGE - 1);
}

/* Calls fn with each part of the program that is loaded. */
static void each_part(const char *file, void (*fn)(const char *, const Elf64_Phdr *))
{
	const Elf64_Ehdr *head = (const void *)file;
	const Elf64_Phdr *part = (const void *)(file + head->e_phoff);

	for (int n = 0; n < head->e_phnum; n++)
		if (part[n].p_type == PT_LOAD)
			fn(file, &part[n]);
}

static uint64_t length_of(const Elf64_Phdr *part)
{
	return page_of(part->p_vaddr + part->p_memsz + PAGE - 1) - page_of(part->p_vaddr);
}

static void load(const char *file, const Elf64_Phdr *part)
{
	int mode = (part->p_flags & PF_R ? PROT_READ : 0) | (part->p_flags & PF_W ? PROT_WRITE : 0) |
		   (part->p_flags & PF_X ? PROT_EXEC : 0);

	map(page_of(part->p_vaddr), length_of(part), 0);
	write_memory(part->p_vaddr, file + part->p_offset, part->p_filesz);
	call("protect the engine", SYS_mprotect, page_of(part->p_vaddr), length_of(part), (unsigned)mode, 0, 0, 0);
}

/* What a forked child has from an enlisted parent. */
static void unload(const char *file, const Elf64_Phdr *part)
{
	(void)file;
	call("unmap what its parent had", SYS_munmap, page_of(part->p_vaddr), length_of(part), 0, 0, 0, 0);
}

/* A thread inside a restartable sequence begins it anew, as after a signal (rseq(2)). */
static void note_sequences(void)
{
	struct __ptrace_rseq_configuration rseq = { 0 };
	struct {
		uint32_t version, flags;
		uint64_t start, length, abort;
	} sequence;
	uint64_t at = 0, none = 0;

	if (trace(PTRACE_GET_RSEQ_CONFIGURATION, sizeof(rseq), &rseq) < 0 || !rseq.rseq_abi_pointer)
		return;
	if (read_memory(rseq.rseq_abi_pointer + 8, &at, sizeof(at)) && at &&
	    read_memory(at, &sequence, sizeof(sequence))) {
		if (target.registers.rip - sequence.start < sequence.length)
			target.registers.rip = sequence.abort;
		write_memory(rseq.rseq_abi_pointer + 8, &none, sizeof(none));
	}
	write_memory(HF_ENGINE_START + offsetof(struct engine, rseq_size), &rseq.rseq_abi_size, sizeof(uint32_t));
	at = rseq.rseq_abi_pointer - target.registers.fs_base;
	write_memory(HF_ENGINE_START + offsetof(struct engine, rseq_offset), &at, sizeof(at));
}

static void map_engine(const char *file, const char *socket)
{
	call("unmap what its parent had", SYS_munmap, HF_RESERVED_START, HF_RESERVED_END - HF_RESERVED_START, 0, 0, 0,
	     0);
	each_part(file, unload);
	map(HF_ENGINE_START, sizeof(struct engine), MAP_NORESERVE);
	write_memory(HF_ENGINE_START + offsetof(struct engine, socket), socket, strlen(socket) + 1);
	note_sequences();
	each_part(file, load);
}

/* The thread starts the checkpoint thread, on a stack of the engine's. */
static void start(const char *file)
{
	const Elf64_Ehdr *head = (const void *)file;
	struct user_regs_struct r = target.registers;

	r.rip = head->e_entry;
	r.rsp = HF_ENGINE_START + offsetof(struct engine, restart_stack) + STACK_SIZE;
	r.orig_rax = ~0ull;
	trace_or_fail("set its registers", PTRACE_SETREGS, 0, &r);
	do {
		run_to(PTRACE_SYSCALL, SYSCALL_STOP);
		trace_or_fail("read its registers", PTRACE_GETREGS, 0, &r);
	} while (r.orig_rax != HF_ENLISTED);
	if (r.rdi)
		let_go_and_fail("start the checkpoint thread", (long)r.rdi);
}

/*
 * An interceptor has blocked the stop's signal when it executed this program (exec.c). A thread that blocks all signals
 * does so for a moment, in libc, and then has its own mask again.
 */
static void let_stops_come(void)
{
	for (int n = 0; n < MAX_THREADS && (target.tid = find_thread_that_blocks(STOP)); n++)
		if (seize()) {
			int all = (target.mask | KILL_AND_STOP) == ALL_SIGNALS;

			repair_call();
			target.mask &= all ? ALL_SIGNALS : ~STOP;
			let_go();
			if (all)
				usleep(MOMENT_US);
		}
}

static const char *map_file(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *file;

	if (fd < 0 || fstat(fd, &status))
		fail("cannot read %s: %s", path, strerror(errno));
	file = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED)
		fail("cannot map %s: %s", path, strerror(errno));
	close(fd);
	return file;
}

int main(int argc, char **argv)
{
	const char *file;
	char path[64];

	if (argc != 5 || strlen(argv[4]) >= sizeof(((struct engine *)0)->socket))
		fail("usage: holdfast-enlist ENGINE PID INITIAL JOB_SOCKET");
	file = map_file(argv[1]);
	target.pid = atoi(argv[2]);
	snprintf(path, sizeof(path), "/proc/%d/mem", target.pid);
	target.memory = open(path, O_RDWR | O_CLOEXEC);
	if (target.memory < 0 && errno == ENOENT)
		leave_alone();
	if (target.memory < 0)
		fail("cannot read its memory: %s", strerror(errno));
	if (has_own_interceptor())
		return LATER;
	target.tid = find_thread();
	if (!seize())
		return LATER;
	repair_call();
	if (!descends_from(atoi(argv[3])) || has_own_interceptor()) {
		let_go();
		return LATER;
	}
	if (is_filtered()) {
		let_go();
		fail("it runs under a seccomp filter");
	}
	find_call();
	set_mask(ALL_SIGNALS);
	map_engine(file, argv[4]);
	start(file);
	let_go_from_call();
	let_stops_come();
	return 0;
}
