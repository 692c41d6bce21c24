/* SPDX-License-Identifier: Apache-2.0 */
/* queue.h - what waits in the sockets and pseudo terminals of the stopped process. */
#ifndef HOLDFAST_QUEUE_H
#define HOLDFAST_QUEUE_H

#include <holdfast/protocol.h>

/* Copies a receive queue, without taking anything out, to memory that the caller's fork inherits. */
long hf_copy_queue(struct hf_blob *blob);

/* Gives the memory of the copies back. */
void hf_forget_queues(void);

#endif
