/* SPDX-License-Identifier: Apache-2.0 */
/* workload.c - see workload.h. */
#include "workload.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *workload_path(const char *name)
{
	static _Thread_local char paths[8][256];
	static _Thread_local unsigned next;
	const char *dir = getenv("WORKLOAD_DIR");
	char *path = paths[next++ % 8];

	if (!dir) {
		fputs("WORKLOAD_DIR is not set: this program is started by tests/run\n", stderr);
		_exit(2);
	}
	if (snprintf(path, sizeof(paths[0]), "%s/%s", dir, name) >= (int)sizeof(paths[0]))
		FAIL("path too long");
	return path;
}

void workload_ready(void)
{
	int fd = SYS(open(workload_path("ready"), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));

	SYS(close(fd));
}

static bool exists(const char *name)
{
	return !access(workload_path(name), F_OK);
}

bool workload_finished(void)
{
	return exists("finish");
}

long workload_pause_ns(void)
{
	const char *ms = getenv("WORKLOAD_PAUSE_MS");

	return (ms ? atol(ms) : 10) * 1000000;
}

void workload_pause(void)
{
	struct timespec left = { 0, workload_pause_ns() };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

bool workload_goes_on(void)
{
	static unsigned long beat;
	char text[24];
	int fd;

	if (exists("failed"))
		_exit(1);
	snprintf(text, sizeof(text), "%020lu\n", ++beat);
	fd = SYS(open(workload_path("beat"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	SAME(21, pwrite(fd, text, 21, 0));
	SYS(close(fd));
	workload_pause();
	return !workload_finished();
}

static void say(const char *text)
{
	size_t length = strlen(text);

	if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
		_exit(3);
}

void workload_pass(void)
{
	if (exists("failed"))
		_exit(1);
	say("pass\n");
	_exit(0);
}

void workload_fail(const char *file, int line, const char *format, ...)
{
	char what[800], text[1000];
	va_list arguments;
	int fd;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	snprintf(text, sizeof(text), "FAIL: %s:%d: %s [process %d, thread %d]\n", file, line, what, getpid(), gettid());
	fd = open(workload_path("failed"), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		perror("failed");
	say(text);
	_exit(1);
}

void workload_differs(const char *file, int line, const char *what, const char *wanted, long long expected,
		      long long got)
{
	if (got == -1)
		workload_fail(file, line, "%s, expected %lld (%s), got -1 (%m)", what, expected, wanted);
	workload_fail(file, line, "%s, expected %lld (%s), got %lld", what, expected, wanted, got);
}

void workload_reap(pid_t child, int status)
{
	int got;

	SAME(child, waitpid(child, &got, 0));
	SAME(status, got);
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

void workload_fill(void *memory, size_t size, uint64_t seed)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15 + 0x1234567;
	char *bytes = memory;

	for (size_t at = 0; at < size; at += 8) {
		uint64_t value = next_random(&state);

		memcpy(bytes + at, &value, size - at < 8 ? size - at : 8);
	}
}

void workload_verify(const char *what, const void *memory, size_t size, uint64_t seed)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15 + 0x1234567;
	const char *bytes = memory;

	for (size_t at = 0; at < size; at += 8) {
		uint64_t value = next_random(&state), got = 0;
		size_t length = size - at < 8 ? size - at : 8;

		memcpy(&got, bytes + at, length);
		if (memcmp(&got, &value, length))
			FAIL("%s at offset %zu (%p), expected %#lx, got %#lx", what, at, (const void *)(bytes + at),
			     value, got);
	}
}

int64_t workload_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}
