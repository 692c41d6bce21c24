/* SPDX-License-Identifier: Apache-2.0 */
/* pipe_bulk - a stream at full speed through two pipes and three processes, in pieces of all sizes, verified. */
#include <unistd.h>

#include "workload.h"

#define CHUNK (256 << 10)

static _Noreturn void write_stream(int out)
{
	static char chunk[CHUNK];

	for (uint64_t seed = 0;; seed++) {
		size_t piece = 1 + seed * 7919 % 70000;

		workload_fill(chunk, CHUNK, seed);
		for (size_t at = 0; at < CHUNK;) {
			size_t left = CHUNK - at;

			at += SYS(write(out, chunk + at, left < piece ? left : piece));
		}
	}
}

static _Noreturn void pass_on(int in, int out)
{
	static char piece[10007];
	ssize_t n;

	while ((n = SYS(read(in, piece, sizeof(piece)))) > 0)
		for (ssize_t at = 0; at < n;)
			at += SYS(write(out, piece + at, n - at));
	_exit(0);
}

static void read_chunk(int in, uint64_t seed)
{
	static char chunk[CHUNK];

	for (size_t at = 0; at < CHUNK;) {
		ssize_t n = SYS(read(in, chunk + at, CHUNK - at));

		CHECK(n > 0);
		at += n;
	}
	workload_verify("chunk of the stream", chunk, CHUNK, seed);
}

int main(void)
{
	int first[2], second[2];
	uint64_t seed = 0;
	pid_t middle, writer;

	SYS(pipe(first));
	SYS(pipe(second));
	middle = SYS(fork());
	if (!middle) {
		SYS(close(first[1]));
		SYS(close(second[0]));
		pass_on(first[0], second[1]);
	}
	SYS(close(first[0]));
	SYS(close(second[1]));
	writer = SYS(fork());
	if (!writer) {
		SYS(close(second[0]));
		write_stream(first[1]);
	}
	SYS(close(first[1]));
	workload_ready();
	do
		for (int i = 0; i < 8; i++)
			read_chunk(second[0], seed++);
	while (workload_goes_on());
	workload_pass();
}
