/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the driver share
 *
 * A test is a function that returns when all it looked at was right; CHECK ends it, and its
 * process, when something is not. Each test runs in a process of its own, whose children
 * end with it.
 */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <unistd.h>

#include <holdfast.h>

#define CHECK(condition) do { \
	if (!(condition)) { \
		printf("# %s:%d: %s (errno %d: %s)\n", __FILE__, __LINE__, #condition, errno, strerror(errno)); \
		fflush(stdout); \
		_exit(1); \
	} \
} while (0)

/* The call fails with that error. */
#define CHECK_ERROR(call, error) do { \
	errno = 0; \
	CHECK((call) < 0); \
	CHECK(errno == (error)); \
} while (0)

/* Waits for a condition that another process or thread makes true, 20 s at the most. */
#define AWAIT(condition) do { \
	for (int turn = 0; !(condition) && turn < 20000; turn++) \
		usleep(1000); \
	CHECK(condition); \
} while (0)

struct test {
	const char *name;
	void (*run)(void);
};

extern const struct test group_tests[], barrier_tests[], call_tests[], state_tests[],
	memory_tests[], identity_tests[], grant_tests[], fault_tests[];

bool can_fail(void);			/* whether the kernel lets allocations fail */

/* Memory that the test shares with the children it makes: zeroes, 4 pages. */
extern volatile struct shared {
	uint64_t counter[256];
	uint32_t ready;
	uint32_t go;
	uint64_t value[64];
} *shared;

extern void *volatile nowhere;		/* an address that is not mapped */

int open_device(void);			/* greeted */
int new_controller(struct holdfast_token *token);
int try_join(const struct holdfast_token *token, uint32_t flags, int64_t inside);
/* The memory of a member; -1: refused. */
int open_memory(const struct holdfast_token *token, pid_t pid);
int open_mem(pid_t pid, int flags);	/* /proc/PID/mem */
/* A child that has joined the group and runs `fn`. */
pid_t new_member(const struct holdfast_token *token, void (*fn)(void));
/* A child that has not. */
pid_t new_child(void (*fn)(void));
void end_child(pid_t pid);		/* kills it and waits for it */
int stop_group(int controller, struct holdfast_stop *stop, unsigned int timeout_ms);
int resume_group(int controller);
void spin(void);			/* counts shared->counter[0] for ever */
bool counts(void);			/* whether counter[0] changes within 50 ms */
void become_user(unsigned int uid);	/* for good */
uint64_t now_ns(void);

#endif
