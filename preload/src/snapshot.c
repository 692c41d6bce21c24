/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot.c - a frozen copy of the stopped process, by copy-on-write.
 *
 * The snapshot must be invisible to the program: an intermediate that shares the memory forks it and ends, so the
 * snapshot is adopted by the job's initial process and is no child of the program's. Forked from the checkpoint
 * thread, it has that thread's descriptor table, so it keeps none of the program's descriptors open, and every signal
 * blocked. It ends when the runner closes its connection, or with the runner.
 */
#define _GNU_SOURCE
#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/uio.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/wait.h>

#include "advice.h"
#include "driver.h"
#include "engine.h"
#include "ipc.h"
#include "posix_mq.h"
#include "queue.h"
#include "sys.h"
#include "text.h"

long hf_clone(const void *args, size_t size, void (*fn)(void *), void *arg);

#define CLONE_VM 0x100ull

struct clone3_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size,
		cgroup;
};

struct request {
	uint32_t epoch;
	const void *payload;
	size_t length;
};

static _Noreturn void end(int status)
{
	for (;;)
		sys(__NR_exit_group, status);
}

static _Noreturn void fail(int fd, uint32_t epoch, const char *what, long error)
{
	char line[200];
	struct text t = hf_text(line, sizeof(line));

	hf_add(&t, "the snapshot cannot ");
	hf_add(&t, what);
	hf_add_error(&t, error);
	hf_send_text(fd, HF_REFUSED, epoch, line);
	end(1);
}

