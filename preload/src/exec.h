/* SPDX-License-Identifier: Apache-2.0 */
/* exec.h - keep the interceptor across exec. */
#ifndef HOLDFAST_EXEC_H
#define HOLDFAST_EXEC_H

/* Looks up the functions that the wrappers call; before any thread exists. */
void hf_find_exec(void);

#endif
