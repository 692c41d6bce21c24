/* SPDX-License-Identifier: Apache-2.0 */
// refused: the main thread has ended before the others
/* main_thread_gone - the first thread has ended; the process lives on in its other threads. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workload.h"

static bool leader_is_zombie(void)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	file = fopen(path, "re");
	CHECK(file && fgets(line, sizeof(line), file));
	fclose(file);
	return strrchr(line, ')')[2] == 'Z';
}

static void *lives(void *leader)
{
	while (!leader_is_zombie())
		workload_pause();
	ZERO(pthread_join(*(pthread_t *)leader, NULL));
	workload_ready();
	do {
		CHECK(leader_is_zombie());
		CHECK(gettid() != getpid());
	} while (workload_goes_on());
	workload_pass();
}

int main(void)
{
	static pthread_t self;
	pthread_t thread;

	self = pthread_self();
	ZERO(pthread_create(&thread, NULL, lives, &self));
	pthread_exit(NULL);
}
