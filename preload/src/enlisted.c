/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enlisted.c - what holdfast-enlist has a process do that has no interceptor: start its checkpoint thread.
 *
 * holdfast-engine is the interceptor without its wrappers, linked to an address where no program has anything.
 * holdfast-enlist (enlist.c) puts it there, maps the engine, and lets one thread of the program come here.
 */
#include "enlisted.h"

#include "engine.h"
#include "sys.h"

/* Begins on a stack of the engine's. */
_Noreturn void hf_enlisted(void);
_Noreturn void hf_enlisted(void)
{
	long ret;

	ENGINE->pid = (int32_t)sys(__NR_getpid);
	ENGINE->fork_advice = 1; /* no wrapper has seen what it told madvise */
	hf_forget_stops();	 /* threads still block them (enlist.c) */
	ret = hf_start_checkpoint_thread();
	for (;;)
		sys(HF_ENLISTED, ret);
}

__asm__(".text\n.globl _start\n_start:\n\tcall hf_enlisted\n\tud2\n");
