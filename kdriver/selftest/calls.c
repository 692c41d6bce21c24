// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that no call sees that it was interrupted by a stop
 *
 * One process has a thread in each call; it is stopped and resumed some times, then each call
 * is woken up, or times out. Each must return as if nothing had been.
 */
#define _GNU_SOURCE
#include "selftest.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#define TIME_MS 1500
#define TURNS 4
#define SLACK_MS 700

static const struct timespec the_time = { TIME_MS / 1000, TIME_MS % 1000 * 1000000 };

/* The thread's own things, made before it blocks, used to wake it up. */
struct caller {
	const struct call *call;
	pthread_t thread;
	int fd[2];
	int id;
	pid_t child;
	uint32_t word;
	volatile uint32_t blocked, done;
	long result;
	uint64_t took_ns;
};

struct call {
	const char *name;
	long (*block)(struct caller *c);	/* the result, or -errno */
	void (*wake)(struct caller *c);		/* NULL: the call times out */
	long expected;
	bool full_time;				/* its time may begin anew with each stop */
};

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

static struct timespec later(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += TIME_MS / 1000 + (t.tv_nsec + TIME_MS % 1000 * 1000000) / 1000000000;
	t.tv_nsec = (t.tv_nsec + TIME_MS % 1000 * 1000000) % 1000000000;
	return t;
}

static void handler(int sig)
{
	(void)sig;
}

static void write_one(struct caller *c)
{
	uint64_t one = 1;

	CHECK(write(c->fd[1], &one, 8) == 8);
}

static void signal_it(struct caller *c)
{
	pthread_kill(c->thread, SIGUSR1);
}

static long b_nanosleep(struct caller *c)
{
	(void)c;
	return result(nanosleep(&the_time, NULL));
}

static long b_clock_nanosleep_until(struct caller *c)
{
	struct timespec until = later();

	(void)c;
	return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static long b_poll_time(struct caller *c)
{
	(void)c;
	return result(poll(NULL, 0, TIME_MS));
}

static long b_ppoll_time(struct caller *c)
{
	(void)c;
	return result(ppoll(NULL, 0, &the_time, NULL));
}

/* The kernel cannot write back what is left: the_time is constant. */
static long b_ppoll_constant(struct caller *c)
{
	(void)c;
	return result(syscall(SYS_ppoll, NULL, 0, &the_time, NULL, 8));
}

static long b_select_time(struct caller *c)
{
	struct timeval t = { TIME_MS / 1000, TIME_MS % 1000 * 1000 };

	(void)c;
	return result(select(0, NULL, NULL, NULL, &t));
}

static long b_pselect_time(struct caller *c)
{
	(void)c;
	return result(pselect(0, NULL, NULL, NULL, &the_time, NULL));
}

static long b_epoll_time(struct caller *c)
{
	struct epoll_event event;

	c->fd[0] = epoll_create1(0);
	return result(epoll_wait(c->fd[0], &event, 1, TIME_MS));
}

static long b_epoll_pwait_time(struct caller *c)
{
	struct epoll_event event;
	sigset_t set;

	sigfillset(&set);
	c->fd[0] = epoll_create1(0);
	return result(epoll_pwait(c->fd[0], &event, 1, TIME_MS, &set));
}

static long b_epoll_pwait2_time(struct caller *c)
{
	struct epoll_event event;

	c->fd[0] = epoll_create1(0);
	return result(syscall(SYS_epoll_pwait2, c->fd[0], &event, 1, &the_time, NULL, 8));
}

static long b_sigtimedwait(struct caller *c)
{
	sigset_t set;

	(void)c;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return result(sigtimedwait(&set, NULL, &the_time));
}

static long b_semtimedop(struct caller *c)
{
	struct sembuf take = { 0, -1, 0 };

	c->id = semget(IPC_PRIVATE, 1, 0600);
	return result(semtimedop(c->id, &take, 1, &the_time));
}

static long b_futex_time(struct caller *c)
{
	return result(syscall(SYS_futex, &c->word, FUTEX_WAIT_PRIVATE, 0, &the_time));
}

static long b_futex_until(struct caller *c)
{
	struct timespec until = later();

	return result(syscall(SYS_futex, &c->word, FUTEX_WAIT_BITSET_PRIVATE, 0, &until, NULL, ~0));
}

static long b_io_getevents(struct caller *c)
{
	aio_context_t context = 0;
	struct io_event event;

	(void)c;
	if (syscall(SYS_io_setup, 8, &context))
		return -errno;
	return result(syscall(SYS_io_getevents, context, 1, 1, &event, &the_time));
}

static long b_mq_time(struct caller *c)
{
	struct timespec until;
	char name[32], message[8192];

	snprintf(name, sizeof(name), "/hf%d.%p", getpid(), (void *)c);
	c->id = mq_open(name, O_RDWR | O_CREAT, 0600, NULL);
	if (c->id < 0)
		return errno == ENOSYS ? -ETIMEDOUT : -errno;
	mq_unlink(name);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += TIME_MS / 1000;
	until.tv_nsec += TIME_MS % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	return result(mq_timedreceive(c->id, message, sizeof(message), NULL, &until));
}

static void make_sockets(struct caller *c)
{
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, c->fd));
}

