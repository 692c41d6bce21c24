/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eintr - threads blocked in every interruptible call without locks: none returns before the end, and then with the
 * result that it waited for, never with EINTR.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

static const struct timespec hour = { 3600, 0 };

/* One per thread: what it blocks on and what its release needs. */
struct wait {
	int fds[2];
	sem_t semaphore;
	pthread_t thread;
	volatile bool returned;
};

static void in_read(struct wait *w)
{
	char byte;

	SAME(1, read(w->fds[0], &byte, 1));
}

static void in_readv(struct wait *w)
{
	char bytes[2];
	struct iovec parts[] = { { bytes, 1 }, { bytes + 1, 1 } };

	SAME(1, readv(w->fds[0], parts, 2));
}

static void in_poll(struct wait *w)
{
	struct pollfd p = { w->fds[0], POLLIN, 0 };

	SAME(1, poll(&p, 1, -1));
	SAME(POLLIN, p.revents);
}

static void in_poll_hour(struct wait *w)
{
	struct pollfd p = { w->fds[0], POLLIN, 0 };

	SAME(1, poll(&p, 1, 3600000));
	SAME(POLLIN, p.revents);
}

static void in_ppoll(struct wait *w)
{
	struct pollfd p = { w->fds[0], POLLIN, 0 };
	sigset_t mask;

	sigfillset(&mask);
	SAME(1, ppoll(&p, 1, &hour, &mask));
	SAME(POLLIN, p.revents);
}

static fd_set set_of(int fd)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return set;
}

static void in_select(struct wait *w)
{
	fd_set set = set_of(w->fds[0]);

	SAME(1, select(w->fds[0] + 1, &set, NULL, NULL, NULL));
	CHECK(FD_ISSET(w->fds[0], &set));
}

static void in_select_hour(struct wait *w)
{
	fd_set set = set_of(w->fds[0]);
	struct timeval limit = { 3600, 0 };

	SAME(1, select(w->fds[0] + 1, &set, NULL, NULL, &limit));
	CHECK(FD_ISSET(w->fds[0], &set));
}

static void in_pselect(struct wait *w)
{
	fd_set set = set_of(w->fds[0]);
	sigset_t mask;

	sigfillset(&mask);
	SAME(1, pselect(w->fds[0] + 1, &set, NULL, NULL, &hour, &mask));
	CHECK(FD_ISSET(w->fds[0], &set));
}

static int epoll_of(int fd)
{
	int epoll = SYS(epoll_create1(EPOLL_CLOEXEC));

	SYS(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){ EPOLLIN, { .fd = fd } }));
	return epoll;
}

static void in_epoll_wait(struct wait *w)
{
	struct epoll_event event;

	SAME(1, epoll_wait(epoll_of(w->fds[0]), &event, 1, -1));
	SAME(w->fds[0], event.data.fd);
}

static void in_epoll_pwait(struct wait *w)
{
	struct epoll_event event;
	sigset_t mask;

	sigfillset(&mask);
	SAME(1, epoll_pwait(epoll_of(w->fds[0]), &event, 1, 3600000, &mask));
	SAME(w->fds[0], event.data.fd);
}

static void in_epoll_pwait2(struct wait *w)
{
	struct epoll_event event;

	SAME(1, epoll_pwait2(epoll_of(w->fds[0]), &event, 1, &hour, NULL));
	SAME(w->fds[0], event.data.fd);
}

static void in_sem_wait(struct wait *w)
{
	SYS(sem_wait(&w->semaphore));
}

static struct timespec in_an_hour(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_sec += 3600;
	return t;
}

static void in_sem_timedwait(struct wait *w)
{
	struct timespec limit = in_an_hour(CLOCK_REALTIME);

	SYS(sem_timedwait(&w->semaphore, &limit));
}

static void in_sem_clockwait(struct wait *w)
{
	struct timespec limit = in_an_hour(CLOCK_MONOTONIC);

	SYS(sem_clockwait(&w->semaphore, CLOCK_MONOTONIC, &limit));
}

/* The kind of wait that older programs make: interrupted ones would return EINTR, whatever SA_RESTART says. */
static void in_futex_hour(struct wait *w)
{
	SYS(syscall(SYS_futex, &w->semaphore, 0 /* FUTEX_WAIT */, 0, &hour, NULL, 0));
}

static void in_sigtimedwait(struct wait *w)
{
	sigset_t set;

	(void)w;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	SAME(SIGUSR1, sigtimedwait(&set, NULL, &hour));
}

