/* SPDX-License-Identifier: Apache-2.0 */
/* pty.h - pseudo terminals that the job has made: what their master side tells. */
#ifndef HOLDFAST_PTY_H
#define HOLDFAST_PTY_H

#include "message.h"

/*
 * Adds the record of the pseudo terminal whose master side is the program's descriptor `fd`, of which `own` is a
 * duplicate. Returns 0 or -errno.
 */
long hf_gather_pty(int fd, long own, struct records *out);

/* The same of the program's descriptor `fd` of another side, or of /dev/tty. */
long hf_gather_terminal(int fd, long own, struct records *out);

/*
 * Reads all that waits to be read from a master side (a duplicate of the program's) to `to`, and lets the other side
 * write it once more, as it is. Returns the bytes or -errno.
 */
long hf_copy_pty(long master, char *to, uint64_t room);

#endif
