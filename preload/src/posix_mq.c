/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posix_mq.c - POSIX message queues: what they hold, and who is notified.
 *
 * Names are noted when they are opened, for a queue lives on when nobody has it open. The kernel tells whom a queue notifies by which signal, but not with which value: mq_notify is wrapped for that.
 * It takes any close of the queue by the notified process for the end of the notification, so nothing here that closes
 * one is done by the process itself.
 */
#define _GNU_SOURCE
#include "posix_mq.h"

#include <asm/errno.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/mman.h>
#include <mqueue.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "engine.h"
#include "sys.h"
#include "text.h"
#include "wrapper.h"

#define EXPORT __attribute__((visibility("default")))
#define MQUEUE_MAGIC 0x19800202

int hf_is_mqueue(long folder, const char *name)
{
	struct statfs fs;
	long fd = sys(__NR_openat, folder, name, O_PATH | O_CLOEXEC); /* closing that is no close of the queue */
	long ret = fd < 0 ? fd : sys(__NR_fstatfs, fd, &fs);

	if (fd >= 0)
		sys(__NR_close, fd);
	return !ret && fs.f_type == MQUEUE_MAGIC;
}

/* Where the name stands, or the number of names. */
static uint32_t find_name(const char *name)
{
	uint32_t n = 0;

	while (n < ENGINE->queue_count && !hf_equal(ENGINE->queues[n], name))
		n++;
	return n;
}

static void note_name(const char *name)
{
	uint32_t n;

	hf_lock(&ENGINE->queue_lock);
	n = find_name(name);
	if (n == MAX_QUEUES) {
		ENGINE->queues_lost = 1;
	} else if (n == ENGINE->queue_count) {
		struct text t = hf_text(ENGINE->queues[n], QUEUE_NAME);

		hf_add(&t, name);
		ENGINE->queue_count++;
	}
	hf_unlock(&ENGINE->queue_lock);
}

static void forget_name(const char *name)
{
	uint32_t n;

	hf_lock(&ENGINE->queue_lock);
	n = find_name(name);
	if (n < ENGINE->queue_count) {
		struct text t = hf_text(ENGINE->queues[n], QUEUE_NAME);

		hf_add(&t, ENGINE->queues[--ENGINE->queue_count]);
	}
	hf_unlock(&ENGINE->queue_lock);
}

static int result(long ret)
{
	if (ret >= 0)
		return (int)ret;
	errno = (int)-ret;
	return -1;
}

static mqd_t open_queue(const char *name, int flags, mode_t mode, const struct mq_attr *attributes)
{
	long fd;

	if (*name != '/')
		return result(-EINVAL);
	fd = sys(__NR_mq_open, name + 1, flags, mode, attributes);
	if (fd >= 0 && hf_is_engine_mapped())
		note_name(name + 1);
	return result(fd);
}

EXPORT mqd_t mq_open(const char *name, int flags, ...)
{
	const struct mq_attr *attributes = NULL;
	mode_t mode = 0;
	va_list ap;

	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		attributes = va_arg(ap, const struct mq_attr *);
		va_end(ap);
	}
	return open_queue(name, flags, mode, attributes);
}

/* What mq_open is with _FORTIFY_SOURCE. */
EXPORT mqd_t __mq_open_2(const char *name, int flags)
{
	return open_queue(name, flags, 0, NULL);
}

EXPORT int mq_unlink(const char *name)
{
	long ret;

	if (*name != '/')
		return result(-EINVAL);
	ret = sys(__NR_mq_unlink, name + 1);
	if (!ret && hf_is_engine_mapped())
		forget_name(name + 1);
	return result(ret == -EPERM ? -EACCES : ret); /* as glibc has it */
}

int hf_gather_queue_names(struct records *out, struct text *reason)
{
	if (ENGINE->queues_lost) {
		hf_add(reason, "it has opened more than 256 POSIX message queues, and not unlinked them itself");
		return -1;
	}
	for (uint32_t n = 0; n < ENGINE->queue_count; n++) {
		size_t length = hf_length(ENGINE->queues[n]) + 1;
		char *to = hf_record(out, HF_REC_MQUEUE_NAME, 0, length);

		if (to)
			memcpy(to, ENGINE->queues[n], length);
	}
	return 0;
}

static uint64_t inode_of(long fd)
{
	struct stat st;

	return sys(__NR_fstat, fd, &st) ? 0 : st.st_ino;
}

/* Of more than 256 the oldest are forgotten: a checkpoint that finds one of these in force is refused. */
static long ask_to_be_notified(int fd, const struct sigevent *event)
{
	long ret = sys(__NR_mq_notify, fd, event);

	if (!ret)
		ENGINE->asked[__atomic_fetch_add(&ENGINE->asked_count, 1, __ATOMIC_ACQ_REL) %
			      MAX_NOTIFICATIONS] = (struct notification){
			.queue = inode_of(fd), .value = (uint64_t)event->sigev_value.sival_ptr
		};
	return ret;
}

EXPORT int mq_notify(mqd_t fd, const struct sigevent *event)
{
	int (*real)(mqd_t, const struct sigevent *);
	long ret;

	/* glibc's own does more for a thread. */
	if (!hf_is_engine_mapped() || !event || event->sigev_notify == SIGEV_THREAD) {
		real = dlsym(RTLD_NEXT, "mq_notify");
		return real(fd, event);
	}
	hf_enter_wrapper();
	ret = ask_to_be_notified(fd, event);
	hf_leave_wrapper();
	return result(ret);
}

