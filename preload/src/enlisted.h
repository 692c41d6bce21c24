/* SPDX-License-Identifier: Apache-2.0 */
/* enlisted.h - what holdfast-enlist and the code that it puts into a process agree on. */
#ifndef HOLDFAST_ENLISTED_H
#define HOLDFAST_ENLISTED_H

/* No system call has this number: the thread says so that it is done; the argument is 0 or -errno. */
#define HF_ENLISTED 0x48460001

#endif
