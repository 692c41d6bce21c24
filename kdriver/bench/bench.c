// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver is worth: against signals and ptrace, and against /proc/PID/mem and process_vm_readv
 *
 * bench: a table in Markdown. Each figure is the median of some runs, all in this one run. Needs root and /dev/holdfast.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <holdfast.h>

#define RUNS 9
#define MOST 1024
#define SIZE (128ull << 20)
#define CHUNK (1ull << 20)
#define PAGE 4096ull
#define AREA ((char *)0x200000000000ull)

#define MUST(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "bench:%d: %s: %s\n", __LINE__, #condition, strerror(errno)); \
		exit(1); \
	} \
} while (0)

/* Seen by all processes. */
static volatile struct common {
	uint32_t ready, closed, arrived, left;
	struct {
		int32_t pid, tid;
	} threads[MOST];
	struct holdfast_token token;
} *common;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, RUNS, sizeof(*values), compare);
	return values[RUNS / 2];
}

static int open_device(void)
{
	struct holdfast_hello hello = { .abi = HOLDFAST_ABI };
	int fd = open(HOLDFAST_DEVICE, O_RDWR | O_CLOEXEC);

	MUST(fd >= 0);
	MUST(!ioctl(fd, HOLDFAST_HELLO, &hello));
	return fd;
}

static void futex_wait(volatile uint32_t *word, uint32_t value)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, NULL);
}

static void on_stop(int sig)
{
	(void)sig;
	__atomic_add_fetch(&common->arrived, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &common->arrived, FUTEX_WAKE, 1);
	while (common->closed)
		futex_wait(&common->closed, 1);
	__atomic_add_fetch(&common->left, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &common->left, FUTEX_WAKE, 1);
}

static void *sleeper(void *arg)
{
	uint32_t n = __atomic_fetch_add(&common->ready, 1, __ATOMIC_SEQ_CST);

	common->threads[n].pid = getpid();
	common->threads[n].tid = (int32_t)syscall(SYS_gettid);
	for (;;)
		pause();
	return arg;
}