static long b_recv_time(struct caller *c)
{
	struct timeval t = { TIME_MS / 1000, TIME_MS % 1000 * 1000 };
	char byte;

	make_sockets(c);
	setsockopt(c->fd[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	return result(recv(c->fd[0], &byte, 1, 0));
}

static long b_timerfd(struct caller *c)
{
	struct itimerspec t = { .it_value = the_time };
	uint64_t count;

	c->fd[0] = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(c->fd[0], 0, &t, NULL);
	return result(read(c->fd[0], &count, 8));
}

static long b_read_pipe(struct caller *c)
{
	uint64_t got;

	CHECK(!pipe(c->fd));
	c->blocked = 1;
	return result(read(c->fd[0], &got, 8));
}

static long b_write_pipe(struct caller *c)
{
	char page[4096] = { 0 };

	CHECK(!pipe(c->fd));
	fcntl(c->fd[1], F_SETPIPE_SZ, 4096);
	CHECK(write(c->fd[1], page, 4096) == 4096);
	c->blocked = 1;
	return result(write(c->fd[1], page, 4096));
}

static void read_page(struct caller *c)
{
	char page[4096];

	CHECK(read(c->fd[0], page, 4096) == 4096);
}

static long b_read_eventfd(struct caller *c)
{
	uint64_t got;

	c->fd[0] = c->fd[1] = eventfd(0, 0);
	c->blocked = 1;
	return result(read(c->fd[0], &got, 8));
}

static long b_recv(struct caller *c)
{
	uint64_t got;

	make_sockets(c);
	c->blocked = 1;
	return result(recv(c->fd[0], &got, 8, 0));
}

static long b_accept(struct caller *c)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	c->fd[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(name.sun_path + 1, 60, "hf-selftest-%d", getpid());
	CHECK(!bind(c->fd[0], (void *)&name, sizeof(name)));
	CHECK(!listen(c->fd[0], 1));
	c->blocked = 1;
	return accept(c->fd[0], NULL, NULL) >= 0 ? 0 : -errno;
}

static void connect_it(struct caller *c)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	c->fd[1] = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(name.sun_path + 1, 60, "hf-selftest-%d", getpid());
	CHECK(!connect(c->fd[1], (void *)&name, sizeof(name)));
}

static long b_semop(struct caller *c)
{
	struct sembuf take = { 0, -1, 0 };

	c->id = semget(IPC_PRIVATE, 1, 0600);
	c->blocked = 1;
	return result(semop(c->id, &take, 1));
}

static void give(struct caller *c)
{
	struct sembuf one = { 0, 1, 0 };

	CHECK(!semop(c->id, &one, 1));
}

struct message {
	long type;
	char text[8];
};

static long b_msgrcv(struct caller *c)
{
	struct message m;

	c->id = msgget(IPC_PRIVATE, 0600);
	c->blocked = 1;
	return result(msgrcv(c->id, &m, 8, 0, 0));
}

static void send_message(struct caller *c)
{
	struct message m = { 1, "seven.." };

	CHECK(!msgsnd(c->id, &m, 8, 0));
}

static long b_futex(struct caller *c)
{
	c->blocked = 1;
	return result(syscall(SYS_futex, &c->word, FUTEX_WAIT_PRIVATE, 0, NULL));
}

static void wake_futex(struct caller *c)
{
	c->word = 1;
	syscall(SYS_futex, &c->word, FUTEX_WAKE_PRIVATE, 1);
}

static long b_flock(struct caller *c)
{
	char path[] = "/tmp/hf-selftest.XXXXXX";

	c->fd[1] = mkstemp(path);
	c->fd[0] = open(path, O_RDWR);
	unlink(path);
	CHECK(!flock(c->fd[1], LOCK_EX));
	c->blocked = 1;
	return result(flock(c->fd[0], LOCK_EX));
}

static void unlock(struct caller *c)
{
	CHECK(!flock(c->fd[1], LOCK_UN));
}

static long b_waitpid(struct caller *c)
{
	long ret;

	c->child = fork();
	if (!c->child) {
		pause();
		_exit(0);
	}
	c->blocked = 1;
	ret = waitpid(c->child, NULL, 0);
	return ret == c->child ? 0 : -errno;
}

static void kill_child(struct caller *c)
{
	kill(c->child, SIGKILL);
}

static long b_epoll(struct caller *c)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	c->fd[0] = c->fd[1] = eventfd(0, 0);
	CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd[0], &event));
	c->blocked = 1;
	return result(epoll_wait(epoll, &event, 1, -1));
}

