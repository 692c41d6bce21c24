/* SPDX-License-Identifier: Apache-2.0 */
/* hold_sends.h - let little be sent on TCP connections while their receivers are to read. */
#ifndef HOLDFAST_HOLD_SENDS_H
#define HOLDFAST_HOLD_SENDS_H

#include <holdfast/protocol.h>

/* Of all connections that were gathered. */
void hf_hold_sends(void);

/* Lets everything be sent again, by the checkpoint thread; harmless when nothing is held. */
void hf_release_sends(void);

/* The same, by a thread of the program before an exec: what is inherited would be held for ever. */
void hf_release_own_sends(void);

/* Puts what the program knows into options that were gathered meanwhile, of the socket that is now `fd`. */
void hf_describe_held(uint64_t ino, int32_t fd, struct hf_option *options, uint32_t count);

#endif
