/* SPDX-License-Identifier: Apache-2.0 */
/* many_forks - short-lived children all the time, from several threads and processes, each with its right status. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

#define AT_ONCE 4

static void burst(int seed)
{
	pid_t child[AT_ONCE], me = getpid();

	for (int i = 0; i < AT_ONCE; i++) {
		child[i] = SYS(fork());
		if (!child[i]) {
			SAME(me, getppid());
			if (i == 0)
				workload_reap(SYS(fork()) ?: (_exit(7), 0), EXITED(7));
			_exit((seed + i) & 127);
		}
	}
	for (int i = 0; i < AT_ONCE; i++)
		workload_reap(child[i], EXITED((seed + i) & 127));
}

static void *thread(void *ignored)
{
	(void)ignored;
	for (int seed = 0; !workload_finished(); seed++) {
		burst(seed);
		workload_pause();
	}
	return NULL;
}

int main(void)
{
	pid_t process = SYS(fork());
	pthread_t other;
	int seed = 0;

	if (!process) {
		thread(NULL);
		_exit(0);
	}
	ZERO(pthread_create(&other, NULL, thread, NULL));
	workload_ready();
	do
		burst(seed++);
	while (workload_goes_on());
	ZERO(pthread_join(other, NULL));
	workload_reap(process, EXITED(0));
	workload_pass();
}
