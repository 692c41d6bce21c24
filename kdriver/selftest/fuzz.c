// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random calls with random arguments, by several ordinary users, while members
 * fork, exec, end and are killed
 *
 * fuzz SECONDS [SEED]: says what it did; that the kernel did not complain is for the caller to see. Needs root
 * and /dev/holdfast.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <holdfast.h>

#define USERS 3
#define WORKERS 2	/* of each user */
#define TOKENS 4
#define FILES 6
#define LONGEST_STOP_NS 40000000

/* Seen by all processes. */
static struct common {
	struct {
		struct holdfast_token tokens[TOKENS];
		int32_t pids[64];
	} of_user[USERS];
	uint64_t calls, successes, stops, joins;
	uint64_t failed_stops[16];	/* by enum holdfast_reason */
} *common;

static int user;	/* whose process this is */

static __thread uint64_t state;
static int files[FILES];
static char *buffer;

#define BUFFER (256u << 10)

static uint64_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static bool one_in(uint64_t n)
{
	return !(rnd() % n);
}

/* A number that is likely to be wrong in an interesting way. */
static uint64_t odd_number(void)
{
	static const uint64_t odd[] = {
		0, 1, 7, 8, 16, 4095, 4096, 4097, 0x7fffffff, 0x80000000, 0xffffffff,
		0x7fffffffffff, 0x800000000000, 0x7fffffffffffffff, 0x8000000000000000, ~0ull,
	};

	switch (rnd() % 4) {
	case 0:
		return odd[rnd() % (sizeof(odd) / sizeof(*odd))];
	case 1:
		return (uintptr_t)buffer + rnd() % BUFFER;
	case 2:
		return rnd() % 64;
	default:
		return rnd();
	}
}

/* Mostly the process's own; sometimes a stranger. */
static int some_user(void)
{
	return one_in(16) ? (int)(rnd() % USERS) : user;
}

static int32_t some_pid(void)
{
	return one_in(8) ? (int32_t)odd_number() : common->of_user[some_user()].pids[rnd() % 64];
}

static struct holdfast_token some_token(void)
{
	struct holdfast_token token = common->of_user[some_user()].tokens[rnd() % TOKENS];

	if (one_in(20))
		token.bytes[rnd() % sizeof(token)] ^= 1 << rnd() % 8;
	return token;
}

static int some_file(void)
{
	return files[rnd() % FILES];
}

union args {
	struct holdfast_hello hello;
	struct holdfast_token token;
	struct holdfast_join join;
	struct holdfast_add add;
	struct holdfast_stop stop;
	struct holdfast_resume resume;
	struct holdfast_list list;
	struct holdfast_regset regset;
	struct holdfast_signals signals;
	struct holdfast_memory memory;
	struct holdfast_grant grant;
	uint64_t words[16];
};

static const unsigned int commands[] = {
	HOLDFAST_HELLO, HOLDFAST_CREATE, HOLDFAST_ADD, HOLDFAST_STOP, HOLDFAST_STOP, HOLDFAST_STOP,
	HOLDFAST_RESUME, HOLDFAST_MEMBERS, HOLDFAST_THREADS, HOLDFAST_REGSET, HOLDFAST_SIGNALS,
	HOLDFAST_FILES, HOLDFAST_AREAS, HOLDFAST_REVOKE, HOLDFAST_JOIN, HOLDFAST_GRANT, HOLDFAST_DROP,
	HOLDFAST_MEMORY,
};

static void sensible_args(unsigned int command, union args *args)
{
	char path[64];

	memset(args, 0, sizeof(*args));
	switch (command) {
	case HOLDFAST_HELLO:
		args->hello.abi = HOLDFAST_ABI;
		break;
	case HOLDFAST_JOIN:
		args->join.token = some_token();
		args->join.flags = rnd() % 4;
		args->join.inside = args->join.flags & HOLDFAST_JOIN_INSIDE ? -(int64_t)(rnd() % 1024 * 4) : 0;
		break;
	case HOLDFAST_ADD:
		args->add.pid = some_pid();
		snprintf(path, sizeof(path), "/proc/%d/mem", args->add.pid);
		args->add.mem_fd = open(path, O_RDWR | O_CLOEXEC);
		break;
	case HOLDFAST_STOP:
		args->stop.timeout_ns = rnd() % LONGEST_STOP_NS;
		break;
	case HOLDFAST_MEMBERS:
	case HOLDFAST_THREADS:
	case HOLDFAST_FILES:
	case HOLDFAST_AREAS:
		args->list.pid = command == HOLDFAST_MEMBERS ? 0 : some_pid();
		args->list.array = (uintptr_t)buffer;
		args->list.count = rnd() % 128;
		break;
	case HOLDFAST_REGSET:
		args->regset.tid = some_pid();
		args->regset.note = one_in(2) ? 1 : one_in(2) ? 2 : 0x202;
		args->regset.buffer = (uintptr_t)buffer;
		args->regset.size = 16384;
		break;
	case HOLDFAST_SIGNALS:
		args->signals.tid = some_pid();
		args->signals.process = rnd() % 2;
		args->signals.array = (uintptr_t)buffer;
		args->signals.count = rnd() % 64;
		break;
	case HOLDFAST_MEMORY:
		args->memory.token = some_token();
		args->memory.pid = some_pid();
		break;
	case HOLDFAST_GRANT:
		args->grant.timeout_ns = rnd() % 50000000;
		args->grant.image_fd = open("/tmp", O_RDONLY | O_CLOEXEC);
		break;
	}
}

