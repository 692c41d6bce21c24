/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enlist.c - holdfast-enlist ENGINE PID INITIAL JOB_SOCKET: gives a process that has no interceptor the engine and a checkpoint
 * thread: a statically linked program, or one that was started without LD_PRELOAD.
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
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "enlisted.h"

#define SECONDS 2
#define LATER 2
#define PAGE 4096ul
#define USER_CS 0x33
#define RESTART_NO_HAND (-514) /* the kernel's: again, unless a handler runs */
#define SYSCALL_STOP (SIGTRAP | 0x80)
#define ALL_SIGNALS (~0ull)

/* The process, and the thread that is interrupted. */
static struct {
	pid_t pid, tid;
	int memory; /* /proc/PID/mem */
	int was_in; /* the system call that the thread slept in before, -1: none */
	int signal; /* one that stopped the thread meanwhile, which is for it, 0: none */
	struct user_regs_struct registers;
	uint64_t mask;
	uint64_t call; /* where a syscall instruction is */
} target;

static _Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
static _Noreturn void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* It has ended meanwhile. */
static _Noreturn void leave_alone(void)
{
	exit(LATER);
}

/* --- what /proc tells */

static FILE *open_proc(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/%s", target.pid, name);
	return fopen(path, "re");
}

/* Reads a file of /proc of some bytes. Returns how many. */
static size_t read_proc(const char *name, void *to, size_t size)
{
	FILE *file = open_proc(name);
	size_t n = file ? fread(to, 1, size, file) : 0;

	if (file)
		fclose(file);
	return n;
}

/* The letter behind the name, in /proc/PID/stat, and the parent's number; that works with a thread's number, too. */
static char state_of(pid_t pid, pid_t *parent)
{
	char path[64], line[1024] = "", state = 'X';
	const char *end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	end = file && fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	if (end)
		sscanf(end, ") %c %d", &state, parent);
	if (file)
		fclose(file);
	return state;
}

static int descends_from(pid_t ancestor)
{
	pid_t pid = target.pid;

	while (pid > 0 && pid != ancestor) {
		pid_t parent = 0;

		state_of(pid, &parent);
		pid = parent;
	}
	return pid == ancestor;
}

/* The program's interpreter: where it lies in memory. 0: it is statically linked, or is the interpreter itself. */
static uint64_t interpreter(void)
{
	Elf64_auxv_t aux[64];
	size_t n = read_proc("auxv", aux, sizeof(aux)) / sizeof(*aux);

	for (size_t k = 0; k < n; k++)
		if (aux[k].a_type == AT_BASE)
			return aux[k].a_un.a_val;
	return 0;
}

static int maps_contain(const char *what)
{
	FILE *maps = open_proc("maps");
	char line[4400];
	int found = 0;

	while (maps && !found && fgets(line, sizeof(line), maps))
		found = strstr(line, what) != NULL;
	if (maps)
		fclose(maps);
	return found;
}

static int is_preloaded(void)
{
	FILE *file = open_proc("environ");
	char *variable = NULL;
	size_t size = 0;
	int found = 0;

	while (file && !found && getdelim(&variable, &size, 0, file) > 0)
		found = !strncmp(variable, "LD_PRELOAD=", 11) && strstr(variable, "libholdfast.so");
	free(variable);
	if (file)
		fclose(file);
	return found;
}

/* `ld-linux-x86-64.so.2 PROGRAM` loads what LD_PRELOAD says, as the program's interpreter would. */
static int is_loader(void)
{
	char path[64], exe[4096] = "";
	const char *name;

	snprintf(path, sizeof(path), "/proc/%d/exe", target.pid);
	if (readlink(path, exe, sizeof(exe) - 1) < 0)
		return 0;
	name = strrchr(exe, '/');
	return name && !strncmp(name, "/ld-", 4);
}

static int shares_memory_with(pid_t parent)
{
	return !syscall(SYS_kcmp, target.pid, parent, KCMP_VM, 0, 0);
}

static int has_thread(pid_t own_tid)
{
	char name[64], status[4096];
	DIR *folder;
	int found = 0;

	snprintf(name, sizeof(name), "/proc/%d/task", target.pid);
	folder = opendir(name);
	for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
		const char *numbers, *last;
		size_t n;

		snprintf(name, sizeof(name), "task/%.16s/status", entry->d_name);
		n = read_proc(name, status, sizeof(status) - 1);
		status[n] = 0;
		numbers = strstr(status, "NSpid:");
		if (!numbers)
			continue;
		*strchrnul(numbers, '\n') = 0;
		last = strrchr(numbers, '\t');
		found = last && atoi(last) == own_tid;
	}
	if (folder)
		closedir(folder);
	return found;
}

static int read_memory(uint64_t at, void *to, size_t size)
{
	return pread(target.memory, to, size, (off_t)at) == (ssize_t)size;
}

/* Whether it has an engine with a checkpoint thread; a forked child has the parent's engine, without. */
static int has_checkpoint_thread(void)
{
	int32_t tid = 0;

	return read_memory(HF_ENGINE_START + offsetof(struct engine, checkpoint_tid), &tid, sizeof(tid)) &&
	       has_thread(tid);
}

/* Its filter may end it for a system call that is not its own. */
static int is_filtered(void)
{
	char status[4096];
	const char *line;

	status[read_proc("status", status, sizeof(status) - 1)] = 0;
	line = strstr(status, "Seccomp:");
	return line && atoi(line + 8) != 0;
}

