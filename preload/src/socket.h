/* SPDX-License-Identifier: Apache-2.0 */
/* socket.h - the sockets of the stopped process. */
#ifndef HOLDFAST_SOCKET_H
#define HOLDFAST_SOCKET_H

#include "message.h"

/* A descriptor of the program, or one that is held, duplicated for the checkpoint thread. Returns it or -errno. */
long hf_borrow(int fd);

/* An option of level SOL_SOCKET that is a number; 0: it cannot be had. */
int hf_number_of(long fd, int name);
long hf_set_number(long fd, int name, int value);

int hf_is_connection(const struct hf_socket *s); /* of TCP */

/*
 * Adds the record of the socket that is the program's descriptor `fd`, of which `own` is a duplicate and `ino` the
 * inode, and holds the descriptors under way in its queue. Returns 0, or -errno when it cannot be had.
 */
long hf_gather_socket(int fd, long own, uint64_t ino, uint64_t under_way, struct records *out);

/*
 * Pulls what is on its way into the receive queues of the program's TCP connections, by widening their windows, and
 * says how far each is. Nothing is read: the program finds all of it where it left it.
 */
void hf_drain(struct records *out);

/* Gives windows back their size. */
void hf_drained(void);

#endif