/* Tells others what became of it. */
static void note(unsigned int command, const union args *args)
{
	__atomic_add_fetch(&common->successes, 1, __ATOMIC_RELAXED);
	if (command == HOLDFAST_CREATE)
		common->of_user[user].tokens[rnd() % TOKENS] = args->token;
	if (command == HOLDFAST_STOP && args->stop.threads)
		__atomic_add_fetch(&common->stops, 1, __ATOMIC_RELAXED);
	if (command == HOLDFAST_JOIN) {
		__atomic_add_fetch(&common->joins, 1, __ATOMIC_RELAXED);
		common->of_user[user].pids[rnd() % 64] = getpid();
	}
}

static void random_ioctl(void)
{
	unsigned int command = commands[rnd() % (sizeof(commands) / sizeof(*commands))];
	union args args;

	/* A worker that has joined is stopped by others, and cannot stop its group. */
	if (command == HOLDFAST_JOIN && !one_in(100))
		command = HOLDFAST_STOP;
	sensible_args(command, &args);
	if (one_in(10) && command != HOLDFAST_STOP)
		args.words[rnd() % 16] = odd_number();
	if (one_in(50))
		command ^= 1u << rnd() % 32;
	if (!ioctl(some_file(), command, one_in(40) ? (void *)odd_number() : &args))
		note(command, &args);
	else if (command == HOLDFAST_STOP)
		__atomic_add_fetch(&common->failed_stops[args.stop.reason % 16], 1, __ATOMIC_RELAXED);
	if (command == HOLDFAST_ADD && args.add.mem_fd > 2)
		close(args.add.mem_fd);
	if (command == HOLDFAST_GRANT && args.grant.image_fd > 2)
		close(args.grant.image_fd);
}

static void random_io(void)
{
	struct {
		struct holdfast_command head;
		union args args;
	} command;
	size_t size = rnd() % BUFFER;
	int fd = some_file();
	ssize_t ret;

	switch (rnd() % 6) {
	case 0:
		ret = read(fd, buffer, size);
		break;
	case 1:
		ret = pread(fd, buffer, size, odd_number());
		break;
	case 2:
		ret = pwrite(fd, buffer, rnd() % 64, (uintptr_t)buffer + rnd() % BUFFER);
		break;
	case 3:
		ret = lseek(fd, odd_number() & ~4095ull, SEEK_SET);
		break;
	case 4:
		ret = write(fd, buffer, rnd() % 4096);
		break;
	default:
		do
			command.head.command = commands[rnd() % (sizeof(commands) / sizeof(*commands))];
		while (command.head.command == HOLDFAST_JOIN);
		command.head.size = _IOC_SIZE(command.head.command);
		sensible_args(command.head.command, &command.args);
		ret = write(fd, &command, sizeof(command.head) + command.head.size);
		if (ret > 0)
			ret = read(fd, buffer, size);
	}
	if (ret > 0)
		__atomic_add_fetch(&common->successes, 1, __ATOMIC_RELAXED);
}

static void reopen(void)
{
	struct holdfast_hello hello = { .abi = HOLDFAST_ABI };
	int *file = &files[rnd() % FILES];

	close(*file);
	*file = open(HOLDFAST_DEVICE, O_RDWR | (one_in(2) ? O_CLOEXEC : 0));
	if (!one_in(10))
		ioctl(*file, HOLDFAST_HELLO, &hello);
}

static void *thread_of_member(void *arg)
{
	struct timespec t = { 0, 1000000 };

	state = (uintptr_t)arg | 1;
	for (int turn = rnd() % 256; turn; turn--) {
		if (!one_in(4))
			nanosleep(&t, NULL);
		else if (!one_in(4))
			poll(NULL, 0, 2);
		else
			munmap(mmap(NULL, 65536, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0), 65536);
	}
	return NULL;
}