static void in_wait4(struct wait *w)
{
	pid_t child = SYS(fork());

	(void)w;
	if (!child) {
		while (!workload_finished())
			workload_pause();
		_exit(12);
	}
	workload_reap(child, EXITED(12));
}

static void in_open_fifo(struct wait *w)
{
	SYS(close(SYS(open(workload_path("fifo"), O_RDONLY | O_CLOEXEC))));
	(void)w;
}

static void in_eventfd(struct wait *w)
{
	uint64_t value;

	SAME(8, read(w->fds[1], &value, 8));
	SAME(1, value);
}

static void in_write(struct wait *w)
{
	char block[65536];

	workload_fill(block, sizeof(block), 5);
	SAME(sizeof(block), write(w->fds[1], block, sizeof(block)));
	SAME(sizeof(block), write(w->fds[1], block, sizeof(block)));
}

static void by_byte(struct wait *w)
{
	SAME(1, write(w->fds[1], "x", 1));
}

static void by_post(struct wait *w)
{
	SYS(sem_post(&w->semaphore));
}

static void by_signal(struct wait *w)
{
	ZERO(pthread_kill(w->thread, SIGUSR1));
}

static void by_itself(struct wait *w)
{
	(void)w;
}

static void by_fifo(struct wait *w)
{
	(void)w;
	SYS(close(SYS(open(workload_path("fifo"), O_WRONLY | O_CLOEXEC))));
}

static void by_count(struct wait *w)
{
	uint64_t one = 1;

	SAME(8, write(w->fds[1], &one, 8));
}

static void by_futex(struct wait *w)
{
	while (!w->returned) {
		SYS(syscall(SYS_futex, &w->semaphore, 1 /* FUTEX_WAKE */, 1, NULL, NULL, 0));
		workload_pause();
	}
}

static void by_reading(struct wait *w)
{
	char block[65536];

	for (int i = 0; i < 2; i++) {
		for (size_t n = 0; n < sizeof(block);)
			n += SYS(read(w->fds[0], block + n, sizeof(block) - n));
		workload_verify("what the blocked writer wrote", block, sizeof(block), 5);
	}
}

static const struct form {
	void (*wait)(struct wait *);
	void (*release)(struct wait *);
} forms[] = {
	{ in_read, by_byte },		{ in_readv, by_byte },	       { in_poll, by_byte },
	{ in_poll_hour, by_byte },	{ in_ppoll, by_byte },	       { in_select, by_byte },
	{ in_select_hour, by_byte },	{ in_pselect, by_byte },       { in_epoll_wait, by_byte },
	{ in_epoll_pwait, by_byte },	{ in_epoll_pwait2, by_byte },  { in_sem_wait, by_post },
	{ in_sem_timedwait, by_post },	{ in_sem_clockwait, by_post }, { in_futex_hour, by_futex },
	{ in_sigtimedwait, by_signal }, { in_wait4, by_itself },       { in_open_fifo, by_fifo },
	{ in_eventfd, by_count },	{ in_write, by_reading },
};
#define FORMS ((int)(sizeof(forms) / sizeof(*forms)))

static struct wait waits[FORMS];

static void *run(void *number)
{
	struct wait *w = &waits[(intptr_t)number];

	forms[(intptr_t)number].wait(w);
	if (!workload_finished())
		FAIL("blocked call %d (of the list `forms`) returned before the end", (int)(intptr_t)number);
	w->returned = true;
	return NULL;
}

static void set_up(int i)
{
	struct wait *w = &waits[i];

	SYS(pipe(w->fds));
	if (forms[i].wait == in_eventfd)
		w->fds[1] = SYS(eventfd(0, EFD_CLOEXEC));
	SYS(sem_init(&w->semaphore, 0, 0));
	ZERO(pthread_create(&w->thread, NULL, run, (void *)(intptr_t)i));
}

int main(void)
{
	sigset_t all;

	sigfillset(&all);
	ZERO(pthread_sigmask(SIG_BLOCK, &all, NULL));
	SYS(mkfifo(workload_path("fifo"), 0600));
	for (int i = 0; i < FORMS; i++)
		set_up(i);
	for (int i = 0; i < 10; i++) /* lets them get there */
		workload_pause();
	workload_ready();
	do
		for (int i = 0; i < FORMS; i++)
			if (waits[i].returned && !workload_finished())
				FAIL("blocked call %d (of the list `forms`) returned before the end", i);
	while (workload_goes_on());
	for (int i = 0; i < FORMS; i++) {
		forms[i].release(&waits[i]);
		ZERO(pthread_join(waits[i].thread, NULL));
	}
	workload_pass();
}
