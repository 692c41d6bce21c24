/* SPDX-License-Identifier: Apache-2.0 */
/* wrapper.c - threads inside wrappers, counted for the barrier, and each for itself for the kernel driver. */
#include "wrapper.h"

#include <holdfast.h>

#include "engine.h"
#include "sys.h"

static __thread uint32_t inside; /* atomic; the driver sets HOLDFAST_INSIDE_WANTED */

int64_t hf_inside_offset(void)
{
	return (int64_t)((char *)&inside - (char *)__builtin_thread_pointer());
}

void hf_enter_wrapper(void)
{
	__atomic_add_fetch(&inside, 1, __ATOMIC_ACQ_REL);
	__atomic_add_fetch(&ENGINE->wrapped, 1, __ATOMIC_ACQ_REL);
}

void hf_leave_wrapper(void)
{
	struct __kernel_timespec pause = { 0, HOLDFAST_INSIDE_PAUSE_NS };
	uint32_t wanted = HOLDFAST_INSIDE_WANTED;

	__atomic_sub_fetch(&ENGINE->wrapped, 1, __ATOMIC_ACQ_REL);
	__atomic_sub_fetch(&inside, 1, __ATOMIC_ACQ_REL);
	/* So that the driver finds one outside that is inside most of the time. */
	if (__atomic_compare_exchange_n(&inside, &wanted, 0, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		sys(__NR_nanosleep, &pause, NULL);
}
