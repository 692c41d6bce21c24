/* SPDX-License-Identifier: Apache-2.0 */
/* descriptors.h - the descriptors of the stopped process. */
#ifndef HOLDFAST_DESCRIPTORS_H
#define HOLDFAST_DESCRIPTORS_H

#include "text.h"

/*
 * Adds a record for each descriptor of the program, and for each on its way in the queue of one of its sockets. Returns 0,
 * or -1 with the reason why one cannot be described.
 */
int hf_gather_descriptors(struct text *reason);

#endif
