/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grant.h - the kernel driver lets a restart choose its process numbers (kdriver/README.md).
 *
 * The one that is called gets the ability; whom it makes inherits it. Each lets go of it by itself, before it goes on
 * as a process of the job; in threads it is each thread's own.
 */
#ifndef HOLDFAST_GRANT_H
#define HOLDFAST_GRANT_H

#include <stdint.h>

/* By the one that is called: gives up when it is refused. `token` is in hexadecimal digits, `image` the image's folder. */
void hf_take_grant(const char *token, const char *image);

/* By each process, with a descriptor above `above`: the runner fills its memory by the driver. Nothing without a grant. */
void hf_join_with_grant(int above);

/* The descriptor by which the process's threads drop the ability; -1: there is no grant. */
int hf_grant_descriptor(void);

/* By one that is not to be of the job. */
void hf_leave_grant(void);

#endif
