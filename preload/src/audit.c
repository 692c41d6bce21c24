/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.c - libholdfast-restart.so: the first code that runs in a program that a restart has executed (own_program.h).
 * It needs nothing of libc, nor of the program's libraries, which are not loaded yet.
 */
#include <linux/mman.h>
#include <stddef.h>
#include <stdint.h>

#include "own_program.h"
#include "sys.h"
#include "text.h"

_Noreturn void hf_call_on_stack(void (*fn)(void *), void *arg, void *stack_top);

static _Noreturn void end(void)
{
	for (;;)
		sys(__NR_exit_group, 125);
}

static long carried_fd(void)
{
	static char environment[4096];
	long length = hf_read_file("/proc/self/environ", environment, sizeof(environment));

	for (const char *s = environment; s < environment + length; s += hf_length(s) + 1)
		if (hf_starts(s, HF_CARRIED)) {
			s += sizeof(HF_CARRIED) - 1;
			return (long)hf_number(&s, 10);
		}
	return -1;
}

static void map(const struct carried_area *a, long fd)
{
	int flags = MAP_FIXED_NOREPLACE | (a->shared ? MAP_SHARED : MAP_PRIVATE);

	if (sys(__NR_mmap, a->start, a->end - a->start, a->prot, flags, fd, a->offset) != (long)a->start)
		end();
}

__attribute__((visibility("default"))) unsigned int la_version(unsigned int version)
{
	static struct carried c;
	long fd = carried_fd();

	(void)version;
	if (fd < 0 || sys(__NR_pread64, fd, &c, sizeof(c), 0) != sizeof(c))
		end();
	for (uint32_t n = 0; n < c.count; n++)
		map(&c.areas[n], c.areas[n].shared ? c.shared_fd : fd);
	sys(__NR_close, fd);
	sys(__NR_close, c.shared_fd);
	sys(__NR_set_robust_list, NULL, 24); /* the loader's, which will be gone */
	hf_call_on_stack((void (*)(void *))c.next, (void *)c.arg, (void *)c.stack);
}
