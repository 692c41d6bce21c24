/* SPDX-License-Identifier: Apache-2.0 */
/* placeholder.h - connections that were accepted for the program, which has not asked for them yet. */
#ifndef HOLDFAST_PLACEHOLDER_H
#define HOLDFAST_PLACEHOLDER_H

#include <holdfast/protocol.h>

/* Looks up the functions that the wrappers call; before any thread exists. */
void hf_find_accept(void);

/*
 * Accepts what waits in the listeners of the stopped process, and puts placeholders into their queues. The sockets were
 * gathered before; what is left out waits on.
 */
void hf_accept_all(void);

/* The part of it that a thread of the program does, which stands at the barrier. */
void hf_put_placeholders(void);

/* Whether all that waits in this listener are placeholders. */
int hf_has_placeholders_only(const struct hf_socket *listener);

#endif
