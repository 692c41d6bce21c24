/* SPDX-License-Identifier: Apache-2.0 */
/* posix_mq_restart.c - make a POSIX message queue again, with its messages, in the job's own IPC name space if there can be one. */
#include "restart.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/mqueue.h>

#include "sys.h"

#define UNLINKED "holdfast.unlinked" /* while it is made: another may have its name */

static long send(long fd, const char *at, const char *end)
{
	while (at < end) {
		const struct hf_ipc_message *m = (const void *)at;
		long ret = sys(__NR_mq_timedsend, fd, m + 1, m->length, m->type, NULL);

		if (ret)
			return ret;
		at += sizeof(*m) + ((m->length + 7) & ~7ull);
	}
	return 0;
}

/* Without an IPC name space there is what the job has left when it was killed, as it was made: removes it. */
static void remove_left(const char *name, const struct hf_mqueue *q)
{
	long fd = sys(__NR_mq_open, name, O_RDWR | O_CLOEXEC | O_NONBLOCK, 0, NULL);
	struct mq_attr now;

	if (fd < 0)
		return;
	if (!sys(__NR_mq_getsetattr, fd, NULL, &now) && now.mq_maxmsg == q->most && now.mq_msgsize == q->largest)
		sys(__NR_mq_unlink, name);
	sys(__NR_close, fd);
}

/* Makes a new one; somebody else's keeps it from that. Returns a descriptor or -errno. */
static long make(const char *name, const struct hf_mqueue *q)
{
	struct mq_attr attributes = { .mq_maxmsg = q->most, .mq_msgsize = q->largest };
	long umask = sys(__NR_umask, 0);
	long fd = sys(__NR_mq_open, name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NONBLOCK, q->mode, &attributes);

	sys(__NR_umask, umask);
	return fd;
}

long hf_make_mqueue(const char *name, int unlinked, const struct hf_data *data)
{
	const struct hf_mqueue *q = (const void *)(data + 1);
	const char *as = unlinked ? UNLINKED : name;
	long fd, ret;

	if (hf_restart.numbers)
		remove_left(as, q);
	fd = make(as, q);
	if (fd < 0)
		return fd;
	ret = send(fd, (const char *)(q + 1), (const char *)q + data->length);
	if (!ret && unlinked)
		ret = sys(__NR_mq_unlink, as);
	return ret ? ret : fd;
}