static void be_process(int threads)
{
	struct sigaction action = { .sa_handler = on_stop, .sa_flags = SA_RESTART };
	struct holdfast_join join = {};
	pthread_attr_t attr;
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memcpy(&join.token, (void *)&common->token, sizeof(join.token));
	MUST(!ioctl(open_device(), HOLDFAST_JOIN, &join));
	sigaction(SIGUSR1, &action, NULL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	for (int i = 1; i < threads; i++)
		MUST(!pthread_create(&thread, &attr, sleeper, NULL));
	sleeper(NULL);
}

struct times {
	double stop[RUNS], resume[RUNS];
};

static void by_driver(int controller, int run, struct times *t)
{
	struct holdfast_stop stop = { .timeout_ns = 60000000000ull };
	struct holdfast_resume resume;
	uint64_t begin = now_ns();

	MUST(!ioctl(controller, HOLDFAST_STOP, &stop));
	t->stop[run] = now_ns() - begin;
	begin = now_ns();
	MUST(!ioctl(controller, HOLDFAST_RESUME, &resume));
	t->resume[run] = now_ns() - begin;
}

static void by_signals(int count, int run, struct times *t)
{
	uint64_t begin = now_ns();

	common->arrived = common->left = 0;
	common->closed = 1;
	for (int i = 0; i < count; i++)
		syscall(SYS_tgkill, common->threads[i].pid, common->threads[i].tid, SIGUSR1);
	for (uint32_t n; (n = common->arrived) < (uint32_t)count;)
		futex_wait(&common->arrived, n);
	t->stop[run] = now_ns() - begin;
	begin = now_ns();
	common->closed = 0;
	syscall(SYS_futex, &common->closed, FUTEX_WAKE, INT_MAX);
	t->resume[run] = now_ns() - begin;
	for (uint32_t n; (n = common->left) < (uint32_t)count;)
		futex_wait(&common->left, n);
}

static void by_ptrace(int count, int run, struct times *t)
{
	uint64_t begin = now_ns();

	for (int i = 0; i < count; i++) {
		MUST(!ptrace(PTRACE_SEIZE, common->threads[i].tid, 0, 0));
		MUST(!ptrace(PTRACE_INTERRUPT, common->threads[i].tid, 0, 0));
	}
	for (int i = 0; i < count; i++)
		MUST(waitpid(common->threads[i].tid, NULL, __WALL) > 0);
	t->stop[run] = now_ns() - begin;
	begin = now_ns();
	for (int i = 0; i < count; i++)
		MUST(!ptrace(PTRACE_DETACH, common->threads[i].tid, 0, 0));
	t->resume[run] = now_ns() - begin;
}

static void compare_stops(int processes, int threads)
{
	static struct times driver, signals, traced;
	pid_t pids[MOST];
	int count = processes * threads;
	int controller = open_device();

	MUST(!ioctl(controller, HOLDFAST_CREATE, &common->token));
	common->ready = 0;
	for (int i = 0; i < processes; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			close(controller);
			be_process(threads);
		}
	}
	while (common->ready < (uint32_t)count)
		usleep(1000);
	usleep(100000);
	for (int run = 0; run < RUNS; run++) {
		by_driver(controller, run, &driver);
		usleep(50000);
		by_signals(count, run, &signals);
		usleep(50000);
		by_ptrace(count, run, &traced);
		usleep(50000);
	}
	for (int i = 0; i < processes; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	close(controller);
	double d = median(driver.stop), s = median(signals.stop), p = median(traced.stop);

	printf("| stop, %d x %d threads | %.0f us | %.2f | %.2f |\n", processes, threads, d / 1000,
	       s / d, p / d);
	d = median(driver.resume);
	s = median(signals.resume);
	p = median(traced.resume);
	printf("| resume, %d x %d threads | %.0f us | %.2f | %.2f |\n", processes, threads, d / 1000,
	       s / d, p / d);
	fflush(stdout);
}

enum way { COPY, DRIVER, DRIVER_RUNS, PROC_MEM, PROCESS_VM, WAYS };

static const char *const ways[] = {
	"a plain copy", "driver, pread/pwrite", "driver, read/write of runs", "/proc/PID/mem",
	"process_vm_readv/writev",
};

static char *buffer, *copied;

/* Moves `SIZE` bytes of the process at AREA to or from `buffer`, in chunks. */
static void move_all(enum way way, bool write, int memory, int mem, pid_t pid)
{
	for (uint64_t at = 0; at < SIZE; at += CHUNK) {
		struct iovec own = { buffer, CHUNK }, its = { AREA + at, CHUNK };
		off_t address = (off_t)(uintptr_t)(AREA + at);
		long ret = CHUNK;

		if (way == COPY && write)
			memcpy(copied + at, buffer, CHUNK);
		else if (way == COPY)
			memcpy(buffer, copied + at, CHUNK);
		else if (way == PROCESS_VM)
			ret = write ? process_vm_writev(pid, &own, 1, &its, 1, 0) :
				      process_vm_readv(pid, &own, 1, &its, 1, 0);
		else
			ret = write ? pwrite(way == DRIVER ? memory : mem, buffer, CHUNK, address) :
				      pread(way == DRIVER ? memory : mem, buffer, CHUNK, address);
		MUST(ret == (long)CHUNK);
	}
}

static void move_runs(bool write_them, int memory)
{
	struct holdfast_run *run = (void *)buffer;

	if (!write_them) {
		MUST(lseek(memory, (off_t)(uintptr_t)AREA, SEEK_SET) > 0);
		for (uint64_t got = 0; got < SIZE;) {
			long ret = read(memory, buffer, CHUNK + PAGE);

			MUST(ret > 0);
			got += ret - ret % PAGE;
		}
		return;
	}
	for (uint64_t at = 0; at < SIZE; at += CHUNK) {
		run->start = (uintptr_t)AREA + at;
		run->end = run->start + CHUNK;
		MUST(write(memory, buffer, sizeof(*run) + CHUNK) == (long)(sizeof(*run) + CHUNK));
	}
}

static int open_memory(pid_t pid)
{
	struct holdfast_memory memory = { .pid = pid };
	int fd = open_device();

	memcpy(&memory.token, (void *)&common->token, sizeof(memory.token));
	MUST(!ioctl(fd, HOLDFAST_MEMORY, &memory));
	return fd;
}

static int open_proc(pid_t pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, strcmp(name, "mem") ? O_RDONLY : O_RDWR);
	MUST(fd >= 0);
	return fd;
}

