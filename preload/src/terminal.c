/* SPDX-License-Identifier: Apache-2.0 */
/* terminal.c - the job's own terminal, and its proxy to the caller's. */
#include "terminal.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/tty.h>
#include <asm/termios.h>
#include <asm/termbits.h>
#include <asm/ioctls.h>
#include <asm/stat.h>

#include "sys.h"

static int is_terminal(int fd)
{
	struct termios ignored;

	return !sys(__NR_ioctl, fd, TCGETS, &ignored);
}

long hf_terminal_open(struct terminal *t, int always)
{
	int unlocked = 0;
	struct stat st;
	long ret;

	*t = (struct terminal){ .master = -1, .slave = -1, .caller = -1, .output = -1 };
	for (int fd = 2; fd >= 0; fd--)
		if (is_terminal(fd)) {
			t->caller = fd;
			if (fd)
				t->output = fd;
			else
				t->input = 1;
		}
	if (t->caller < 0 && !always)
		return 0;
	ret = sys(__NR_open, "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ret < 0)
		return ret;
	t->master = (int)ret;
	ret = sys(__NR_ioctl, t->master, TIOCSPTLCK, &unlocked);
	if (ret)
		return ret;
	ret = sys(__NR_ioctl, t->master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	if (ret < 0)
		return ret;
	t->slave = (int)ret;
	/* Given to the ioctl, the flag would stay with the file, and be told of every duplicate. */
	sys(__NR_fcntl, t->slave, F_SETFD, FD_CLOEXEC);
	ret = sys(__NR_fstat, t->slave, &st);
	t->rdev = st.st_rdev;
	if (t->caller >= 0 && !sys(__NR_ioctl, t->caller, TCGETS, t->saved)) {
		sys(__NR_ioctl, t->slave, TCSETS, t->saved);
		hf_terminal_window(t);
	}
	return ret;
}

void hf_terminal_raw(struct terminal *t)
{
	struct termios raw;

	if (!t->input || t->master < 0)
		return;
	raw = *(struct termios *)t->saved;
	raw.c_iflag &= ~(unsigned int)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	raw.c_oflag &= ~(unsigned int)OPOST;
	raw.c_lflag &= ~(unsigned int)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag = (raw.c_cflag & ~(unsigned int)(CSIZE | PARENB)) | CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	t->raw = !sys(__NR_ioctl, t->caller, TCSETS, &raw);
}

void hf_terminal_release(struct terminal *t)
{
	if (t->raw)
		sys(__NR_ioctl, t->caller, TCSETSW, t->saved);
	t->raw = 0;
	t->caller = -1;
	t->output = -1;
	t->input = 0;
}

void hf_terminal_window(struct terminal *t)
{
	struct winsize size;

	if (t->caller >= 0 && t->master >= 0 && !sys(__NR_ioctl, t->caller, TIOCGWINSZ, &size))
		sys(__NR_ioctl, t->master, TIOCSWINSZ, &size);
}

void hf_terminal_pass(struct terminal *t, int from)
{
	char buffer[4096];
	long n = sys(__NR_read, from, buffer, sizeof(buffer));
	int to = from == t->master ? t->output : t->master;

	if (n <= 0) {
		if (from != t->master && n != -EINTR && n != -EAGAIN)
			t->input = 0;
		return;
	}
	for (long done = 0; to >= 0 && done < n;) {
		long put = sys(__NR_write, to, buffer + done, n - done);

		if (put == -EINTR || put == -EAGAIN)
			continue;
		if (put < 0) {
			if (to == t->output)
				hf_terminal_release(t);
			return;
		}
		done += put;
	}
}