static long b_poll(struct caller *c)
{
	struct pollfd p = { .events = POLLIN };

	c->fd[0] = c->fd[1] = eventfd(0, 0);
	p.fd = c->fd[0];
	c->blocked = 1;
	return result(poll(&p, 1, -1));
}

static long b_signalfd(struct caller *c)
{
	struct signalfd_siginfo info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	c->fd[0] = signalfd(-1, &set, 0);
	c->blocked = 1;
	return result(read(c->fd[0], &info, sizeof(info)));
}

static void signal_rt(struct caller *c)
{
	pthread_kill(c->thread, SIGRTMIN);
}

static long b_sigwaitinfo(struct caller *c)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	c->blocked = 1;
	return result(sigwaitinfo(&set, NULL));
}

/* A handler of the program's own: these return EINTR then, and only then. */
static long b_sigsuspend(struct caller *c)
{
	sigset_t set;

	sigfillset(&set);
	sigdelset(&set, SIGUSR1);
	c->blocked = 1;
	return result(sigsuspend(&set));
}

static void unblock_usr1(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static long b_pause(struct caller *c)
{
	unblock_usr1();
	c->blocked = 1;
	return result(pause());
}

static long b_epoll_signal(struct caller *c)
{
	struct epoll_event event;
	int epoll = epoll_create1(0);

	unblock_usr1();
	c->blocked = 1;
	return result(epoll_wait(epoll, &event, 1, -1));
}

static long b_semop_signal(struct caller *c)
{
	unblock_usr1();
	return b_semop(c);
}

static const struct call calls[] = {
	{ "nanosleep", b_nanosleep, NULL, 0, false },
	{ "clock_nanosleep, absolute", b_clock_nanosleep_until, NULL, 0, false },
	{ "poll, time", b_poll_time, NULL, 0, false },
	{ "ppoll, time", b_ppoll_time, NULL, 0, false },
	{ "ppoll, constant time", b_ppoll_constant, NULL, 0, true },
	{ "select, time", b_select_time, NULL, 0, false },
	{ "pselect, time", b_pselect_time, NULL, 0, false },
	{ "epoll_wait, time", b_epoll_time, NULL, 0, false },
	{ "epoll_pwait, time", b_epoll_pwait_time, NULL, 0, false },
	{ "epoll_pwait2, time", b_epoll_pwait2_time, NULL, 0, false },
	{ "sigtimedwait", b_sigtimedwait, NULL, -EAGAIN, false },
	{ "semtimedop", b_semtimedop, NULL, -EAGAIN, false },
	{ "futex, time", b_futex_time, NULL, -ETIMEDOUT, false },
	{ "futex, absolute", b_futex_until, NULL, -ETIMEDOUT, false },
	{ "io_getevents, time", b_io_getevents, NULL, 0, false },
	{ "mq_timedreceive", b_mq_time, NULL, -ETIMEDOUT, false },
	{ "recv, SO_RCVTIMEO", b_recv_time, NULL, -EAGAIN, true },
	{ "read timerfd", b_timerfd, NULL, 8, false },
	{ "read pipe", b_read_pipe, write_one, 8, false },
	{ "write pipe", b_write_pipe, read_page, 4096, false },
	{ "read eventfd", b_read_eventfd, write_one, 8, false },
	{ "recv", b_recv, write_one, 8, false },
	{ "accept", b_accept, connect_it, 0, false },
	{ "semop", b_semop, give, 0, false },
	{ "msgrcv", b_msgrcv, send_message, 8, false },
	{ "futex", b_futex, wake_futex, 0, false },
	{ "flock", b_flock, unlock, 0, false },
	{ "waitpid", b_waitpid, kill_child, 0, false },
	{ "epoll_wait", b_epoll, write_one, 1, false },
	{ "poll", b_poll, write_one, 1, false },
	{ "read signalfd", b_signalfd, signal_rt, sizeof(struct signalfd_siginfo), false },
	{ "sigwaitinfo", b_sigwaitinfo, signal_it, SIGUSR1, false },
	{ "sigsuspend", b_sigsuspend, signal_it, -EINTR, false },
	{ "pause", b_pause, signal_it, -EINTR, false },
	{ "epoll_wait, handler", b_epoll_signal, signal_it, -EINTR, false },
	{ "semop, handler", b_semop_signal, signal_it, -EINTR, false },
};

#define CALLS (sizeof(calls) / sizeof(*calls))

static void *call_thread(void *arg)
{
	struct caller *c = arg;
	uint64_t began = now_ns();

	c->result = c->call->block(c);
	c->took_ns = now_ns() - began;
	c->done = 1;
	__atomic_add_fetch(&shared->value[1], 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static bool is_right(const struct caller *c)
{
	uint64_t took_ms = c->took_ns / 1000000;
	uint64_t most = TIME_MS + SLACK_MS + (c->call->full_time ? TURNS * 400 : 0);

	if (c->result != c->call->expected) {
		printf("# %s: returned %ld, expected %ld\n", c->call->name, c->result, c->call->expected);
		return false;
	}
	if (!c->call->wake && (took_ms < TIME_MS - 20 || took_ms > most)) {
		printf("# %s: took %llu ms, expected %d\n", c->call->name,
		       (unsigned long long)took_ms, TIME_MS);
		return false;
	}
	return true;
}

/* The member: a thread for each call; shared->value[0] counts those that went wrong. */
static void make_calls(void)
{
	static struct caller callers[CALLS];
	struct sigaction action = { .sa_handler = handler };
	sigset_t all;

	sigfillset(&all);
	sigaction(SIGUSR1, &action, NULL);
	/* A signal that is blocked must not matter. */
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	for (size_t i = 0; i < CALLS; i++) {
		callers[i].call = &calls[i];
		CHECK(!pthread_create(&callers[i].thread, NULL, call_thread, &callers[i]));
	}
	for (size_t i = 0; i < CALLS; i++)
		AWAIT(!calls[i].wake || callers[i].blocked);
	shared->go = 1;
	AWAIT(shared->go == 2);
	for (size_t i = 0; i < CALLS; i++) {
		if (calls[i].wake && callers[i].done) {
			printf("# %s: returned %ld before it was woken up\n", calls[i].name,
			       callers[i].result);
			shared->value[0]++;
		} else if (calls[i].wake) {
			calls[i].wake(&callers[i]);
		}
	}
	AWAIT(shared->value[1] == CALLS);
	for (size_t i = 0; i < CALLS; i++)
		shared->value[0] += !is_right(&callers[i]);
	fflush(stdout);
	shared->go = 3;
	pause();
}

static void test_calls(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, make_calls);

	AWAIT(shared->go == 1);
	for (int turn = 0; turn < TURNS; turn++) {
		usleep(150000);
		CHECK(!stop_group(controller, &stop, 5000));
		CHECK(stop.processes == 1 && stop.threads > 18);
		usleep(20000);
		CHECK(!resume_group(controller));
	}
	shared->go = 2;
	AWAIT(shared->go == 3);
	CHECK(!shared->value[0]);
	end_child(pid);
}

const struct test call_tests[] = {
	{ "calls: none sees a stop", test_calls },
	{}
};
