/* SPDX-License-Identifier: Apache-2.0 */
/* held.h - descriptors on their way in the queues of the stopped process's sockets. */
#ifndef HOLDFAST_HELD_H
#define HOLDFAST_HELD_H

#include <stddef.h>
#include <stdint.h>

/*
 * Keeps duplicates of the `count` descriptors on their way in a Unix socket's queue. They are known as HF_HELD and up,
 * and are described and copied as those of the program are. Returns 0 or -errno.
 */
long hf_hold(long fd, uint64_t ino, uint64_t count);

/* How many are held: HF_HELD .. HF_HELD + count - 1. */
int hf_held(void);

/* How many of them are in this socket's queue. */
uint32_t hf_held_of(uint64_t ino);

/*
 * Closes the descriptors that came with the control data of a peek at the socket `ino`, and writes there as what they
 * are held; `passed` counts those of the messages before. Returns whether there were any.
 */
int hf_name_held(void *control, size_t length, uint64_t ino, uint32_t *passed);

/* Closes all. */
void hf_release_held(void);

#endif
