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

/* What exec.c held back is for the program that was; its threads still block it (enlist.c). */
static void forget_stops(void)
{
	struct kernel_action ignore = { .handler = (void *)1 /* SIG_IGN */ }, before;

	if (!sys(__NR_rt_sigaction, STOP_SIGNAL, &ignore, &before, 8))
		sys(__NR_rt_sigaction, STOP_SIGNAL, &before, NULL, 8);
}

/* Begins on a stack of the engine's. */
_Noreturn void hf_enlisted(void);
_Noreturn void hf_enlisted(void)
{
	long ret;

	ENGINE->pid = (int32_t)sys(__NR_getpid);
	ENGINE->fork_advice = 1; /* no wrapper has seen what it told madvise */
	forget_stops();
	ret = hf_start_checkpoint_thread();
	for (;;)
		sys(HF_ENLISTED, ret);
}

__asm__(".text\n.globl _start\n_start:\n\tcall hf_enlisted\n\tud2\n");
