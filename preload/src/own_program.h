/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_program.h - become the program of a process by exec, so that /proc/self/exe names it: without privilege there is
 * no other way. The dynamic loader loads libholdfast-restart.so (LD_AUDIT) before anything else of the program; that
 * maps the restart's memory again and goes on in it.
 */
#ifndef HOLDFAST_OWN_PROGRAM_H
#define HOLDFAST_OWN_PROGRAM_H

#include <stdint.h>

#define HF_CARRIED "HOLDFAST_CARRIED=" /* variable: descriptor of the file that begins with struct carried */
#define MAX_CARRIED 64

/* An area of the restart's memory, and where its content is: in this file or, if it is shared, in the other. */
struct carried_area {
	uint64_t start, end, offset;
	uint32_t prot, shared;
};

struct carried {
	uint64_t next, arg, stack; /* goes on with next(arg) on this stack */
	int32_t shared_fd;
	uint32_t count;
	struct carried_area areas[MAX_CARRIED];
};

/* Opens the file in which the restart's shared memory is. Gives up when it cannot. */
void hf_open_shared(void);

/*
 * Goes on with next(arg) in the program that is open as description `exe` of the plan. Returns when that cannot be
 * executed: a copy of one that has changed since, or a statically linked one.
 */
void hf_exec_program(uint32_t exe, void (*next)(void *), void *arg);

#endif
