/* SPDX-License-Identifier: Apache-2.0 */
// needs: locks
/*
 * locks_posix_flock - locks of files by flock, by process and by open file description stay with their holder; those
 * of a closed file are gone at once. Another process looks at them.
 */
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "workload.h"

static int open_lock(const char *name)
{
	return SYS(open(workload_path(name), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
}

static struct flock range(short type, off_t start, off_t length)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
}

static void set(int fd, int command, short type, off_t start, off_t length)
{
	struct flock lock = range(type, start, length);

	SYS(fcntl(fd, command, &lock));
}

static void check_range(int fd, int command, off_t start, short type, pid_t holder, off_t from, off_t length)
{
	struct flock lock = range(F_WRLCK, start, 1);

	SYS(fcntl(fd, command, &lock));
	SAME(type, lock.l_type);
	if (type == F_UNLCK)
		return;
	SAME(holder, lock.l_pid);
	SAME(from, lock.l_start);
	SAME(length, lock.l_len);
}

/* A lock on a file that is opened and closed in between: nobody else may keep it. */
static void check_transient(void)
{
	for (int i = 0; i < 5; i++) {
		int one = open_lock("transient"), two = open_lock("transient");

		SYS(flock(one, LOCK_EX | LOCK_NB));
		FAILS(EWOULDBLOCK, flock(two, LOCK_EX | LOCK_NB));
		SYS(close(one));
		SYS(flock(two, LOCK_EX | LOCK_NB));
		SYS(close(two));
	}
}

static void watch(pid_t holder)
{
	int exclusive = open_lock("exclusive"), shared = open_lock("shared"), process = open_lock("process");
	int description = open_lock("description");

	while (!workload_finished()) {
		FAILS(EWOULDBLOCK, flock(exclusive, LOCK_SH | LOCK_NB));
		FAILS(EWOULDBLOCK, flock(shared, LOCK_EX | LOCK_NB));
		SYS(flock(shared, LOCK_SH | LOCK_NB));
		SYS(flock(shared, LOCK_UN));
		check_range(process, F_GETLK, 15, F_WRLCK, holder, 10, 10);
		check_range(process, F_GETLK, 33, F_RDLCK, holder, 30, 5);
		check_range(process, F_GETLK, 25, F_UNLCK, 0, 0, 0);
		check_range(description, F_OFD_GETLK, 5, F_WRLCK, -1, 0, 0);
		workload_pause();
	}
}

int main(void)
{
	int exclusive = open_lock("exclusive"), shared = open_lock("shared"), process = open_lock("process");
	int description = open_lock("description");
	pid_t me = getpid(), child;

	SYS(flock(exclusive, LOCK_EX));
	SYS(flock(shared, LOCK_SH));
	set(process, F_SETLK, F_WRLCK, 10, 10);
	set(process, F_SETLK, F_RDLCK, 30, 5);
	set(description, F_OFD_SETLK, F_WRLCK, 0, 0);
	child = SYS(fork());
	if (!child) {
		watch(me);
		_exit(0);
	}
	workload_ready();
	do
		check_transient();
	while (workload_goes_on());
	workload_reap(child, EXITED(0));
	workload_pass();
}
