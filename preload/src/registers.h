/* SPDX-License-Identifier: Apache-2.0 */
/* registers.h - at a restart: a thread goes on with the registers that the kernel driver has told. */
#ifndef HOLDFAST_REGISTERS_H
#define HOLDFAST_REGISTERS_H

#include "engine.h"

/* The thread's stack is free below this address once it goes on. */
uint64_t hf_free_stack(const struct thread *t);

/* By the thread itself, on a stack that is free: waits at the barrier, then goes on. */
_Noreturn void hf_go_on_with_registers(struct thread *t);

#endif
