/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrapper.h - a thread is inside a wrapper that must not be stopped there: between a call and the note of it. The barrier
 * lets such threads go on until they have left (barrier.c); the kernel driver looks at the thread's own word.
 */
#ifndef HOLDFAST_WRAPPER_H
#define HOLDFAST_WRAPPER_H

#include <stdint.h>

void hf_enter_wrapper(void);
void hf_leave_wrapper(void);

/* The distance from the thread pointer to the thread's word. */
int64_t hf_inside_offset(void);

#endif
