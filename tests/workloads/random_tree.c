/* SPDX-License-Identifier: Apache-2.0 */
// needs: sockets alone
/*
 * random_tree - a random tree of processes with random channels between them, all of them busy: what is sent arrives
 * once, whole and in order. The seed is printed; $WORKLOAD_SEED sets it.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sockets.h"
#include "workload.h"

#define MOST_PROCESSES 8
#define MOST_CHANNELS 24
#define RING_SIZE (64 << 10)
#define MOST_BYTES (48 << 10)  /* of a frame in a stream */
#define MOST_MESSAGE (6 << 10) /* of a frame that is one message */

enum kind { PIPE, UNIX_STREAM, UNIX_SEQPACKET, UNIX_DGRAM, TCP4, TCP6, RING, POSIX_QUEUE, SYSV_QUEUE, KINDS };

static const char *const names[KINDS] = { "pipe",	   "unix stream",   "unix seqpacket",
					  "unix dgram",	   "tcp over ipv4", "tcp over ipv6",
					  "shared memory", "posix queue",   "system v queue" };

/* A stream in shared memory. */
struct ring {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	size_t written, read;
	char bytes[RING_SIZE];
};

struct channel {
	enum kind kind;
	int from, to;	      /* processes */
	int sender, receiver; /* descriptors; of a System V queue its id */
	struct ring *ring;
	uint64_t seed;
	unsigned int pace; /* one frame of so many is followed by a pause */
};

struct frame {
	uint64_t number;
	uint64_t length; /* of what follows; 0: the last one */
};

static struct channel channels[MOST_CHANNELS];
static int channel_count, process_count, parents[MOST_PROCESSES];
static uint64_t seed;

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static uint64_t below(uint64_t limit)
{
	static uint64_t state;

	if (!state)
		state = seed * 0x9e3779b97f4a7c15ull | 1;
	return (next(&state) >> 11) % limit;
}

static bool is_message(enum kind kind)
{
	return kind == UNIX_SEQPACKET || kind == UNIX_DGRAM || kind == POSIX_QUEUE || kind == SYSV_QUEUE;
}

static struct ring *new_ring(void)
{
	struct ring *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t mutex;
	pthread_condattr_t cond;

	CHECK(r != MAP_FAILED);
	ZERO(pthread_mutexattr_init(&mutex));
	ZERO(pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED));
	ZERO(pthread_mutex_init(&r->mutex, &mutex));
	ZERO(pthread_condattr_init(&cond));
	ZERO(pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED));
	ZERO(pthread_cond_init(&r->changed, &cond));
	return r;
}

static mqd_t new_queue(void)
{
	struct mq_attr attributes = { .mq_maxmsg = 8, .mq_msgsize = sizeof(struct frame) + MOST_MESSAGE };
	char name[64];
	mqd_t queue;

	snprintf(name, sizeof(name), "/holdfast-random-%d-%d", getpid(), channel_count);
	queue = SYS(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes));
	SYS(mq_unlink(name));
	return queue;
}

static void open_channel(struct channel *c)
{
	int ends[2] = { -1, -1 };

	switch (c->kind) {
	case PIPE:
		SYS(pipe(ends));
		c->receiver = ends[0];
		c->sender = ends[1];
		return;
	case RING:
		c->ring = new_ring();
		return;
	case POSIX_QUEUE:
		c->sender = c->receiver = new_queue();
		return;
	case SYSV_QUEUE:
		c->sender = c->receiver = SYS(msgget(IPC_PRIVATE, 0600));
		return;
	case TCP4:
		sockets_pair(AF_INET, SOCK_STREAM, ends);
		break;
	case TCP6:
		sockets_pair(AF_INET6, SOCK_STREAM, ends);
		break;
	default:
		SYS(socketpair(AF_UNIX,
			       c->kind == UNIX_STREAM	 ? SOCK_STREAM :
			       c->kind == UNIX_SEQPACKET ? SOCK_SEQPACKET :
							   SOCK_DGRAM,
			       0, ends));
	}
	c->sender = ends[0];
	c->receiver = ends[1];
}

