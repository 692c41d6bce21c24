/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOLDFAST_JOIN_H
#define HOLDFAST_JOIN_H

#include <holdfast.h>

/* Opens the kernel driver and joins a group (kdriver/README.md). Returns the descriptor or -errno. */
long hf_join_group(const struct holdfast_join *args);

#endif
