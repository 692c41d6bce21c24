/* SPDX-License-Identifier: Apache-2.0 */
/* message.h - messages of protocol.h over a Unix socket, without libc. */
#ifndef HOLDFAST_MESSAGE_H
#define HOLDFAST_MESSAGE_H

#include <holdfast/protocol.h>
#include <stddef.h>

/* Connects to the job's socket and says hello. Returns the descriptor or -errno. */
long hf_connect(const char *path, int32_t pid, enum hf_kind kind, uint32_t flags);

/* Sends one message. Returns 0 or -errno. */
long hf_send(int fd, enum hf_type type, uint32_t epoch, const void *payload, size_t length);

/* Sends one message of text. */
long hf_send_text(int fd, enum hf_type type, uint32_t epoch, const char *text);

/* Receives a message's header; checks magic and version. Returns 1, 0 when the peer has closed, or -errno. */
long hf_receive(int fd, struct hf_msg *msg);

/* Reads exactly `length` bytes. Returns 1, 0 when the peer has closed, or -errno. */
long hf_read(int fd, void *to, size_t length);

/* Records under construction, in a buffer of `size` bytes; `full` when one did not fit. */
struct records {
	char *start;
	size_t used, size;
	int full;
};

/* Adds a record of `fixed` bytes and room for `extra` more; returns where its fixed part is, or NULL when full. */
void *hf_record(struct records *r, enum hf_rec_type type, size_t fixed, size_t extra);

/* The record behind `rec`, or NULL at the end or when its length is impossible. Start with NULL. */
const struct hf_rec *hf_next_record(const void *payload, size_t length, const struct hf_rec *rec);

#endif
