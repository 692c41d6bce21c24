/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_rollback - output files that grow, by write, by append and through a stdio buffer: after a restart each is
 * exactly what the program has written so far, neither torn nor doubled.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "workload.h"

#define MOST (8 << 20)

/* A file and all that was written to it. */
struct output {
	int fd;
	long length;
	char content[MOST];
};

/* A line of a length of its own, so that a tear or an old rest shows. */
static int add_line(struct output *o, int number)
{
	int length = snprintf(o->content + o->length, MOST - o->length, "line %d %.*s\n", number, number * 7 % 40,
			      "........................................");

	o->length += length;
	CHECK(o->length < MOST);
	return length;
}

static void check(struct output *o)
{
	static char got[MOST];

	SAME(o->length, pread(o->fd, got, MOST, 0));
	for (long at = 0; at < o->length; at++)
		if (o->content[at] != got[at])
			FAIL("byte %ld, expected '%.20s', got '%.20s'", at, o->content + at, got + at);
}

static void add(struct output *o, int number)
{
	int length = add_line(o, number);

	SAME(length, write(o->fd, o->content + o->length - length, length));
	check(o);
}

/* Buffered: all of it is there after a flush. */
static void add_buffered(struct output *o, FILE *file, int number)
{
	int length = add_line(o, number);

	SAME(length, fwrite(o->content + o->length - length, 1, length, file));
	if (number % 5 == 0) {
		ZERO(fflush(file));
		check(o);
	}
}

int main(void)
{
	static struct output written, appended, buffered;
	FILE *file = fopen(workload_path("buffered"), "w+e");
	int number = 0;

	CHECK(file);
	buffered.fd = fileno(file);
	written.fd = SYS(open(workload_path("written"), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	appended.fd = SYS(open(workload_path("appended"), O_CREAT | O_RDWR | O_CLOEXEC | O_APPEND, 0600));
	workload_ready();
	do {
		add(&written, number);
		add(&appended, number);
		add_buffered(&buffered, file, number++);
	} while (workload_goes_on());
	workload_pass();
}
