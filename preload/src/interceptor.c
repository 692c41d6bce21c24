/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interceptor.c - the checkpoint thread, connected to the node runner: made when the process starts or forks (begin.c),
 * or when it is enlisted (enlisted.c).
 *
 * It is a bare kernel thread of the process: no TLS, no libc, all signals blocked, and a descriptor table of its own
 * (close_range with CLOSE_RANGE_UNSHARE makes it empty without copying), so that the program sees no descriptor and
 * cannot close ours. Between checkpoints it sleeps in read.
 */
#define _GNU_SOURCE
#include <asm/errno.h>
#include <linux/close_range.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <signal.h>

#include "driver.h"
#include "engine.h"
#include "held.h"
#include "hold_sends.h"
#include "placeholder.h"
#include "socket.h"
#include "sys.h"
#include "text.h"

long hf_clone(const void *args, size_t size, void (*fn)(void *), void *arg);

#define RETRY_NS 500000000
#define READ_MS 1000 /* the same for senders */
#define FOR_EVER (~0u)
#define CONNECTS_NS 100000000 /* no longer, should the runner end in between */

static void refuse(int fd, uint32_t epoch, const char *reason)
{
	hf_send_text(fd, HF_REFUSED, epoch, reason);
}

static void resume(int fd, uint32_t epoch, void (*open)(void))
{
	struct hf_resumed r = { .threads = ENGINE->thread_count };

	open();
	r.stop_ns = hf_now() - ENGINE->stopped_ns;
	hf_send(fd, HF_RESUMED, epoch, &r, sizeof(r));
	sys(__NR_madvise, ENGINE->out_space, OUT_SIZE, MADV_DONTNEED);
}

static void kcmp(int fd, uint32_t epoch, size_t length)
{
	const struct hf_kcmp *question = (const void *)ENGINE->request;
	unsigned char *answer = (unsigned char *)ENGINE->scratch;
	size_t n = length / sizeof(*question);

	if (n > sizeof(ENGINE->scratch))
		n = sizeof(ENGINE->scratch);
	for (size_t k = 0; k < n; k++)
		answer[k] = !sys(__NR_kcmp, question[k].pid1, question[k].pid2, 0 /* KCMP_FILE */, question[k].fd1,
				 question[k].fd2);
	hf_send(fd, HF_KCMP_RESULT, epoch, answer, n);
}

static void drain(int fd, uint32_t epoch)
{
	size_t half = sizeof(ENGINE->request) / 2;
	struct records streams = { .start = ENGINE->request + half, .size = half };

	ENGINE->drained = 1;
	hf_drain(&streams);
	if (streams.full)
		hf_send_text(fd, HF_REFUSED, epoch, "it has more than 50,000 connections");
	else
		hf_send(fd, HF_DRAINED, epoch, streams.start, streams.used);
}

/* Tells the state. Returns 0, 1 when it cannot be restored and goes on, or -errno when the runner is gone. */
static long gather(int fd, uint32_t epoch)
{
	char line[300];
	struct text reason = hf_text(line, sizeof(line));

	if (!hf_gather(&reason))
		return hf_send(fd, HF_GATHERED, epoch, ENGINE->out.start, ENGINE->out.used);
	hf_open();
	refuse(fd, epoch, line);
	return 1;
}

/* Waits for a message, or for the runner's end. Returns 0 when none comes within the time. */
static int comes(int fd, uint32_t timeout_ms)
{
	struct {
		int fd;
		short events, revents;
	} poll = { fd, 1 /* POLLIN */, 0 };

	return sys(__NR_poll, &poll, 1, timeout_ms) != 0;
}

static void join(int fd, const struct hf_msg *msg)
{
	struct hf_joined joined = { .error = EINVAL };

	if (msg->length == sizeof(struct hf_join))
		joined.error = (int32_t)-hf_join_driver((const void *)ENGINE->request);
	hf_send(fd, HF_JOINED, msg->epoch, &joined, sizeof(joined));
}

/* Answers the runner while the threads stand still. Returns 1 when they go on, 0 or -errno when the runner is gone. */
static long stand_still(int fd, uint32_t hold_ms)
{
	for (;;) {
		struct hf_msg msg;
		long ret;

		if (hold_ms && !comes(fd, hold_ms)) {
			hf_open();
			refuse(fd, 0, "it heard nothing from the runner for too long, and went on");
			return 1;
		}
		ret = hf_receive(fd, &msg);
		if (ret == 1 && msg.length > sizeof(ENGINE->request) / 2)
			ret = -EMSGSIZE;
		if (ret == 1 && msg.length)
			ret = hf_read(fd, ENGINE->request, msg.length);
		if (ret != 1) {
			if (ENGINE->restored) /* a restart that is not whole must not run */
				sys(__NR_kill, ENGINE->pid, SIGKILL);
			hf_open();
			return ret;
		}
		switch (msg.type) {
		case HF_RESUME:
			resume(fd, msg.epoch, hf_open);
			return 1;
		case HF_LET_READ:
			resume(fd, msg.epoch, hf_open_for_readers);
			return 1;
		case HF_LET_ACCEPT:
			resume(fd, msg.epoch, hf_open);
			__atomic_store_n(&ENGINE->connects_ns, hf_now() + CONNECTS_NS, __ATOMIC_RELAXED);
			return 1;
		case HF_JOIN:
			join(fd, &msg);
			break;
		case HF_KCMP:
			kcmp(fd, msg.epoch, msg.length);
			break;
		case HF_DRAIN:
			drain(fd, msg.epoch);
			break;
		case HF_ACCEPT:
			hf_accept_all();
			hf_send(fd, HF_ACCEPTED, msg.epoch, NULL, 0);
			break;
		case HF_GATHER:
			ret = gather(fd, msg.epoch);
			if (ret == 1)
				return 1;
			break;
		case HF_CAPTURE:
			ret = hf_snapshot(msg.epoch, ENGINE->request, msg.length);
			if (ret) {
				char line[120];
				struct text t = hf_text(line, sizeof(line));

				hf_add(&t, "cannot fork its snapshot");
				hf_add_error(&t, ret);
				hf_add(&t, ": raise the limits on memory or processes");
				hf_open();
				refuse(fd, msg.epoch, line);
				return 1;
			}
			break;
		default:
			break;
		}
	}
}

