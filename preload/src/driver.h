/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver.h - what the kernel driver does for a process where there is one (kdriver/): its threads are stopped in the
 * kernel, by no signal, and the driver tells what they go on with.
 *
 * All is called by the checkpoint thread, which the driver does not stop, or by a snapshot of its own.
 */
#ifndef HOLDFAST_DRIVER_H
#define HOLDFAST_DRIVER_H

#include <stdint.h>

#include "engine.h"
#include "text.h"

/* Makes this process one of those that the runner stops and reads by the driver. Returns 0 or -errno. */
long hf_join_driver(const struct hf_join *join);

/* The threads go on, whatever the runner does: nobody else can stop them by this any more. */
void hf_leave_driver(void);

/* What hf_stop does, of threads that the driver has stopped. Returns 0, or -1 with the reason in `reason`: hf_open follows. */
int hf_stopped_by_driver(struct text *reason);

/* The process's threads go on. */
void hf_resume_by_driver(void);

/* Notes the signals that wait, and leaves them there. Returns 0 or -errno (-E2BIG: more than there is room for). */
long hf_note_signals_by_driver(void);

#endif
