/* SPDX-License-Identifier: Apache-2.0 */
/* posix_mq.h - POSIX message queues of the job. */
#ifndef HOLDFAST_POSIX_MQ_H
#define HOLDFAST_POSIX_MQ_H

#include "message.h"
#include "text.h"

/* What gather.c puts before the name of a message queue, which the kernel shows like a file's. */
#define HF_MQUEUE_LINK "mqueue:"

/* Whether what is behind this name in an open folder is a message queue. */
int hf_is_mqueue(long folder, const char *name);

/*
 * Adds a record for each name by which the process has opened a queue: nobody may have it open now. Returns 0 or -1 with
 * the reason.
 */
int hf_gather_queue_names(struct records *out, struct text *reason);

/*
 * By a snapshot, with a descriptor of its own: copies the messages. Taken out and put in again, for they cannot be
 * looked at. -EBUSY: that would set off the notification which somebody has asked for. Returns 0 or -errno.
 */
long hf_copy_mqueue(long fd, struct hf_blob *blob);

/* By a snapshot: notes whether the queue at the program's descriptor notifies this process. Returns 0 or -errno. */
long hf_note_notification(long own, int fd);

/* By the restored process. Returns 0 or -errno. */
long hf_give_back_notifications(void);

#endif
