/* SPDX-License-Identifier: Apache-2.0 */
/* free.c - what the compiler expects of a program without libc: memory functions and the entry. */
#include "sys.h"

void *memcpy(void *to, const void *from, size_t n)
{
	void *ret = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
	return ret;
}

void *memset(void *to, int c, size_t n)
{
	void *ret = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
	return ret;
}

_Noreturn void hf_main(long argc, char **argv, char **envp);

_Noreturn void hf_begin(long *stack);
_Noreturn void hf_begin(long *stack)
{
	hf_main(stack[0], (char **)(stack + 1), (char **)(stack + stack[0] + 2));
}

__asm__(".text\n.globl _start\n_start:\n\txorl %ebp, %ebp\n\tmovq %rsp, %rdi\n\tandq $-16, %rsp\n\tcall hf_begin\n\tud2\n");
