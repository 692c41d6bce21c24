/* SPDX-License-Identifier: Apache-2.0 */
/* tls - a shared library with thread-local variables, for tls_dynamic. */
#include <stdint.h>

static __thread uint64_t counter = 1000;
static __thread char block[100000];

uint64_t count(void);
uint64_t count(void)
{
	block[counter % sizeof(block)]++;
	return ++counter;
}