static void make_channels(void)
{
	channel_count = 6 + (int)below(MOST_CHANNELS - 6 + 1);
	for (int n = 0; n < channel_count; n++) {
		struct channel *c = &channels[n];

		c->kind = (enum kind)below(KINDS);
		c->from = (int)below((uint64_t)process_count);
		c->to = (c->from + 1 + (int)below((uint64_t)process_count - 1)) % process_count;
		c->seed = below(1ull << 40);
		c->pace = 1 + (unsigned int)below(8);
		c->sender = c->receiver = -1;
		open_channel(c);
	}
}

static void ring_put(struct ring *r, const char *bytes, size_t size)
{
	ZERO(pthread_mutex_lock(&r->mutex));
	while (size) {
		size_t free = RING_SIZE - (r->written - r->read), part = size < free ? size : free;

		if (!part) {
			ZERO(pthread_cond_wait(&r->changed, &r->mutex));
			continue;
		}
		for (size_t n = 0; n < part; n++)
			r->bytes[(r->written + n) % RING_SIZE] = bytes[n];
		r->written += part;
		bytes += part;
		size -= part;
		ZERO(pthread_cond_broadcast(&r->changed));
	}
	ZERO(pthread_mutex_unlock(&r->mutex));
}

static void ring_get(struct ring *r, char *bytes, size_t size)
{
	ZERO(pthread_mutex_lock(&r->mutex));
	while (size) {
		size_t there = r->written - r->read, part = size < there ? size : there;

		if (!part) {
			ZERO(pthread_cond_wait(&r->changed, &r->mutex));
			continue;
		}
		for (size_t n = 0; n < part; n++)
			bytes[n] = r->bytes[(r->read + n) % RING_SIZE];
		r->read += part;
		bytes += part;
		size -= part;
		ZERO(pthread_cond_broadcast(&r->changed));
	}
	ZERO(pthread_mutex_unlock(&r->mutex));
}

/* A message's first word is its type, for System V. */
struct message {
	long type;
	char bytes[sizeof(struct frame) + MOST_BYTES];
};

static void put(const struct channel *c, struct message *m, size_t size)
{
	char *bytes = m->bytes;

	m->type = 1;
	switch (c->kind) {
	case RING:
		ring_put(c->ring, bytes, size);
		return;
	case POSIX_QUEUE:
		SYS(mq_send(c->sender, bytes, size, 0));
		return;
	case SYSV_QUEUE:
		SYS(msgsnd(c->sender, m, size, 0));
		return;
	default:
		while (size) {
			ssize_t n = SYS(write(c->sender, bytes, size));

			bytes += n;
			size -= (size_t)n;
		}
	}
}

static void get_stream(const struct channel *c, char *bytes, size_t size)
{
	if (c->kind == RING) {
		ring_get(c->ring, bytes, size);
		return;
	}
	while (size) {
		ssize_t n = SYS(read(c->receiver, bytes, size));

		if (!n)
			FAIL("%s from process %d to %d ends early", names[c->kind], c->from, c->to);
		bytes += n;
		size -= (size_t)n;
	}
}

static void get(const struct channel *c, struct message *m)
{
	const struct frame *f = (const void *)m->bytes;
	ssize_t n;

	if (!is_message(c->kind)) {
		get_stream(c, m->bytes, sizeof(*f));
		CHECK(f->length <= MOST_BYTES);
		get_stream(c, m->bytes + sizeof(*f), f->length);
		return;
	}
	n = c->kind == POSIX_QUEUE ? mq_receive(c->receiver, m->bytes, sizeof(*f) + MOST_MESSAGE, NULL) :
	    c->kind == SYSV_QUEUE  ? msgrcv(c->receiver, m, sizeof(m->bytes), 0, 0) :
				     read(c->receiver, m->bytes, sizeof(m->bytes));
	SYS(n);
	SAME(sizeof(*f) + f->length, n);
}

static void *sends(void *channel)
{
	const struct channel *c = channel;
	struct message *m = malloc(sizeof(*m));
	struct frame *f = (void *)m->bytes;
	uint64_t state = c->seed | 1, most = is_message(c->kind) ? MOST_MESSAGE : MOST_BYTES;

	for (uint64_t number = 0;; number++) {
		bool last = workload_finished();

		*f = (struct frame){ number, last ? 0 : 1 + next(&state) % most };
		workload_fill(m->bytes + sizeof(*f), f->length, c->seed + number);
		put(c, m, sizeof(*f) + f->length);
		if (last)
			break;
		if (!(next(&state) % c->pace))
			workload_pause();
	}
	free(m);
	return NULL;
}