static long stop(int fd, uint32_t epoch)
{
	struct hf_quiesce q = *(const struct hf_quiesce *)ENGINE->request;
	char line[300];
	struct text reason = hf_text(line, sizeof(line));

	if (q.flags & HF_QUIESCE_BY_DRIVER ? hf_stopped_by_driver(&reason) : hf_stop(q.timeout_ms, &reason)) {
		hf_open();
		refuse(fd, epoch, line);
		return 1;
	}
	hf_gather_children();
	if (hf_send(fd, HF_QUIESCED, epoch, ENGINE->out.start, ENGINE->out.used)) {
		hf_open();
		return 0;
	}
	return stand_still(fd, q.hold_ms);
}

static long quiesce(int fd, uint32_t epoch)
{
	long ret = stop(fd, epoch);

	hf_release_held();
	return ret;
}

static void serve(int fd)
{
	long ret = ENGINE->restored ? stand_still(fd, 0) : 1;

	while (ret == 1) {
		struct hf_msg msg;

		if (!comes(fd, ENGINE->held_sends_count ? READ_MS : FOR_EVER))
			hf_release_sends();
		ret = hf_receive(fd, &msg);
		if (ret == 1 && msg.length > sizeof(ENGINE->request) / 2)
			break;
		if (ret == 1 && msg.length)
			ret = hf_read(fd, ENGINE->request, msg.length);
		if (ret == 1 && msg.type == HF_JOIN)
			join(fd, &msg);
		if (ret == 1 && msg.type == HF_QUIESCE && msg.length == sizeof(struct hf_quiesce))
			ret = quiesce(fd, msg.epoch);
	}
	hf_release_sends();
}

static void pause_ns(long ns)
{
	struct __kernel_timespec t = { 0, ns };

	sys(__NR_nanosleep, &t, NULL);
}

static void checkpoint_thread(void *unused)
{
	(void)unused;
	ENGINE->checkpoint_tid = (int32_t)sys(__NR_gettid);
	sys(__NR_close_range, 0, ~0u, CLOSE_RANGE_UNSHARE);
	ENGINE->driver = -1;
	ENGINE->self = sys(__NR_pidfd_open, ENGINE->pid, 0);
	__atomic_store_n(&ENGINE->started, 1, __ATOMIC_RELEASE);
	hf_futex_wake(&ENGINE->started);
	if (ENGINE->restored)
		for (uint32_t n; (n = __atomic_load_n(&ENGINE->arrived, __ATOMIC_ACQUIRE)) < ENGINE->rebuilt;)
			hf_futex_wait(&ENGINE->arrived, n, -1);
	for (;;) {
		long fd = hf_connect(ENGINE->socket, ENGINE->pid, HF_PROCESS,
				     ENGINE->restored ? HF_HELLO_RESTARTED : 0);

		if (fd >= 0) {
			serve((int)fd);
			sys(__NR_close, fd);
		} else if (ENGINE->restored) {
			sys(__NR_kill, ENGINE->pid, SIGKILL);
		}
		pause_ns(RETRY_NS);
	}
}

long hf_start_checkpoint_thread(void)
{
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
		.stack = (uint64_t)ENGINE->checkpoint_stack,
		.stack_size = STACK_SIZE,
	};
	uint64_t all = ~0ull, old;
	long ret;

	ENGINE->started = 0;
	sys(__NR_rt_sigprocmask, SIG_SETMASK, &all, &old, 8);
	ret = hf_clone(&args, sizeof(args), checkpoint_thread, NULL);
	sys(__NR_rt_sigprocmask, SIG_SETMASK, &old, NULL, 8);
	/*
	 * Emptying its table closes what it shared with the program until then, which a message queue takes for the
	 * program's own close: it has nothing open yet.
	 */
	while (ret >= 0 && !__atomic_load_n(&ENGINE->started, __ATOMIC_ACQUIRE))
		hf_futex_wait(&ENGINE->started, 0, -1);
	return ret < 0 ? ret : 0;
}
