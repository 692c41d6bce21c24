/* SPDX-License-Identifier: Apache-2.0 */
/* own_program.c - carry the restart's memory over the exec of a process's own program. */
#include "own_program.h"

#include <asm/errno.h>
#include <linux/elf.h>
#include <linux/fcntl.h>
#include <linux/memfd.h>
#include <linux/mman.h>

#include "restart.h"
#include "sys.h"
#include "text.h"

#define R_OK 4
#define STACK (64 << 10)
#define FILE_SIZE (1ull << 30) /* of the shared memory at most; takes none until it is used */

static char stack[STACK] __attribute__((aligned(64)));
static char maps[64 << 10];
static struct carried carried;

static long make_file(const char *name)
{
	long fd = sys(__NR_memfd_create, name, 0);
	/* Out of the way of the program's descriptors and of the descriptions. */
	long ret = fd < 0 ? fd :
			    sys(__NR_fcntl, fd, F_DUPFD, hf_restart.first_free + (int)hf_restart.head.descriptions);

	if (ret < 0)
		hf_give_up("cannot make a file in memory", "", ret);
	sys(__NR_close, fd);
	return ret;
}

void hf_open_shared(void)
{
	long ret;

	hf_restart.shared_fd = (int)make_file("holdfast-shared");
	ret = sys(__NR_ftruncate, hf_restart.shared_fd, FILE_SIZE);
	if (ret)
		hf_give_up("cannot make a file in memory", "", ret);
}

/* An area as a line of /proc/self/maps has it: "START-END rwxp OFFSET ...". */
static void note_area(const char *line)
{
	struct carried_area *a = &carried.areas[carried.count];
	const char *permissions;

	permissions = hf_area(line, &a->start, &a->end);
	if (a->start < HF_RESERVED_START || a->end > HF_ENGINE_START)
		return;
	while (*permissions == ' ')
		permissions++;
	a->prot = (permissions[0] == 'r' ? PROT_READ : 0) | (permissions[1] == 'w' ? PROT_WRITE : 0) |
		  (permissions[2] == 'x' ? PROT_EXEC : 0);
	a->shared = permissions[3] == 's';
	permissions += 5;
	a->offset = hf_number(&permissions, 16);
	if (++carried.count == MAX_CARRIED)
		hf_give_up("the restart's memory has more parts than expected", "", 0);
}

static void note_areas(void)
{
	uint64_t at = (sizeof(carried) + HF_PAGE - 1) & ~(HF_PAGE - 1);

	if (hf_read_file("/proc/self/maps", maps, sizeof(maps)) < 0)
		hf_give_up("cannot read /proc/self/maps", "", 0);
	carried.count = 0;
	for (const char *line = maps; *line; line = hf_next_line(line))
		note_area(line);
	for (uint32_t n = 0; n < carried.count; n++) {
		struct carried_area *a = &carried.areas[n];

		if (a->shared)
			continue;
		a->offset = at;
		at += a->end - a->start;
	}
}

static void write_at(long fd, const void *from, uint64_t length, uint64_t offset)
{
	while (length) {
		long n = sys(__NR_pwrite64, fd, from, length, offset);

		if (n <= 0)
			hf_give_up("cannot write to a file in memory", "", n);
		from = (const char *)from + n;
		length -= (uint64_t)n;
		offset += (uint64_t)n;
	}
}

static void write_all(long fd)
{
	write_at(fd, &carried, sizeof(carried), 0);
	for (uint32_t n = 0; n < carried.count; n++) {
		const struct carried_area *a = &carried.areas[n];

		if (!a->shared)
			write_at(fd, (const void *)a->start, a->end - a->start, a->offset);
	}
}

/* Whether descriptors of descriptions outlive an exec. */
static void keep_descriptions(int keep)
{
	for (uint32_t n = 0; n < hf_restart.head.descriptions; n++)
		sys(__NR_fcntl, hf_restart.first_free + (int)n, F_SETFD, keep ? 0 : FD_CLOEXEC);
}

/* A statically linked program has no loader that would load anything before it. */
static int has_loader(long exe)
{
	Elf64_Ehdr head;
	Elf64_Phdr part;

	if (sys(__NR_pread64, exe, &head, sizeof(head), 0) != sizeof(head))
		return 0;
	for (int n = 0; n < head.e_phnum; n++)
		if (sys(__NR_pread64, exe, &part, sizeof(part), head.e_phoff + (uint64_t)n * head.e_phentsize) ==
			    sizeof(part) &&
		    part.p_type == PT_INTERP)
			return 1;
	return 0;
}

/* Without it the program would begin from its beginning. The loader takes a colon for the end of a path. */
static void check_library(void)
{
	long ret = sys(__NR_access, hf_restart.library, R_OK);

	for (const char *c = hf_restart.library; *c && !ret; c++)
		if (*c == ':')
			ret = -EINVAL;
	if (ret)
		hf_give_up("the dynamic loader cannot load ", hf_restart.library, ret);
}

void hf_exec_program(uint32_t exe, void (*next)(void *), void *arg)
{
	char variable[48], audit[sizeof(hf_restart.library) + 16];
	char *argv[] = { hf_restart.library, NULL };
	char *envp[] = { variable, audit, (char *)"GLIBC_TUNABLES=glibc.pthread.rseq=0", NULL };
	struct text v = hf_text(variable, sizeof(variable)), a = hf_text(audit, sizeof(audit));
	long fd, ret;

	if (!has_loader(hf_restart.first_free + (int)exe))
		return;
	check_library();
	fd = make_file("holdfast-restart");
	hf_add(&v, HF_CARRIED);
	hf_add_number(&v, fd);
	hf_add(&a, "LD_AUDIT=");
	hf_add(&a, hf_restart.library);
	carried.next = (uint64_t)next;
	carried.arg = (uint64_t)arg;
	carried.stack = (uint64_t)(stack + STACK);
	carried.shared_fd = hf_restart.shared_fd;
	note_areas();
	write_all(fd);
	keep_descriptions(1);
	ret = sys(__NR_execveat, hf_restart.first_free + (int)exe, "", argv, envp, AT_EMPTY_PATH);
	if (ret != -EACCES)
		hf_give_up("cannot execute the program again", "", ret);
	keep_descriptions(0);
	sys(__NR_close, fd);
}
