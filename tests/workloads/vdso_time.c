/* SPDX-License-Identifier: Apache-2.0 */
// needs: processor
/*
 * vdso_time - the vDSO's functions, by pointers taken at the start, in threads that hardly do anything else: clocks
 * never go back, and agree with the system calls.
 */
#include <elf.h>
#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define SECOND 1000000000l

static int (*get_time)(clockid_t, struct timespec *);
static int (*get_day)(struct timeval *, void *);
static time_t (*get_seconds)(time_t *);
static int (*get_cpu)(unsigned *, unsigned *, void *);

/* Finds a function of the vDSO by its name, as C libraries do when they start. */
static void *find(const char *name)
{
	char *base = (char *)getauxval(AT_SYSINFO_EHDR);
	Elf64_Ehdr *header = (void *)base;
	Elf64_Phdr *segment = (void *)(base + header->e_phoff);
	char *strings = NULL;
	Elf64_Sym *symbols = NULL;
	uint32_t *hash = NULL;

	CHECK(base);
	for (int i = 0; i < header->e_phnum; i++)
		for (Elf64_Dyn *d = (void *)(base + segment[i].p_offset); segment[i].p_type == PT_DYNAMIC && d->d_tag;
		     d++) {
			void *at = base + d->d_un.d_ptr;

			if (d->d_tag == DT_STRTAB)
				strings = at;
			else if (d->d_tag == DT_SYMTAB)
				symbols = at;
			else if (d->d_tag == DT_HASH)
				hash = at;
		}
	CHECK(strings && symbols && hash);
	for (uint32_t i = 0; i < hash[1]; i++)
		if (!strcmp(strings + symbols[i].st_name, name))
			return base + symbols[i].st_value;
	FAIL("no %s in the vDSO", name);
}

static int64_t by_vdso(clockid_t clock)
{
	struct timespec t;

	ZERO(get_time(clock, &t));
	return t.tv_sec * SECOND + t.tv_nsec;
}

static int64_t by_call(clockid_t clock)
{
	struct timespec t;

	SYS(syscall(SYS_clock_gettime, clock, &t));
	return t.tv_sec * SECOND + t.tv_nsec;
}

static void check_clock(clockid_t clock, int64_t *last)
{
	int64_t before = by_call(clock), now = by_vdso(clock), after = by_call(clock);

	if (now < before || now > after)
		FAIL("clock %d: vDSO says %ld between %ld and %ld", clock, now, before, after);
	if (now < *last)
		FAIL("clock %d went back from %ld to %ld", clock, *last, now);
	*last = now;
}

static void check(int64_t last[3])
{
	struct timeval day;
	time_t seconds;
	unsigned cpu;
	int64_t real = by_call(CLOCK_REALTIME);

	check_clock(CLOCK_MONOTONIC, &last[0]);
	check_clock(CLOCK_BOOTTIME, &last[1]);
	check_clock(CLOCK_MONOTONIC_RAW, &last[2]);
	ZERO(get_day(&day, NULL));
	CHECK(day.tv_sec >= real / SECOND);
	seconds = get_seconds(NULL);
	CHECK(seconds >= real / SECOND - 1);
	CHECK(seconds <= time(NULL));
	ZERO(get_cpu(&cpu, NULL, NULL));
	CHECK(cpu < 4096);
}

/* In the vDSO nearly all the time: this is where a stop finds it. */
static void *reader(void *ignored)
{
	int64_t last = 0;

	(void)ignored;
	while (!workload_finished()) {
		for (int i = 0; i < 100000; i++) {
			int64_t now = by_vdso(CLOCK_MONOTONIC);

			CHECK(now >= last);
			last = now;
		}
		workload_pause();
	}
	return NULL;
}

int main(void)
{
	int64_t last[3] = { 0 };
	pthread_t thread;

	get_time = find("__vdso_clock_gettime");
	get_day = find("__vdso_gettimeofday");
	get_seconds = find("__vdso_time");
	get_cpu = find("__vdso_getcpu");
	ZERO(pthread_create(&thread, NULL, reader, NULL));
	workload_ready();
	do
		for (int i = 0; i < 1000; i++)
			check(last);
	while (workload_goes_on());
	ZERO(pthread_join(thread, NULL));
	workload_pass();
}
