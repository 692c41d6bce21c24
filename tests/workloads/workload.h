/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workload.h - what every test program shares: how it says that it is ready, lives, failed or passed.
 *
 * A program sets up, calls workload_ready(), checks itself again and again `while (workload_goes_on())`, verifies a
 * last time and ends with workload_pass(). ../README.md tells how the harness uses that.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Tells the harness that everything is set up: creates $WORKLOAD_DIR/ready. */
void workload_ready(void);

/*
 * Counts one complete check in $WORKLOAD_DIR/beat, then waits a moment. Returns false when the harness wants the end.
 * Exits when another process of the program has failed.
 */
bool workload_goes_on(void);

/* For the other processes and threads of a program: true when the harness wants the end. */
bool workload_finished(void);

/* How long all that polls sleeps: 10 ms, or WORKLOAD_PAUSE_MS of the environment, for a slow machine. */
long workload_pause_ns(void);

/* Sleeps for that time, however many signals come. */
void workload_pause(void);

/* Prints `pass` and exits 0. */
_Noreturn void workload_pass(void);

/* Prints `FAIL: what`, leaves it in $WORKLOAD_DIR/failed and exits 1. May be called by any process and any thread. */
_Noreturn void workload_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same for a value that differs; with errno, if the value is -1. */
_Noreturn void workload_differs(const char *file, int line, const char *what, const char *wanted, long long expected,
				long long got);

/* The path of a file in $WORKLOAD_DIR; valid until 8 further calls. */
const char *workload_path(const char *name);

/* Waits for a child and checks its status, as wait(2) gives it. */
void workload_reap(pid_t child, int status);
#define EXITED(code) ((code) << 8)
#define KILLED(signal) (signal)

/* Bytes that only this seed gives, and the check that memory still holds them. */
void workload_fill(void *memory, size_t size, uint64_t seed);
void workload_verify(const char *what, const void *memory, size_t size, uint64_t seed);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t workload_now(void);

#define FAIL(...) workload_fail(__FILE__, __LINE__, __VA_ARGS__)

#define CHECK(condition)                                \
	do {                                            \
		if (!(condition))                       \
			FAIL("not so: %s", #condition); \
	} while (0)

/* For what other processes or threads may change as soon as they see the end. */
#define CHECK_BEFORE_END(condition) CHECK((condition) || workload_finished())

/* Compares two integers; a call that returned -1 tells its errno. */
#define SAME(expected, got)                                                                     \
	do {                                                                                    \
		long long expected_ = (long long)(expected), got_ = (long long)(got);           \
		if (expected_ != got_)                                                          \
			workload_differs(__FILE__, __LINE__, #got, #expected, expected_, got_); \
	} while (0)

/* The value of a call that returns -1 and sets errno when it fails. */
#define SYS(call)                                                \
	({                                                       \
		__typeof__(call) value_ = (call);                \
		if (value_ == (__typeof__(call))-1)              \
			FAIL("%s: errno %d (%m)", #call, errno); \
		value_;                                          \
	})

/* A call that must fail with this errno. */
#define FAILS(error, call)          \
	do {                        \
		errno = 0;          \
		SAME(-1, call);     \
		SAME(error, errno); \
	} while (0)

/* A call that returns an error number, as pthread_* do. */
#define ZERO(call) SAME(0, call)

#endif
