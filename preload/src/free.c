/* SPDX-License-Identifier: Apache-2.0 */
/* free.c - the entry of a program without libc. */
#include "sys.h"

_Noreturn void hf_main(long argc, char **argv, char **envp);

_Noreturn void hf_begin(long *stack);
_Noreturn void hf_begin(long *stack)
{
	hf_main(stack[0], (char **)(stack + 1), (char **)(stack + stack[0] + 2));
}

__asm__(".text\n.globl _start\n_start:\n\txorl %ebp, %ebp\n\tmovq %rsp, %rdi\n\tandq $-16, %rsp\n\tcall hf_begin\n\tud2\n");
