/* SPDX-License-Identifier: Apache-2.0 */
/* rseq_cpu - each thread's restartable sequence area stays registered: the kernel keeps its processor number right. */
#include <pthread.h>
#include <sched.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

static struct rseq *area(void)
{
	return (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
}

static void check(void)
{
	cpu_set_t all, one;

	SYS(sched_getaffinity(0, sizeof(all), &all));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		unsigned got;

		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		SYS(sched_setaffinity(0, sizeof(one), &one));
		SAME(cpu, *(volatile uint32_t *)&area()->cpu_id);
		SAME(cpu, sched_getcpu());
		SYS(syscall(SYS_getcpu, &got, NULL, NULL));
		SAME(cpu, got);
	}
	SYS(sched_setaffinity(0, sizeof(all), &all));
	/* The kernel answers EBUSY to the same registration once more, EINVAL to another when there is one. */
	FAILS(EBUSY, syscall(SYS_rseq, area(), 32, 0, RSEQ_SIG));
}

static void *thread(void *ignored)
{
	(void)ignored;
	while (!workload_finished()) {
		check();
		workload_pause();
	}
	return NULL;
}

int main(void)
{
	pthread_t other;

	CHECK(__rseq_size);
	ZERO(pthread_create(&other, NULL, thread, NULL));
	workload_ready();
	do
		check();
	while (workload_goes_on());
	ZERO(pthread_join(other, NULL));
	workload_pass();
}