static long map(uint64_t length)
{
	return sys(__NR_mmap, 0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/*
 * Brings pages from where they lie, the disk or the swap area, to `to`. Behind the end of a file there are none; reading
 * memory would end the process there.
 */
static void fetch(long to, uint64_t from, uint64_t length)
{
	struct iovec here = { (void *)to, length }, there = { (void *)from, length };

	sys(__NR_process_vm_readv, sys(__NR_getpid), &here, 1, &there, 1, 0);
}

/* Puts a private copy of a shared area in its place. */
static long copy_area(const struct hf_copied *area)
{
	const struct hf_range *r = &area->range;
	uint64_t length = r->end - r->start;
	unsigned char *resident = (unsigned char *)ENGINE->scratch;
	long copy = map(length);

	if (copy < 0)
		return copy;
	for (uint64_t at = 0; at < length;) {
		uint64_t part = length - at;
		long ret;

		if (part > sizeof(ENGINE->scratch) * HF_PAGE)
			part = sizeof(ENGINE->scratch) * HF_PAGE;
		ret = sys(__NR_mincore, r->start + at, part, resident);
		if (ret)
			return ret;
		for (uint64_t page = 0; page < part / HF_PAGE; page++)
			if (resident[page] & 1)
				memcpy((char *)copy + at + page * HF_PAGE, (char *)r->start + at + page * HF_PAGE,
				       HF_PAGE);
			else if (area->whole)
				fetch(copy + (long)(at + page * HF_PAGE), r->start + at + page * HF_PAGE, HF_PAGE);
		at += part;
	}
	return sys(__NR_mremap, copy, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, r->start);
}

static long open_descriptor(int fd, int flags)
{
	char path[64];
	struct text p = hf_text(path, sizeof(path));

	/* The snapshot's /proc/self is itself: the program is its model's number. */
	hf_add(&p, "/proc/");
	hf_add_number(&p, fd < HF_HELD ? ENGINE->pid : ENGINE->checkpoint_tid);
	hf_add(&p, "/fd/");
	hf_add_number(&p, fd < HF_HELD ? fd : ENGINE->held[fd - HF_HELD].fd);
	return sys(__NR_open, path, flags | O_CLOEXEC);
}

/*
 * Reads all of a pipe to `to`, which has room for it, as runs of bytes (struct hf_queued): a read gives all there is, but
 * of a pipe of packets (O_DIRECT) one packet. Returns the end.
 */
static char *read_runs(int fd, char *to, long bytes)
{
	while (bytes > 0) {
		struct hf_queued *q = (void *)to;
		long part = sys(__NR_read, fd, q + 1, bytes);

		if (part <= 0)
			break;
		q->length = (uint32_t)part;
		to += sizeof(*q) + (((uint64_t)part + 7) & ~7ull);
		bytes -= part;
	}
	return bytes ? NULL : to;
}

/* Duplicates the pipe's pages into a pipe of our own (tee), without consuming them, and reads that. */
static long copy_pipe(struct hf_blob *b)
{
	long source = open_descriptor(b->fd, O_RDONLY | O_NONBLOCK);
	const char *end = NULL;
	long size, n, room;
	int own[2];

	if (source < 0)
		return source;
	size = sys(__NR_fcntl, source, F_GETPIPE_SZ);
	if (size < 0 || sys(__NR_pipe2, own, O_CLOEXEC | O_NONBLOCK) < 0)
		return -EMFILE;
	sys(__NR_fcntl, own[1], F_SETPIPE_SZ, size);
	n = sys(__NR_tee, source, own[1], 0x7fffffff, 2 /* SPLICE_F_NONBLOCK */);
	if (n == -EAGAIN)
		n = 0;
	b->addr = b->length = 0;
	if (n > 0) {
		/* At most one run for each page; and read asks for as much as there is, wherever it stands. */
		room = n + (size / (long)HF_PAGE + 1) * (long)(sizeof(struct hf_queued) + 8);
		b->addr = (uint64_t)map((uint64_t)room);
		end = read_runs(own[0], (char *)b->addr, n);
		b->length = end ? (uint64_t)end - b->addr : 0;
	}
	sys(__NR_close, own[0]);
	sys(__NR_close, own[1]);
	sys(__NR_close, source);
	return n < 0 ? n : n && !end ? -EIO : 0;
}

static long copy_file(struct hf_blob *b)
{
	long fd = open_descriptor(b->fd, O_RDONLY);
	uint64_t got = 0;
	long addr;

	if (fd < 0)
		return fd;
	addr = b->length ? map(b->length) : 0;
	if (addr < 0)
		return addr;
	while (got < b->length) {
		long n = sys(__NR_pread64, fd, addr + (long)got, b->length - got, got);

		if (n < 0)
			return n;
		if (!n)
			break;
		got += (uint64_t)n;
	}
	b->addr = (uint64_t)addr;
	b->length = got;
	sys(__NR_close, fd);
	return 0;
}

static int is_copied(const struct request *r, uint64_t start, uint64_t end)
{
	const struct hf_rec *rec = NULL;

	while ((rec = hf_next_record(r->payload, r->length, rec))) {
		const struct hf_range *range = (const void *)(rec + 1);

		if (rec->type == HF_REC_COPY_AREA && range->start < end && start < range->end)
			return 1;
	}
	return 0;
}

/* The program can see how often a System V segment is attached: not by its snapshot. */
static void detach_segments(const struct request *r, const char *maps)
{
	for (; *maps; maps = hf_next_line(maps)) {
		uint64_t start, end;
		const char *path = hf_find_in_line(hf_area(maps, &start, &end), '/');

		if (hf_starts(path, "/SYSV") && !is_copied(r, start, end))
			sys(__NR_munmap, start, end - start);
	}
}

static const char *maps(void)
{
	const struct hf_rec *rec = NULL;

	while ((rec = hf_next_record(ENGINE->out.start, ENGINE->out.used, rec)))
		if (rec->type == HF_REC_MAPS)
			return (const char *)(rec + 1);
	return "";
}

/* The queue behind a descriptor of its own, or the error that came instead. */
static long copy_mqueue(long fd, struct hf_blob *b)
{
	long ret = fd < 0 ? fd : hf_copy_mqueue(fd, b);

	if (fd >= 0)
		sys(__NR_close, fd);
	return ret;
}

static long copy_named_mqueue(const char *name, struct hf_blob *b)
{
	long ret = copy_mqueue(sys(__NR_mq_open, name, O_RDWR | O_NONBLOCK | O_CLOEXEC), b);

	return ret == -ENOENT ? 0 : ret;
}

static long note_notifications(void)
{
	const struct hf_rec *rec = NULL;
	long ret = 0;

	ENGINE->notification_count = 0;
	while (!ret && (rec = hf_next_record(ENGINE->out.start, ENGINE->out.used, rec))) {
		const struct hf_fd *d = (const void *)(rec + 1);
		long own;

		if (rec->type != HF_REC_FD || !hf_starts((const char *)(d + 1), HF_MQUEUE_LINK))
			continue;
		own = open_descriptor(d->fd, O_RDONLY);
		ret = own < 0 ? own : hf_note_notification(own, d->fd);
		if (own >= 0)
			sys(__NR_close, own);
	}
	return ret;
}

static long copy(const struct hf_rec *rec, struct hf_blob *b)
{
	switch (rec->type) {
	case HF_REC_TEE:
		return copy_pipe(b);
	case HF_REC_COPY_FILE:
	case HF_REC_KEEP_FILE:
		return copy_file(b);
	case HF_REC_MQUEUE:
		return copy_mqueue(open_descriptor(b->fd, O_RDWR | O_NONBLOCK), b);
	case HF_REC_NAMED_MQUEUE:
		return copy_named_mqueue((const char *)(rec + 1) + sizeof(*b), b);
	default:
		return hf_copy_ipc(rec->type, b);
	}
}

static const char *name_of(uint32_t type)
{
	switch (type) {
	case HF_REC_TEE:
		return "copy a pipe";
	case HF_REC_COPY_FILE:
		return "copy a file";
	case HF_REC_MQUEUE:
	case HF_REC_NAMED_MQUEUE:
		return "copy a message queue (when it holds messages and somebody is to be notified: try again)";
	default:
		return "copy a System V object that the process knows";
	}
}

static void serve(int fd, const struct request *r)
{
	struct records blobs = { .start = ENGINE->request + sizeof(ENGINE->request) / 2,
				 .size = sizeof(ENGINE->request) / 2 };
	const struct hf_rec *rec = NULL;
	long ret = 0;

	while ((rec = hf_next_record(r->payload, r->length, rec))) {
		struct hf_blob *b;

		if (rec->type == HF_REC_COPY_AREA) {
			ret = copy_area((const void *)(rec + 1));
			if (ret < 0)
				fail(fd, r->epoch, "copy shared memory", ret);
			continue;
		}
		b = hf_record(&blobs, HF_REC_BLOB, sizeof(*b), 0);
		if (!b)
			fail(fd, r->epoch, "note all pipes and files", -ENOBUFS);
		*b = *(const struct hf_blob *)(rec + 1);
		if (rec->type == HF_REC_QUEUE || rec->type == HF_REC_UNDO)
			continue;
		ret = copy(rec, b);
		if (ret < 0 && rec->type == HF_REC_KEEP_FILE)
			blobs.used -= ((struct hf_rec *)b)[-1].length;
		else if (ret < 0)
			fail(fd, r->epoch, name_of(rec->type), ret);
	}
	ret = note_notifications();
	if (ret < 0)
		fail(fd, r->epoch, "note who is notified of a message queue", ret);
	detach_segments(r, maps());
	if (hf_send(fd, HF_SNAPSHOT, r->epoch, blobs.start, blobs.used))
		end(1);
}

long hf_scan_areas(const char *maps, struct records *out);

static void tell_runs(int fd, uint32_t epoch)
{
	struct records runs = { .start = (char *)map(OUT_SIZE), .size = OUT_SIZE };
	long ret = hf_scan_areas(maps(), &runs);

	if (ret)
		fail(fd, epoch, "find the used pages", ret);
	hf_send(fd, HF_SNAPSHOT, epoch, runs.start, runs.used);
}

/* The process's own descriptor of it is closed; where it has one, its snapshot gets another. */
static uint32_t join_driver(void)
{
	int joined = ENGINE->driver >= 0;

	ENGINE->driver = -1;
	return joined && !hf_join_driver(&ENGINE->join) ? HF_HELLO_JOINED : 0;
}

static void snapshot(void *arg)
{
	struct request r = *(struct request *)arg;
	long fd;
	char byte;

	sys(__NR_setpgid, 0, 0);
	sys(__NR_close_range, 0, ~0u, 0);
	sys(__NR_prctl, PR_SET_DUMPABLE, 1);
	sys(__NR_prctl, PR_SET_PTRACER, -1); /* for Yama: the runner is no ancestor. Fails where there is no Yama */
	fd = hf_connect(ENGINE->socket, ENGINE->pid, HF_SNAPSHOT_PROCESS, join_driver());
	if (fd < 0)
		end(1);
	serve((int)fd, &r);
	tell_runs((int)fd, r.epoch);
	hf_read((int)fd, &byte, 1);
	end(0);
}

static void intermediate(void *arg)
{
	struct clone3_args args = { .exit_signal = 0 };
	long pid = hf_clone(&args, sizeof(args), snapshot, arg);

	sys(__NR_exit, pid < 0 ? -pid : 0);
	for (;;)
		;
}

/* Copies what only the process itself can; the snapshot inherits the copies. */
static long copy_own(const void *payload, size_t length)
{
	const struct hf_rec *rec = NULL;
	long ret = 0;

	ENGINE->undo_count = 0;
	while (!ret && (rec = hf_next_record(payload, length, rec))) {
		struct hf_blob *blob = (struct hf_blob *)(rec + 1);

		if (rec->type == HF_REC_QUEUE)
			ret = hf_copy_queue(blob);
		if (rec->type == HF_REC_UNDO)
			ret = hf_copy_undo(blob);
	}
	return ret;
}

static long make_snapshot(uint32_t epoch, const void *payload, size_t length)
{
	struct request r = { epoch, payload, length };
	struct clone3_args args = {
		.flags = CLONE_VM,
		.stack = (uint64_t)ENGINE->helper_stack,
		.stack_size = STACK_SIZE,
	};
	int status = 0;
	long pid = hf_clone(&args, sizeof(args), intermediate, &r);

	if (pid < 0)
		return pid;
	while (sys(__NR_wait4, pid, &status, __WALL, 0) == -EINTR)
		;
	return -(status >> 8 & 0xff);
}

long hf_snapshot(uint32_t epoch, const void *payload, size_t length)
{
	long ret = copy_own(payload, length);

	hf_lift_fork_advice();
	if (!ret)
		ret = make_snapshot(epoch, payload, length);
	hf_give_fork_advice();
	hf_forget_queues();
	return ret;
}