/* A process that joins, then does what members do, and ends somehow. */
static void be_member(void)
{
	struct holdfast_hello hello = { .abi = HOLDFAST_ABI };
	struct holdfast_join join = { .token = some_token(), .flags = rnd() % 2 };
	int fd = open(HOLDFAST_DEVICE, O_RDWR | (one_in(4) ? 0 : O_CLOEXEC));
	pthread_t thread;

	/* Now and then it keeps open what it got from its parent. */
	for (int i = 0; i < FILES && !one_in(8); i++)
		close(files[i]);
	ioctl(fd, HOLDFAST_HELLO, &hello);
	for (int turn = 0; turn < 8; turn++) {
		if (!ioctl(fd, HOLDFAST_JOIN, &join)) {
			note(HOLDFAST_JOIN, NULL);
			break;
		}
		join.token = some_token();
	}
	common->of_user[user].pids[rnd() % 64] = getpid();
	for (int turn = rnd() % 8; turn; turn--)
		if (!pthread_create(&thread, NULL, thread_of_member, (void *)rnd()))
			pthread_detach(thread);
	thread_of_member((void *)rnd());
	switch (rnd() % 12) {
	case 0:
		if (!fork())
			thread_of_member((void *)rnd());
		break;
	case 1:
		execl("/bin/true", "true", NULL);
		break;
	case 2:
		syscall(SYS_exit, 0); /* the main thread alone */
		break;
	case 3:
		prctl(PR_SET_DUMPABLE, 0);
		thread_of_member((void *)rnd());
		break;
	case 4:
		raise(one_in(2) ? SIGSTOP : SIGSEGV);
		break;
	default:
		close(fd);
		thread_of_member((void *)rnd());
	}
	_exit(0);
}

static void work(uint64_t seed, time_t until)
{
	struct rlimit few = { 64, 64 }, none = { 0, 0 };
	pid_t children[8] = { 0 };

	state = seed | 1;
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_NPROC, &few);
	for (int i = 0; i < FILES; i++)
		reopen();
	/* Some controllers to begin with. */
	for (int i = 0; i < 3; i++) {
		struct holdfast_token token;

		if (!ioctl(some_file(), HOLDFAST_CREATE, &token))
			common->of_user[user].tokens[rnd() % TOKENS] = token;
	}
	while (time(NULL) < until) {
		pid_t *child = &children[rnd() % 8];

		__atomic_add_fetch(&common->calls, 1, __ATOMIC_RELAXED);
		switch (rnd() % 48) {
		case 0:
			reopen();
			break;
		case 1:
		case 2:
			if (*child > 0) {
				kill(*child, one_in(4) ? SIGCONT : SIGKILL);
				kill(*child, SIGKILL);
				waitpid(*child, NULL, 0);
			}
			*child = fork();
			if (!*child) {
				state = (seed ^ (uint64_t)getpid() << 16) | 1;
				alarm(5);
				be_member();
			}
			break;
		case 3 ... 10:
			random_io();
			break;
		default:
			random_ioctl();
		}
	}
}

/* Keeps a worker of the user running: one may stop or kill itself. */
static void be_user(uint64_t seed, time_t until)
{
	const unsigned int uid = 2000 + user;
	pid_t workers[WORKERS] = { 0 };

	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		_exit(1);
	prctl(PR_SET_DUMPABLE, 1);
	while (time(NULL) < until) {
		for (int i = 0; i < WORKERS; i++) {
			if (workers[i] > 0 && waitpid(workers[i], NULL, WNOHANG) != workers[i])
				continue;
			workers[i] = fork();
			if (!workers[i]) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				prctl(PR_SET_DUMPABLE, 1);
				alarm(20);
				work(seed + i * 977 + (uint64_t)getpid() * 131071, until);
				_exit(0);
			}
		}
		usleep(100000);
	}
	/* What another worker of the user has stopped goes on when that ends. */
	kill(-1, SIGKILL);
	_exit(0);
}

int main(int argc, char **argv)
{
	time_t until = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
	pid_t users[USERS];

	common = mmap(NULL, sizeof(*common), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	buffer = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (common == MAP_FAILED || buffer == MAP_FAILED)
		return 1;
	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	for (int i = 0; i < USERS; i++) {
		user = i;
		users[i] = fork();
		if (!users[i])
			be_user(seed + i * 7919, until);
	}
	for (int i = 0; i < USERS; i++)
		waitpid(users[i], NULL, 0);
	printf("%llu calls, %llu succeeded, %llu stops of threads, %llu joins\n",
	       (unsigned long long)common->calls, (unsigned long long)common->successes,
	       (unsigned long long)common->stops, (unsigned long long)common->joins);
	printf("stops that failed, by reason:");
	for (int i = 0; i < 16; i++)
		printf(" %llu", (unsigned long long)common->failed_stops[i]);
	printf("\n");
	return !common->joins || !common->successes;
}
