/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_dynamic - thread-local variables of the program and of a library that was loaded when threads already ran;
 * libraries go on being loaded and unloaded.
 */
#include <dlfcn.h>
#include <libgen.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workload.h"

#define THREADS 4

static uint64_t (*count)(void);
static __thread uint64_t own = 2000;

static void check(uint64_t *turns)
{
	++*turns;
	SAME(1000 + *turns, count());
	SAME(2000 + *turns, ++own);
}

static void *thread(void *loaded)
{
	uint64_t turns = 0;

	pthread_barrier_wait(loaded);
	while (!workload_finished()) {
		check(&turns);
		workload_pause();
	}
	return NULL;
}

static void *load(const char *name)
{
	char path[256] = "", file[512];
	void *library;

	SYS(readlink("/proc/self/exe", path, sizeof(path) - 1));
	snprintf(file, sizeof(file), "%s/%s", dirname(path), name);
	library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		FAIL("%s", dlerror());
	return library;
}

int main(void)
{
	pthread_barrier_t loaded;
	pthread_t threads[THREADS];
	uint64_t turns = 0;

	ZERO(pthread_barrier_init(&loaded, NULL, THREADS + 1));
	for (int i = 0; i < THREADS; i++)
		ZERO(pthread_create(&threads[i], NULL, thread, &loaded));
	count = (uint64_t(*)(void))dlsym(load("tls.so"), "count");
	pthread_barrier_wait(&loaded);
	workload_ready();
	do {
		void *library = load("second.so");

		CHECK(dlsym(library, "second"));
		ZERO(dlclose(library));
		check(&turns);
	} while (workload_goes_on());
	for (int i = 0; i < THREADS; i++)
		ZERO(pthread_join(threads[i], NULL));
	workload_pass();
}
