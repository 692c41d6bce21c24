/* SPDX-License-Identifier: Apache-2.0 */
/* hold_connects.h - make no connection while listeners are to accept those that wait. */
#ifndef HOLDFAST_HOLD_CONNECTS_H
#define HOLDFAST_HOLD_CONNECTS_H

/* Looks up the function that the wrapper calls; before any thread exists. */
void hf_find_connect(void);

#endif
