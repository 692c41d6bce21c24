/* SPDX-License-Identifier: Apache-2.0 */
/* message.c - messages of protocol.h over a Unix socket, without libc. */
#include "message.h"

#include <asm/errno.h>
#include <linux/un.h>

#include "sys.h"
#include "text.h"

#define AF_UNIX 1
#define SOCK_STREAM 1
#define SOCK_CLOEXEC 02000000
#define MSG_NOSIGNAL 0x4000

long hf_connect(const char *path, int32_t pid, enum hf_kind kind, uint32_t flags)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct hf_hello hello = {
		.pid = pid,
		.kind = kind,
		.flags = flags,
		.host_pid = (uint32_t)(kind == HF_INIT ? pid : sys(__NR_getpid)),
	};
	struct text t = hf_text(address.sun_path, sizeof(address.sun_path));
	long fd, ret;

	hf_add(&t, path);
	fd = sys(__NR_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	ret = sys(__NR_connect, fd, &address, sizeof(address));
	if (!ret)
		ret = hf_send((int)fd, HF_HELLO, 0, &hello, sizeof(hello));
	if (!ret)
		return fd;
	sys(__NR_close, fd);
	return ret;
}

static long send_all(int fd, const void *data, size_t length)
{
	const char *p = data;

	while (length) {
		long n = sys(__NR_sendto, fd, p, length, MSG_NOSIGNAL, 0, 0);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return n;
		p += n;
		length -= (size_t)n;
	}
	return 0;
}

long hf_send(int fd, enum hf_type type, uint32_t epoch, const void *payload, size_t length)
{
	struct hf_msg msg = { HF_MAGIC, HF_VERSION, (uint16_t)type, (uint32_t)length, epoch };
	long ret = send_all(fd, &msg, sizeof(msg));

	return ret || !length ? ret : send_all(fd, payload, length);
}

long hf_send_text(int fd, enum hf_type type, uint32_t epoch, const char *text)
{
	return hf_send(fd, type, epoch, text, hf_length(text));
}

long hf_read(int fd, void *to, size_t length)
{
	char *p = to;

	while (length) {
		long n = sys(__NR_read, fd, p, length);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return n;
		p += n;
		length -= (size_t)n;
	}
	return 1;
}

long hf_receive(int fd, struct hf_msg *msg)
{
	long ret = hf_read(fd, msg, sizeof(*msg));

	if (ret == 1 && (msg->magic != HF_MAGIC || msg->version != HF_VERSION))
		return -EPROTO;
	return ret;
}

void *hf_record(struct records *r, enum hf_rec_type type, size_t fixed, size_t extra)
{
	size_t length = (sizeof(struct hf_rec) + fixed + extra + 7) & ~(size_t)7;
	struct hf_rec *rec = (void *)(r->start + r->used);

	if (length > r->size - r->used) {
		r->full = 1;
		return NULL;
	}
	memset((char *)rec + length - 8, 0, 8);
	rec->type = type;
	rec->length = (uint32_t)length;
	r->used += length;
	return rec + 1;
}

const struct hf_rec *hf_next_record(const void *payload, size_t length, const struct hf_rec *rec)
{
	const char *end = (const char *)payload + length;
	const char *next = rec ? (const char *)rec + rec->length : payload;
	const struct hf_rec *r = (const void *)next;

	if ((size_t)(end - next) < sizeof(*r) || r->length < sizeof(*r) || r->length > (size_t)(end - next))
		return NULL;
	return r;
}