static pid_t new_process(uint64_t size, bool sparse)
{
	pid_t pid;

	common->ready = 0;
	pid = fork();
	if (pid) {
		while (!common->ready)
			usleep(1000);
		usleep(50000);
		return pid;
	}
	MUST(mmap(AREA, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
		  -1, 0) == AREA);
	madvise(AREA, size, MADV_NOHUGEPAGE);
	for (uint64_t at = 0; at < size; at += sparse ? 64ull << 20 : PAGE)
		AREA[at] = (char)(at >> 12 | 1);
	be_process(1);
	return 0;
}

static void compare_moves(bool write)
{
	double rate[WAYS][RUNS];
	int controller = open_device();
	int memory, mem;
	pid_t pid;

	MUST(!ioctl(controller, HOLDFAST_CREATE, &common->token));
	pid = new_process(SIZE, false);
	memory = open_memory(pid);
	mem = open_proc(pid, "mem");
	for (int run = 0; run < RUNS; run++)
		for (enum way way = COPY; way < WAYS; way++) {
			uint64_t begin = now_ns();

			if (way == DRIVER_RUNS)
				move_runs(write, memory);
			else
				move_all(way, write, memory, mem, pid);
			rate[way][run] = SIZE / ((now_ns() - begin) / 1e9) / 1e6;
		}
	double base = median(rate[COPY]);

	for (enum way way = COPY; way < WAYS; way++) {
		double r = median(rate[way]);

		printf("| %s, %s | %.0f MB/s | %.2f |\n", write ? "write" : "read", ways[way], r, r / base);
	}
	fflush(stdout);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(memory);
	close(mem);
	close(controller);
}

static uint64_t scan_pagemap(int pagemap, uint64_t size)
{
	static uint64_t entries[65536];
	uint64_t used = 0;

	for (uint64_t page = 0; page < size / PAGE; page += 65536) {
		long n = pread(pagemap, entries, sizeof(entries),
			       (off_t)(((uintptr_t)AREA / PAGE + page) * 8));

		MUST(n == sizeof(entries));
		for (int i = 0; i < 65536; i++)
			used += entries[i] >> 62 != 0;
	}
	return used;
}

static uint64_t scan_driver(int memory)
{
	uint64_t used = 0;
	long ret;

	MUST(lseek(memory, (off_t)(uintptr_t)AREA, SEEK_SET) > 0);
	while ((ret = read(memory, buffer, CHUNK)) > 0)
		for (char *p = buffer; p < buffer + ret;) {
			struct holdfast_run run;

			memcpy(&run, p, sizeof(run));
			used += (run.end - run.start) / PAGE * (run.start < (uintptr_t)AREA + (10ull << 30));
			p += sizeof(run) + run.end - run.start;
		}
	return used;
}

static void compare_sparse(void)
{
	double driver[RUNS], pagemap[RUNS];
	const uint64_t size = 10ull << 30;
	int controller = open_device();
	int memory, map;
	pid_t pid;

	MUST(!ioctl(controller, HOLDFAST_CREATE, &common->token));
	pid = new_process(size, true);
	memory = open_memory(pid);
	map = open_proc(pid, "pagemap");
	for (int run = 0; run < RUNS; run++) {
		uint64_t begin = now_ns();

		MUST(scan_driver(memory) == size / (64 << 20));
		driver[run] = (now_ns() - begin) / 1e6;
		begin = now_ns();
		MUST(scan_pagemap(map, size) == size / (64 << 20));
		pagemap[run] = (now_ns() - begin) / 1e6;
	}
	double d = median(driver), p = median(pagemap);

	printf("| used pages of a sparse 10 GiB area | %.1f ms | pagemap takes %.1f times that |\n", d, p / d);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(controller);
}

int main(void)
{
	common = mmap(NULL, sizeof(*common), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	buffer = mmap(NULL, CHUNK + 2 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	copied = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	MUST(common != MAP_FAILED && buffer != MAP_FAILED && copied != MAP_FAILED);
	printf("| what | driver | signals take, times that | ptrace takes, times that |\n|---|---|---|---|\n");
	compare_stops(1, 1);
	compare_stops(1, 64);
	compare_stops(1, 1000);
	compare_stops(64, 1);
	printf("\n| what | rate | of a plain copy |\n|---|---|---|\n");
	compare_moves(false);
	compare_moves(true);
	printf("\n| what | driver | |\n|---|---|---|\n");
	compare_sparse();
	return 0;
}