/* The value that was last asked for; NULL: it is not known. */
static const struct notification *asked(uint64_t queue)
{
	uint32_t count = ENGINE->asked_count;

	for (uint32_t n = count; n > 0 && count - n < MAX_NOTIFICATIONS; n--)
		if (ENGINE->asked[(n - 1) % MAX_NOTIFICATIONS].queue == queue)
			return &ENGINE->asked[(n - 1) % MAX_NOTIFICATIONS];
	return NULL;
}

/* "QSIZE:0          NOTIFY:0     SIGNO:34    NOTIFY_PID:4711  " */
struct status {
	uint64_t bytes;
	int32_t notify, signal, pid;
};

static uint64_t word(const char *line, const char *name)
{
	for (; *line; line++)
		if (hf_starts(line, name)) {
			line += hf_length(name);
			return hf_number(&line, 10);
		}
	return 0;
}

static long read_status(long fd, struct status *s)
{
	char line[128];
	long n = sys(__NR_pread64, fd, line, sizeof(line) - 1, 0);

	if (n < 0)
		return n;
	line[n] = 0;
	*s = (struct status){ .bytes = word(line, "QSIZE:"),
			      .notify = (int32_t)word(line, "NOTIFY:"),
			      .signal = (int32_t)word(line, "SIGNO:"),
			      .pid = (int32_t)word(line, "NOTIFY_PID:") };
	return 0;
}

long hf_note_notification(long own, int fd)
{
	struct status s;
	uint64_t queue = inode_of(own);
	const struct notification *a = asked(queue);
	long ret = read_status(own, &s);

	if (ret || s.pid != ENGINE->pid)
		return ret;
	for (uint32_t n = 0; n < ENGINE->notification_count; n++)
		if (ENGINE->notifications[n].queue == queue)
			return 0;
	if (!a || s.notify == SIGEV_THREAD || ENGINE->notification_count == MAX_NOTIFICATIONS)
		return -EOPNOTSUPP;
	ENGINE->notifications[ENGINE->notification_count++] = (struct notification){
		.queue = queue, .value = a->value, .fd = fd, .signal = s.signal, .notify = s.notify
	};
	return 0;
}

long hf_give_back_notifications(void)
{
	long ret = 0;

	ENGINE->asked_count = 0;
	for (uint32_t n = 0; n < ENGINE->notification_count && !ret; n++) {
		const struct notification *o = &ENGINE->notifications[n];
		struct sigevent event = { .sigev_value.sival_ptr = (void *)o->value,
					  .sigev_signo = o->signal,
					  .sigev_notify = o->notify };

		ret = ask_to_be_notified(o->fd, &event);
	}
	return ret;
}

static uint64_t padded(uint64_t length)
{
	return (length + 7) & ~7ull;
}

/* Takes all messages out. Returns the end of them, and the error in `error`. */
static char *take_messages(long fd, char *at, uint64_t largest, long *error)
{
	for (;;) {
		struct hf_ipc_message *m = (void *)at;
		unsigned int priority;
		long n = sys(__NR_mq_timedreceive, fd, m + 1, largest, &priority, NULL);

		if (n < 0) {
			*error = n == -EAGAIN ? 0 : n;
			return at;
		}
		*m = (struct hf_ipc_message){ (uint64_t)n, priority };
		at += sizeof(*m) + padded((uint64_t)n);
	}
}

static void put_back(long fd, const char *at, const char *end)
{
	while (at < end) {
		const struct hf_ipc_message *m = (const void *)at;
		long ret = sys(__NR_mq_timedsend, fd, m + 1, m->length, m->type, NULL);

		if (ret != -ENOMEM && ret != -EINTR) /* there is room: it was taken out */
			at += sizeof(*m) + padded(m->length);
	}
}

long hf_copy_mqueue(long fd, struct hf_blob *blob)
{
	struct mq_attr attributes;
	struct hf_mqueue *to;
	struct status s;
	struct stat st;
	char *end;
	long at, error = 0;
	long ret = sys(__NR_mq_getsetattr, fd, NULL, &attributes);

	if (!ret)
		ret = read_status(fd, &s);
	if (!ret)
		ret = sys(__NR_fstat, fd, &st);
	if (ret)
		return ret;
	if (attributes.mq_curmsgs && s.pid)
		return -EBUSY;
	at = sys(__NR_mmap, 0,
		 sizeof(*to) + (uint64_t)(attributes.mq_curmsgs + 1) *
				       (sizeof(struct hf_ipc_message) + padded((uint64_t)attributes.mq_msgsize)),
		 PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at < 0)
		return at;
	to = (void *)at;
	*to = (struct hf_mqueue){ attributes.mq_maxmsg, attributes.mq_msgsize, st.st_mode & 0777, 0 };
	end = take_messages(fd, (char *)(to + 1), (uint64_t)attributes.mq_msgsize, &error);
	put_back(fd, (char *)(to + 1), end);
	blob->addr = (uint64_t)at;
	blob->length = (uint64_t)(end - (char *)to);
	return error;
}
