/* SPDX-License-Identifier: Apache-2.0 */
/* posix_mq_restart.c - make a POSIX message queue again, with its messages, in the job's own IPC name space. */
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

long hf_make_mqueue(const char *name, int unlinked, const struct hf_data *data)
{
	const struct hf_mqueue *q = (const void *)(data + 1);
	struct mq_attr attributes = { .mq_maxmsg = q->most, .mq_msgsize = q->largest };
	const char *as = unlinked ? UNLINKED : name;
	long umask = sys(__NR_umask, 0);
	long fd = sys(__NR_mq_open, as, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NONBLOCK, q->mode, &attributes);
	long ret;

	sys(__NR_umask, umask);
	if (fd < 0)
		return fd;
	ret = send(fd, (const char *)(q + 1), (const char *)q + data->length);
	if (!ret && unlinked)
		ret = sys(__NR_mq_unlink, as);
	return ret ? ret : fd;
}
