/* SPDX-License-Identifier: Apache-2.0 */
/* calls.c - a loop of system calls: small reads, writes, and a question to the kernel. usage: calls THOUSANDS */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? atol(argv[1]) * 1000 : 0;
	int from = open("/dev/zero", O_RDONLY), to = open("/dev/null", O_WRONLY);
	char buffer[64];

	for (long n = 0; n < rounds; n++)
		if (read(from, buffer, sizeof(buffer)) != sizeof(buffer) ||
		    write(to, buffer, sizeof(buffer)) != sizeof(buffer) || syscall(SYS_getppid) < 0)
			err(1, "a system call");
	return 0;
}