/* Asked while its thread is interrupted: so it cannot execute another program meanwhile. */
static int has_own_interceptor(void)
{
	pid_t parent = 0;

	state_of(target.pid, &parent);
	if (shares_memory_with(parent) || has_checkpoint_thread() || maps_contain("/libholdfast.so"))
		return 1;
	return interpreter() || is_loader() ? is_preloaded() : 0;
}

/* --- the thread */

static long trace(enum __ptrace_request request, uintptr_t address, void *data)
{
	return ptrace(request, target.tid, address, data);
}

static void trace_or_fail(const char *what, enum __ptrace_request request, uintptr_t address, void *data)
{
	if (trace(request, address, data) < 0)
		fail("cannot %s: %s", what, strerror(errno));
}

static void on_alarm(int signal)
{
	(void)signal;
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
static void run_to(enum __ptrace_request how, int stop)
{
	int is;

	do {
		trace_or_fail("let it run", how, 0, NULL);
		is = await_stop();
		if (is != stop && is >> 8 == 0 && is != SYSCALL_STOP)
			target.signal = is;
	} while (is != stop);
}

static const int interrupted = SIGTRAP | PTRACE_EVENT_STOP << 8;

/* In the kernel, ready to take signals: what is changed now it goes on with. */
static void interrupt(void)
{
	trace_or_fail("interrupt it", PTRACE_INTERRUPT, 0, NULL);
}

static void set_mask(uint64_t mask)
{
	trace_or_fail("block its signals", PTRACE_SETSIGMASK, sizeof(mask), &mask);
}

/* The first that can be interrupted, the main thread if it can. */
static pid_t find_thread(void)
{
	char path[64];
	pid_t found = 0, parent;
	DIR *folder;

	switch (state_of(target.pid, &parent)) {
	case 'S':
	case 'R':
		return target.pid;
	case 'X': /* or there is no such process */
		leave_alone();
	}
	snprintf(path, sizeof(path), "/proc/%d/task", target.pid);
	folder = opendir(path);
	for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
		pid_t tid = atoi(entry->d_name);

		if (tid && strchr("SR", state_of(tid, &parent)))
			found = tid;
	}
	if (folder)
		closedir(folder);
	if (!found)
		fail("no thread of it can be interrupted: it is stopped, or waits for a vfork or a device");
	return found;
}

static void note_call(void)
{
	char name[64], line[256] = "";

	snprintf(name, sizeof(name), "task/%d/syscall", target.tid);
	read_proc(name, line, sizeof(line) - 1);
	target.was_in = *line >= '0' && *line <= '9' ? atoi(line) : -1;
}

static void seize(void)
{
	long ret = trace(PTRACE_SEIZE, 0, (void *)PTRACE_O_TRACESYSGOOD);
	int stop;

	if (ret < 0 && errno == ESRCH)
		leave_alone();
	if (ret < 0)
		fail("cannot trace it: %s; see /proc/sys/kernel/yama/ptrace_scope", strerror(errno));
	note_call();
	interrupt();
	/* A signal that comes first is delivered. */
	while ((stop = await_stop()) != interrupted)
		if (stop >> 8)
			fail("it is stopped by a signal");
		else
			trace_or_fail("let it run", PTRACE_CONT, 0, (void *)(long)stop);
	trace_or_fail("read its registers", PTRACE_GETREGS, 0, &target.registers);
	trace_or_fail("read its signal mask", PTRACE_GETSIGMASK, sizeof(target.mask), &target.mask);
	if (target.registers.cs != USER_CS)
		fail("it is a 32-bit program");
}

/* A call that the kernel would not make again by itself after this interruption. */
static void repair_call(void)
{
	if ((long)target.registers.orig_rax == target.was_in && (long)target.registers.rax == -EINTR)
		target.registers.rax = (unsigned long long)RESTART_NO_HAND;
}

static void let_go(void)
{
	trace_or_fail("give back its registers", PTRACE_SETREGS, 0, &target.registers);
	set_mask(target.mask);
	trace_or_fail("let it go", PTRACE_DETACH, 0, (void *)(long)target.signal);
}

static _Noreturn void let_go_and_fail(const char *what, long error)
{
	interrupt();
	run_to(PTRACE_CONT, interrupted);
	let_go();
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
static void find_call(void)
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
static void call(const char *what, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
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

/* --- the engine */

static void map(uint64_t start, uint64_t length, int flags)
{
	call("map the engine", SYS_mmap, start, length, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | (unsigned)flags, ~0ull, 0);
}

static void write_memory(uint64_t at, const void *from, size_t size)
{
	if (pwrite(target.memory, from, size, (off_t)at) != (ssize_t)size)
		let_go_and_fail("write the engine", -errno);
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
	if (read_memory(rseq.rseq_abi_pointer + 8, &at, sizeof(at)) && at && read_memory(at, &sequence, sizeof(sequence))) {
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
	call("unmap what its parent had", SYS_munmap, HF_RESERVED_START, HF_RESERVED_END - HF_RESERVED_START, 0, 0, 0, 0);
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
	struct sigaction action = { .sa_handler = on_alarm };
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
	sigaction(SIGALRM, &action, NULL);
	alarm(SECONDS);
	target.tid = find_thread();
	seize();
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
	interrupt();
	run_to(PTRACE_CONT, interrupted);
	let_go();
	return 0;
}
