/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.c - a program with much memory that ticks every millisecond and tells how long it stood still.
 *
 * usage: memory FILE MIB PROCESSES
 * Each process has MIB of memory and a slot in FILE, which bench.py reads and resets.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define MAX_PROCESSES 64

struct slot {
	uint64_t last_ns;    /* CLOCK_REALTIME of the last tick; 0: not set up yet */
	uint64_t largest_ns; /* the longest time between two ticks since bench.py set it to 0 */
};

static uint64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Fills a page as a computation's memory is filled: of four, one random, two of a smooth field, one of small numbers. */
static void fill(double *page, uint64_t number, uint64_t *random)
{
	for (int n = 0; n < PAGE / 8; n++) {
		*random ^= *random << 13;
		*random ^= *random >> 7;
		*random ^= *random << 17;
		if (number % 4 == 0)
			memcpy(page + n, random, 8);
		else if (number % 4 < 3)
			page[n] = (double)(float)sin((double)number * 0.01 + n * 0.002);
		else
			page[n] = (double)(*random % 100);
	}
}

/* Ticks for ever, and writes to a page each time. */
static _Noreturn void tick(struct slot *slot, char *memory, uint64_t pages)
{
	uint64_t before = now(CLOCK_MONOTONIC);

	for (uint64_t n = 0;; n++) {
		struct timespec pause = { 0, 1000000 };
		uint64_t after;

		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
		after = now(CLOCK_MONOTONIC);
		if (after - before > slot->largest_ns)
			slot->largest_ns = after - before;
		before = after;
		memory[n * 7919 % pages * PAGE] ^= 1;
		slot->last_ns = now(CLOCK_REALTIME);
	}
}

static _Noreturn void work(struct slot *slot, uint64_t pages, uint64_t seed)
{
	char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		err(1, "%lu MiB of memory", (unsigned long)(pages * PAGE >> 20));
	for (uint64_t n = 0; n < pages; n++)
		fill((double *)(memory + n * PAGE), n, &seed);
	tick(slot, memory, pages);
}

int main(int argc, char **argv)
{
	uint64_t pages;
	struct slot *slots;
	int fd, processes;

	if (argc != 4)
		errx(2, "usage: memory FILE MIB PROCESSES");
	pages = strtoull(argv[2], NULL, 10) << 20 >> 12;
	processes = atoi(argv[3]);
	fd = open(argv[1], O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, MAX_PROCESSES * sizeof(struct slot)))
		err(1, "%s", argv[1]);
	slots = mmap(NULL, MAX_PROCESSES * sizeof(struct slot), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (slots == MAP_FAILED)
		err(1, "%s", argv[1]);
	close(fd);
	for (int n = 1; n < processes; n++) {
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(slots + n, pages, 88172645463325252ull + (uint64_t)n);
		}
	}
	work(slots, pages, 88172645463325252ull);
}
