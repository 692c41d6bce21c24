/* SPDX-License-Identifier: Apache-2.0 */
/* ipc.h - System V shared memory, semaphores and message queues of the job. */
#ifndef HOLDFAST_IPC_H
#define HOLDFAST_IPC_H

#include "message.h"
#include "text.h"

/*
 * Adds a record for each object that the process knows: what it got from shmget, semget and msgget, which the wrappers
 * note, for the kernel tells of no process which objects it uses. Returns 0 or -1 with the reason.
 */
int hf_gather_ipc(struct records *out, struct text *reason);

/* Notes the segments that are attached, whoever got them, from /proc/self/maps. */
void hf_note_segments(const char *maps);

/* ipc_copy.c - copies what a HF_REC_SEGMENT, _SEMAPHORES or _MESSAGES asks for. Returns 0 or -errno. */
long hf_copy_ipc(uint32_t type, struct hf_blob *blob);

/* undo.c - notes what the kernel undoes in a semaphore set when this process ends. Returns 0 or -errno. */
long hf_copy_undo(struct hf_blob *blob);

#endif
