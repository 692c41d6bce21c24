/* SPDX-License-Identifier: Apache-2.0 */
/* candidate.h - whether the process `target` (tracee.h) can be enlisted. */
#ifndef HOLDFAST_CANDIDATE_H
#define HOLDFAST_CANDIDATE_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* A file of /proc/PID; NULL: there is none. */
FILE *open_proc(const char *name);
/* Reads at most so many bytes of it. Returns how many. */
size_t read_proc(const char *name, void *to, size_t size);

int descends_from(pid_t ancestor);

/* To be asked again while its thread is interrupted, and so cannot execute another program. */
int has_own_interceptor(void);
int is_filtered(void);

/* The first thread that can be interrupted, the main thread if it can. */
pid_t find_thread(void);
/* The first thread, but the checkpoint thread, that blocks one of these signals. 0: there is none. */
pid_t find_thread_that_blocks(uint64_t signals);

#endif
