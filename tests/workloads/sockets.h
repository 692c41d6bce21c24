/* SPDX-License-Identifier: Apache-2.0 */
/* sockets.h - addresses, connections and verified streams, for the test programs about sockets. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
	struct sockaddr_storage storage;
	socklen_t length;
};

/* An address of this host that no other has: loopback with any port, or a path in $WORKLOAD_DIR (AF_UNIX). */
struct address sockets_address(int family);

/* A listening socket at such an address, which is stored to `where`. */
int sockets_listen(int family, int type, int backlog, struct address *where);

int sockets_connect(int type, const struct address *to);

/* A connected pair: ends[0] has connected, ends[1] was accepted. Checks that each sees the other's address. */
void sockets_pair(int family, int type, int ends[2]);

/* Fails unless the socket's own address, or its peer's, is this. */
void sockets_check_name(int fd, const struct address *own);
void sockets_check_peer(int fd, const struct address *peer);

/* Writes bytes of `seed` until no more goes in, at most `limit`. Returns how many went. */
size_t sockets_fill(int fd, uint64_t seed, size_t limit);

/* Reads `size` bytes, which must be those of `seed`. */
void sockets_drain(int fd, uint64_t seed, size_t size);

/*
 * The body of a program with a checksummed stream at full speed in both directions over each of these connections,
 * between this process and a child: from workload_ready() until the end.
 */
void sockets_exchange_streams(int ends[][2], int connections);

#endif
