/* SPDX-License-Identifier: Apache-2.0 */
/* callnumber.h - the number of a system call, from the code that makes it. */
#ifndef HOLDFAST_CALLNUMBER_H
#define HOLDFAST_CALLNUMBER_H

/*
 * The number that the code in front of a syscall instruction puts into %eax.
 * Returns -1 when it comes from elsewhere, as in syscall(3).
 */
long hf_number_in_code(const unsigned char *instruction);

#endif