static void *receives(void *channel)
{
	const struct channel *c = channel;
	struct message *m = malloc(sizeof(*m));
	const struct frame *f = (const void *)m->bytes;

	for (uint64_t number = 0;; number++) {
		get(c, m);
		if (f->number != number)
			FAIL("%s from process %d to %d: frame %lu, expected %lu", names[c->kind], c->from, c->to,
			     f->number, number);
		if (!f->length)
			break;
		workload_verify(names[c->kind], m->bytes + sizeof(*f), f->length, c->seed + number);
	}
	free(m);
	return NULL;
}

/* Children that end at once, memory that comes and goes, lines that are in a file once each. */
static void *churns(void *number)
{
	char name[32], line[32];
	int fd, process = (int)(intptr_t)number;
	long lines = 0;
	FILE *file;

	snprintf(name, sizeof(name), "lines.%d", process);
	fd = SYS(open(workload_path(name), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600));
	for (; !workload_finished(); lines++) {
		size_t size = (1 + (size_t)(lines * 7919 % 64)) << 12;
		char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		pid_t child;

		CHECK(memory != MAP_FAILED);
		workload_fill(memory, size, (uint64_t)lines);
		child = SYS(fork());
		if (!child)
			_exit((int)(lines & 0x7f));
		snprintf(line, sizeof(line), "%ld\n", lines);
		SAME(strlen(line), write(fd, line, strlen(line)));
		workload_reap(child, EXITED((int)(lines & 0x7f)));
		workload_verify("memory of a moment", memory, size, (uint64_t)lines);
		SYS(munmap(memory, size));
		workload_pause();
	}
	SYS(close(fd));
	file = fopen(workload_path(name), "re");
	CHECK(file);
	for (long n = 0; n < lines; n++) {
		CHECK(fgets(line, sizeof(line), file));
		SAME(n, atol(line));
	}
	CHECK(!fgets(line, sizeof(line), file));
	fclose(file);
	return NULL;
}

static int threads_of(int process, pthread_t *threads)
{
	int count = 0;

	ZERO(pthread_create(&threads[count++], NULL, churns, (void *)(intptr_t)process));
	for (int n = 0; n < channel_count; n++) {
		struct channel *c = &channels[n];

		if (c->from == process)
			ZERO(pthread_create(&threads[count++], NULL, sends, c));
		else if (c->sender >= 0 && c->sender != c->receiver)
			SYS(close(c->sender));
		if (c->to == process)
			ZERO(pthread_create(&threads[count++], NULL, receives, c));
		else if (c->receiver >= 0 && c->sender != c->receiver)
			SYS(close(c->receiver));
	}
	return count;
}

/* The children first, which inherit all descriptors; the root shows that it lives. */
static void be(int process)
{
	pid_t children[MOST_PROCESSES];
	pthread_t threads[1 + 2 * MOST_CHANNELS];
	int child_count = 0, thread_count;

	for (int n = process + 1; n < process_count; n++)
		if (parents[n] == process) {
			children[child_count] = SYS(fork());
			if (!children[child_count]) {
				be(n);
				_exit(0);
			}
			child_count++;
		}
	thread_count = threads_of(process, threads);
	if (!process) {
		workload_ready();
		while (workload_goes_on())
			;
	}
	for (int n = 0; n < thread_count; n++)
		ZERO(pthread_join(threads[n], NULL));
	for (int n = 0; n < child_count; n++)
		workload_reap(children[n], EXITED(0));
}

int main(void)
{
	const char *given = getenv("WORKLOAD_SEED");

	SAME(sizeof(seed), getrandom(&seed, sizeof(seed), 0));
	seed = given ? strtoull(given, NULL, 10) : seed >> 32;
	printf("seed %lu\n", seed);
	fflush(stdout);
	process_count = 2 + (int)below(MOST_PROCESSES - 1);
	for (int n = 1; n < process_count; n++)
		parents[n] = (int)below((uint64_t)n);
	make_channels();
	be(0);
	for (int n = 0; n < channel_count; n++)
		if (channels[n].kind == SYSV_QUEUE)
			SYS(msgctl(channels[n].sender, IPC_RMID, NULL));
	workload_pass();
}
