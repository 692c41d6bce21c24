/* SPDX-License-Identifier: Apache-2.0 */
/* candidate.c - whether a process can be enlisted, by what /proc tells of it. */
#define _GNU_SOURCE
#include "candidate.h"

#include <dirent.h>
#include <elf.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine.h"
#include "tracee.h"

FILE *open_proc(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/%s", target.pid, name);
	return fopen(path, "re");
}

/* Reads a file of /proc of some bytes. Returns how many. */
size_t read_proc(const char *name, void *to, size_t size)
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

int descends_from(pid_t ancestor)
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

/* The first thread of which fits(thread, what) is true; 0: there is none. */
static pid_t first_thread(int (*fits)(pid_t, const void *), const void *what)
{
	char path[64];
	pid_t found = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/task", target.pid);
	folder = opendir(path);
	for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
		pid_t tid = atoi(entry->d_name);

		if (tid && fits(tid, what))
			found = tid;
	}
	if (folder)
		closedir(folder);
	return found;
}

/* What stands behind the name of a field in the thread's status, up to the end of the line; empty: it has ended. */
static void read_field(pid_t tid, const char *field, char *to, size_t size)
{
	char name[64], status[4096];
	const char *from;

	snprintf(name, sizeof(name), "task/%d/status", tid);
	status[read_proc(name, status, sizeof(status) - 1)] = 0;
	from = strstr(status, field);
	snprintf(to, size, "%.*s", from ? (int)strcspn(from, "\n") : 0, from ? from : "");
}

/* `what`: the number of a thread in the innermost name space. */
static int has_own_number(pid_t tid, const void *what)
{
	char numbers[256];
	const char *last;

	read_field(tid, "NSpid:", numbers, sizeof(numbers));
	last = strrchr(numbers, '\t');
	return last && atoi(last + 1) == *(const int32_t *)what;
}

/* As its engine has it; 0: there is none. */
static int32_t checkpoint_thread(void)
{
	int32_t tid = 0;

	return read_memory(HF_ENGINE_START + offsetof(struct engine, checkpoint_tid), &tid, sizeof(tid)) ? tid : 0;
}

/* Whether it has an engine with a checkpoint thread; a forked child has the parent's engine, without. */
static int has_checkpoint_thread(void)
{
	int32_t tid = checkpoint_thread();

	return tid && first_thread(has_own_number, &tid);
}

/* Its filter may end it for a system call that is not its own. */
int is_filtered(void)
{
	char status[4096];
	const char *line;

	status[read_proc("status", status, sizeof(status) - 1)] = 0;
	line = strstr(status, "Seccomp:");
	return line && atoi(line + 8) != 0;
}

int has_own_interceptor(void)
{
	pid_t parent = 0;

	state_of(target.pid, &parent);
	if (shares_memory_with(parent) || has_checkpoint_thread() || maps_contain("/libholdfast.so"))
		return 1;
	return interpreter() || is_loader() ? is_preloaded() : 0;
}

static int can_be_interrupted(pid_t tid, const void *unused)
{
	pid_t parent;

	(void)unused;
	return strchr("SR", state_of(tid, &parent)) != NULL;
}

pid_t find_thread(void)
{
	pid_t found, parent;

	if (state_of(target.pid, &parent) == 'X') /* there is no such process */
		leave_alone();
	if (can_be_interrupted(target.pid, NULL))
		return target.pid;
	found = first_thread(can_be_interrupted, NULL);
	if (!found)
		fail("no thread of it can be interrupted: it is stopped, or waits for a vfork or a device");
	return found;
}

/* `what`: a thread's number, which is left out, and signals. */
struct blocking {
	int32_t but;
	uint64_t signals;
};

static int blocks(pid_t tid, const void *what)
{
	const struct blocking *b = what;
	char mask[64];

	read_field(tid, "SigBlk:", mask, sizeof(mask));
	return *mask && strtoull(mask + 7, NULL, 16) & b->signals && !has_own_number(tid, &b->but);
}

pid_t find_thread_that_blocks(uint64_t signals)
{
	struct blocking b = { checkpoint_thread(), signals };

	return first_thread(blocks, &b);
}
