/* SPDX-License-Identifier: Apache-2.0 */
/* advice.h - areas that are locked in memory, or that a fork would leave out or empty. */
#ifndef HOLDFAST_ADVICE_H
#define HOLDFAST_ADVICE_H

#include <stdint.h>

#include "text.h"

/* Notes them, and adds their record; `locked_kib` is what the process has locked. Returns 0 or -1 with the reason. */
int hf_gather_advice(uint64_t locked_kib, struct text *reason);

/* For a snapshot, which must have them all; and back. */
void hf_lift_fork_advice(void);
void hf_give_fork_advice(void);

#endif
