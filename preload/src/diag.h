/* SPDX-License-Identifier: Apache-2.0 */
/* diag.h - what the kernel tells of a socket by netlink only (sock_diag(7)). */
#ifndef HOLDFAST_DIAG_H
#define HOLDFAST_DIAG_H

#include "message.h"

/* Of the Unix socket s->ino: fills in the peer's inode, shutdowns and the accept queue. Returns 0 or -errno. */
long hf_diag_unix(struct hf_socket *s);

/* Of the TCP socket s->ino, which is connecting: fills in where to. Returns 0 or -errno. */
long hf_diag_connecting(struct hf_socket *s);

#endif
