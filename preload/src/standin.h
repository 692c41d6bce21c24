/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standin.h - act as a process of the job before it exists: the kernel notes of sockets, messages and System V objects
 * which process made or used them.
 */
#ifndef HOLDFAST_STANDIN_H
#define HOLDFAST_STANDIN_H

#include <stdint.h>

/*
 * Calls fn(arg) as the process with this number, in this memory and with these descriptors; 0: as the initial process.
 * Returns what fn returns. As the initial process, too, if the number is of a process outside the job.
 */
long hf_stand_in(int32_t pid, long (*fn)(void *), void *arg);

/* The same, but gives up when a process outside the job has the number. */
long hf_stand_in_surely(int32_t pid, long (*fn)(void *), void *arg);

/* Ends the stand-ins: their numbers are free. */
void hf_dismiss_stand_ins(void);

#endif
