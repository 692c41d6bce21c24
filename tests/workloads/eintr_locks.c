/* SPDX-License-Identifier: Apache-2.0 */
// needs: locks
/* eintr_locks - processes that wait for file locks which another holds until the end: flock, F_SETLKW, F_OFD_SETLKW. */
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "workload.h"

static void by_flock(int fd)
{
	SYS(flock(fd, LOCK_EX));
}

static void by_setlkw(int fd)
{
	SYS(fcntl(fd, F_SETLKW, &(struct flock){ .l_type = F_WRLCK, .l_start = 100, .l_len = 10 }));
}

static void by_ofd_setlkw(int fd)
{
	SYS(fcntl(fd, F_OFD_SETLKW, &(struct flock){ .l_type = F_WRLCK, .l_start = 200, .l_len = 10 }));
}

static void (*const forms[])(int) = { by_flock, by_setlkw, by_ofd_setlkw };
static const char *const names[] = { "flock", "setlkw", "ofd" };

static int open_lock(int i)
{
	return SYS(open(workload_path(names[i]), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
}

int main(void)
{
	pid_t child[3];
	int held[3];

	for (int i = 0; i < 3; i++) {
		held[i] = open_lock(i);
		forms[i](held[i]);
		child[i] = SYS(fork());
		if (!child[i]) {
			for (int other = 0; other <= i; other++)
				SYS(close(held[other])); /* or the children would keep the locks themselves */
			forms[i](open_lock(i));
			CHECK(workload_finished());
			_exit(i);
		}
	}
	for (int i = 0; i < 10; i++)
		workload_pause();
	workload_ready();
	while (workload_goes_on())
		;
	for (int i = 0; i < 3; i++) {
		SYS(close(held[i]));
		workload_reap(child[i], EXITED(i));
	}
	workload_pass();
}
