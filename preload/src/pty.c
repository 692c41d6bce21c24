/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pty.c - pseudo terminals of the stopped process. What waits in one cannot be peeked at: it is read, and written once
 * more by the other side with its output processing switched off, while nobody runs who could see it.
 */
#include "pty.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/fcntl.h>

#include "sys.h"

#define OPOST_FLAG 0000001u

static long ask(long fd, struct hf_pty *p)
{
	int packet = 0, locked = 0;
	long ret = sys(__NR_ioctl, fd, TIOCGPTN, &p->index);

	if (!ret)
		ret = sys(__NR_ioctl, fd, TCGETS2, p->termios);
	if (!ret)
		ret = sys(__NR_ioctl, fd, TIOCGWINSZ, p->window);
	if (!ret)
		ret = sys(__NR_ioctl, fd, TIOCGPKT, &packet);
	if (!ret)
		ret = sys(__NR_ioctl, fd, TIOCGPTLCK, &locked);
	p->packet = packet != 0;
	p->locked = locked != 0;
	return ret;
}

long hf_gather_pty(int fd, long own, struct records *out)
{
	struct hf_pty *p = hf_record(out, HF_REC_PTY, sizeof(*p), 0);

	if (!p)
		return -ENOBUFS;
	memset(p, 0, sizeof(*p));
	p->fd = fd;
	return ask(own, p);
}

/* What is not a terminal in truth has no modes, and gets no record. */
long hf_gather_terminal(int fd, long own, struct records *out)
{
	struct hf_pty p;
	struct hf_pty *to;
	long ret;

	memset(&p, 0, sizeof(p));
	p.fd = fd;
	ret = sys(__NR_ioctl, own, TCGETS2, p.termios);
	if (!ret)
		ret = sys(__NR_ioctl, own, TIOCGWINSZ, p.window);
	if (ret)
		return 0;
	to = hf_record(out, HF_REC_PTY, sizeof(*to), 0);
	if (!to)
		return -ENOBUFS;
	*to = p;
	return 0;
}

/* Output processing would change what goes through a second time. */
static long write_raw(long slave, const char *from, long length)
{
	struct termios2 as_it_is, raw;
	long ret = sys(__NR_ioctl, slave, TCGETS2, &as_it_is);

	if (ret)
		return ret;
	raw = as_it_is;
	raw.c_oflag &= ~OPOST_FLAG;
	sys(__NR_ioctl, slave, TCSETS2, &raw);
	while (length > 0) {
		ret = sys(__NR_write, slave, from, length);
		if (ret <= 0)
			break;
		from += ret;
		length -= ret;
	}
	sys(__NR_ioctl, slave, TCSETS2, &as_it_is);
	return length ? ret : 0;
}

long hf_copy_pty(long master, char *to, uint64_t room)
{
	int packet = 0, none = 0, waiting = 0;
	long slave, n = 0, ret = 0;

	sys(__NR_ioctl, master, FIONREAD, &waiting);
	if (waiting <= 0)
		return 0;
	if ((uint64_t)waiting > room)
		return -ENOBUFS;
	slave = sys(__NR_ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (slave < 0)
		return slave;
	sys(__NR_ioctl, master, TIOCGPKT, &packet);
	sys(__NR_ioctl, master, TIOCPKT, &none);
	while (n < waiting && (ret = sys(__NR_read, master, to + n, waiting - n)) > 0)
		n += ret;
	sys(__NR_ioctl, master, TIOCPKT, &packet);
	ret = write_raw(slave, to, n);
	sys(__NR_close, slave);
	return ret < 0 ? ret : n;
}
