/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sys.h - system calls without libc, for code that runs while threads stand still or without a libc at all.
 *
 * A stopped thread may hold any lock of libc, and the restart's code has no libc: nothing here touches errno, TLS or
 * a lock. Calls return what the kernel returns: a value, or -errno.
 */
#ifndef HOLDFAST_SYS_H
#define HOLDFAST_SYS_H

#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

#define HF_EINTR 4
#define HF_PAGE 4096ull

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#define SYS_ARGS(nr, a, b, c, d, e, f, ...) sys6((nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define sys(...) SYS_ARGS(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* The compiler may call these; the freestanding programs get them from mem.c. */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
void *memmove(void *to, const void *from, size_t n);
int memcmp(const void *one, const void *other, size_t n);

#endif
