/* SPDX-License-Identifier: Apache-2.0 */
/*
 * describe.c - open file descriptions of a job again: each once, by the initial process, so that the processes, which
 * inherit it, share it as they did; and put into each process's descriptors.
 */
#include "restart.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/memfd.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <linux/eventpoll.h>
#include <linux/timerfd.h>
#include <asm/ioctls.h>
#include <asm/stat.h>
#include <asm/termbits.h>

#include "message.h"
#include "sys.h"
#include "text.h"

#define CREATION_FLAGS (O_CREAT | O_EXCL | O_TRUNC | O_NOCTTY)
/* How a name was looked up does not hold for a descriptor; O_ASYNC is of the process that gets the signals. */
#define OTHER_FLAGS (O_NOFOLLOW | O_TMPFILE | FASYNC)
#define EFD_SEMAPHORE 1
#define PTY_TRIES 64
#define EFD_CLOEXEC O_CLOEXEC

/* A pipe, FIFO or object of which several descriptions are made: found by its number, gone when all are made. */
struct object {
	uint32_t kind; /* HF_PIPE_READ for both ends, else the description's kind */
	uint64_t value;
	int read, write; /* descriptors of this process; of a memfd or file both the same */
};

static struct object *objects;
static uint32_t object_count;

static const char *text_of(const struct hf_description *d)
{
	return (const char *)(d + 1);
}

static long check(const struct hf_description *d, const char *what, long ret)
{
	if (ret < 0)
		hf_give_up(what, text_of(d), ret);
	return ret;
}

/* Opens what a descriptor of this process refers to once more: a description of its own. */
static long open_again(int fd, uint32_t flags)
{
	char path[40];
	struct text t = hf_text(path, sizeof(path));

	hf_add(&t, "/proc/self/fd/");
	hf_add_number(&t, fd);
	return sys(__NR_open, path, (flags & ~(uint32_t)(CREATION_FLAGS | OTHER_FLAGS)) | O_CLOEXEC);
}

static void write_all(const struct hf_description *d, int fd, const char *from, uint64_t length)
{
	while (length) {
		long n = check(d, "cannot give back the content of ", sys(__NR_write, fd, from, length));

		from += n;
		length -= (uint64_t)n;
	}
}

static struct object *find_object(uint32_t kind, uint64_t value)
{
	for (uint32_t n = 0; n < object_count; n++)
		if (objects[n].kind == kind && objects[n].value == value)
			return &objects[n];
	return NULL;
}

static struct object *new_object(uint32_t kind, uint64_t value, int read, int write)
{
	struct object *o = &objects[object_count++];

	*o = (struct object){ kind, value, read, write };
	return o;
}

static void fill(uint32_t index, int fd)
{
	const struct hf_data *data = hf_data(index);

	if (data)
		write_all(hf_description(index), fd, (const char *)(data + 1), data->length);
}

/* A pipe's content is runs of bytes, each written at once: of a pipe of packets (O_DIRECT) one packet. */
static void fill_pipe(uint32_t index, int fd)
{
	const struct hf_description *d = hf_description(index);
	const struct hf_data *data = hf_data(index);
	const char *at = data ? (const char *)(data + 1) : NULL;
	const char *end = data ? at + data->length : NULL;
	const struct hf_queued *q = (const void *)at;

	if (data && sizeof(*q) + q->length + 8 <= data->length)
		check(d, "cannot make packets in ", sys(__NR_fcntl, fd, F_SETFL, O_DIRECT));
	while (at && at + sizeof(*q) <= end) {
		q = (const void *)at;
		write_all(d, fd, at + sizeof(*q), q->length);
		at += sizeof(*q) + (((uint64_t)q->length + 7) & ~7ull);
	}
}

/* Packet mode can be asked for when it is open only. */
static long open_pipe_end(const struct hf_description *d, int end)
{
	long fd = open_again(end, d->flags & ~(uint32_t)O_DIRECT);

	if (fd >= 0 && d->flags & O_DIRECT)
		check(d, "cannot make a pipe of packets",
		      sys(__NR_fcntl, fd, F_SETFL, d->flags & (O_DIRECT | O_NONBLOCK)));
	return fd;
}

static long open_pipe(uint32_t index)
{
	const struct hf_description *d = hf_description(index);
	struct object *o = find_object(HF_PIPE_READ, d->value);
	int ends[2];

	if (!o) {
		check(d, "cannot make a pipe", sys(__NR_pipe2, ends, O_CLOEXEC));
		if (d->aux)
			check(d, "cannot set the size of a pipe", sys(__NR_fcntl, ends[1], F_SETPIPE_SZ, d->aux));
		o = new_object(HF_PIPE_READ, d->value, ends[0], ends[1]);
	}
	fill_pipe(index, o->write);
	return open_pipe_end(d, d->kind == HF_PIPE_READ ? o->read : o->write);
}

static long open_memfd(uint32_t index)
{
	const struct hf_description *d = hf_description(index);
	struct object *o = find_object(HF_MEMFD, d->value);

	if (!o) {
		int fd = (int)check(d, "cannot make shared memory ",
				    sys(__NR_memfd_create, text_of(d), MFD_CLOEXEC | MFD_ALLOW_SEALING));

		check(d, "cannot size shared memory ", sys(__NR_ftruncate, fd, d->aux));
		o = new_object(HF_MEMFD, d->value, fd, fd);
	}
	fill(index, o->write);
	return open_again(o->write, d->flags);
}

static long open_mqueue(uint32_t index)
{
	const struct hf_description *d = hf_description(index);
	struct object *o = find_object(HF_MQUEUE, d->value);

	if (!o) {
		const struct hf_data *data = hf_data(index);
		int fd = (int)check(d, "cannot make again the message queue ",
				    data ? hf_make_mqueue(text_of(d), d->aux == 1, data) : -ENOENT);

		o = new_object(HF_MQUEUE, d->value, fd, fd);
	}
	return open_again(o->write, d->flags);
}

/* A file without a name, in the folder where it was. */
static long open_deleted(uint32_t index)
{
	const struct hf_description *d = hf_description(index);
	struct object *o = find_object(HF_DELETED, d->value);
	char folder[4096];
	struct text t = hf_text(folder, sizeof(folder));
	char *slash = NULL;

	if (!o) {
		int fd;

		hf_add(&t, text_of(d));
		for (char *c = folder; *c; c++)
			if (*c == '/')
				slash = c;
		if (slash)
			slash[slash == folder] = 0;
		fd = (int)check(d, "cannot make again the deleted file ",
				sys(__NR_open, folder, O_TMPFILE | O_RDWR | O_CLOEXEC, d->aux & 07777));
		o = new_object(HF_DELETED, d->value, fd, fd);
	}
	fill(index, o->write);
	return open_again(o->write, d->flags);
}

static long open_file(uint32_t index)
{
	const struct hf_description *d = hf_description(index);

	return check(d, "cannot open ",
		     sys(__NR_open, text_of(d),
			 (d->flags & ~(uint32_t)(CREATION_FLAGS | FASYNC)) | O_NOCTTY | O_CLOEXEC));
}

static void make_fifo(const struct hf_description *d)
{
	long ret = sys(__NR_mknod, text_of(d), S_IFIFO, 0);

	if (ret == -EEXIST)
		return;
	check(d, "cannot make again the FIFO ", ret);
	check(d, "cannot set the permissions of ", sys(__NR_chmod, text_of(d), d->aux));
}

/* It has somebody on both sides while its descriptions are made, so that no open waits and no content is lost. */
static struct object *hold_fifo(const struct hf_description *d)
{
	struct object *o;
	struct stat st;
	int fd;

	check(d, "cannot find ", sys(__NR_stat, text_of(d), &st));
	if ((st.st_mode & S_IFMT) != S_IFIFO)
		hf_give_up("this is not a FIFO any more: ", text_of(d), 0);
	o = find_object(HF_FIFO, st.st_ino);
	if (o)
		return o;
	fd = (int)check(d, "cannot open the FIFO ", sys(__NR_open, text_of(d), O_RDWR | O_CLOEXEC | O_NONBLOCK));
	return new_object(HF_FIFO, st.st_ino, fd, fd);
}

static long open_fifo(uint32_t index)
{
	struct object *held;
	long fd;

	make_fifo(hf_description(index));
	held = hold_fifo(hf_description(index));
	fd = open_file(index);
	fill_pipe(index, held->write);
	return fd;
}

static long open_eventfd(const struct hf_description *d)
{
	long fd = sys(__NR_eventfd2, 0, EFD_CLOEXEC | (d->flags & O_NONBLOCK) | (d->aux & 1 ? EFD_SEMAPHORE : 0));

	if (fd >= 0 && d->value)
		write_all(d, (int)fd, (const char *)&d->value, sizeof(d->value));
	return fd;
}

/* "it_value: (3, 499938214)" */
static struct __kernel_timespec time_field(const char *info, const char *name)
{
	const char *s = hf_field(info, name);
	struct __kernel_timespec t = { 0, 0 };

	if (!s)
		return t;
	s++;
	t.tv_sec = (long long)hf_number(&s, 10);
	s += 2;
	t.tv_nsec = (long long)hf_number(&s, 10);
	return t;
}

static long open_timerfd(const struct hf_description *d)
{
	const char *info = text_of(d);
	struct __kernel_itimerspec left = { time_field(info, "it_interval"), time_field(info, "it_value") };
	uint64_t ticks = hf_field_number(info, "ticks", 10);
	long fd = sys(__NR_timerfd_create, hf_field_number(info, "clockid", 10), TFD_CLOEXEC | (d->flags & O_NONBLOCK));

	if (fd < 0)
		return fd;
	/* Expired and not read yet, it is armed anew when it is read: a value of 0 would disarm it. */
	if (!left.it_value.tv_sec && !left.it_value.tv_nsec && (left.it_interval.tv_sec || left.it_interval.tv_nsec))
		left.it_value.tv_nsec = 1;
	check(d, "cannot set a timerfd", sys(__NR_timerfd_settime, fd, 0, &left, NULL));
	if (ticks)
		check(d, "cannot set the ticks of a timerfd", sys(__NR_ioctl, fd, TFD_IOC_SET_TICKS, &ticks));
	return fd;
}

/* The lowest free number is given: the old one comes up unless somebody has it, or many lower ones are free. */
static long open_ptmx(uint32_t index)
{
	int held[PTY_TRIES], count = 0;
	long found = -1;

	while (found < 0 && count < PTY_TRIES) {
		uint32_t got = 0;
		long fd = sys(__NR_open, "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

		if (fd < 0 || sys(__NR_ioctl, fd, TIOCGPTN, &got))
			return fd;
		if (got == index || count == PTY_TRIES - 1 || got > index)
			found = fd;
		else
			held[count++] = (int)fd;
	}
	while (count > 0)
		sys(__NR_close, held[--count]);
	return found;
}

static void fill_pty(uint32_t index, long master, const struct hf_pty *p)
{
	const struct hf_data *data = hf_data(index);
	struct termios2 raw = *(const struct termios2 *)p->termios;
	long slave;

	if (data) {
		slave = sys(__NR_ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
		raw.c_oflag = 0;
		sys(__NR_ioctl, master, TCSETS2, &raw);
		write_all(hf_description(index), (int)slave, (const char *)(data + 1), data->length);
		sys(__NR_close, slave);
	}
	sys(__NR_ioctl, master, TCSETS2, p->termios);
}

static long open_pty_master(uint32_t index)
{
	const struct hf_description *d = hf_description(index);
	const struct hf_pty *p = (const void *)(d + 1);
	struct object *o = find_object(HF_PTY_MASTER, d->value);
	int locked = 0, packet = (int)p->packet;
	long fd;

	if (o)
		return sys(__NR_fcntl, o->read, F_DUPFD_CLOEXEC, 3);
	fd = check(d, "cannot open a pseudo terminal", open_ptmx((uint32_t)d->value));
	sys(__NR_ioctl, fd, TIOCSPTLCK, &locked);
	sys(__NR_ioctl, fd, TIOCSWINSZ, p->window);
	fill_pty(index, fd, p);
	sys(__NR_ioctl, fd, TIOCPKT, &packet);
	sys(__NR_fcntl, fd, F_SETFL, d->flags & O_NONBLOCK);
	new_object(HF_PTY_MASTER, d->value, (int)sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 3),
		   (int)sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 3));
	return fd;
}

/* The masters are made first: the plan's order does not matter. */
static long open_pty_slave(const struct hf_description *d)
{
	struct object *o = find_object(HF_PTY_MASTER, d->value);

	for (uint32_t n = 0; !o && n < hf_restart.head.descriptions; n++)
		if (hf_description(n)->kind == HF_PTY_MASTER && hf_description(n)->value == d->value) {
			sys(__NR_close, open_pty_master(n));
			o = find_object(HF_PTY_MASTER, d->value);
		}
	return o ? sys(__NR_ioctl, o->read, TIOCGPTPEER, (d->flags & ~(uint32_t)CREATION_FLAGS) | O_NOCTTY) : -ENXIO;
}

long hf_open_terminal(const struct hf_node *node)
{
	const struct hf_description *d;
	int fd = hf_restart.first_free + node->tty;

	if (node->tty < 0)
		return sys(__NR_fcntl, hf_restart.terminal.slave, F_DUPFD_CLOEXEC, 3);
	d = hf_description((uint32_t)node->tty);
	return d->kind == HF_PTY_MASTER ? sys(__NR_ioctl, fd, TIOCGPTPEER, O_RDWR | O_NOCTTY) :
					  sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 3);
}

/* With the modes that the job has set; the window is that of the caller's terminal, if there is one. */
static long open_terminal(uint32_t index)
{
	const struct hf_description *d = hf_description(index);
	const struct hf_rec *rec = (const void *)((const char *)d - sizeof(*rec));
	const struct hf_pty *p = (const void *)(d + 1);

	if (rec->length >= sizeof(*rec) + sizeof(*d) + sizeof(*p)) {
		sys(__NR_ioctl, hf_restart.terminal.slave, TCSETS2, p->termios);
		if (hf_restart.terminal.caller < 0)
			sys(__NR_ioctl, hf_restart.terminal.master, TIOCSWINSZ, p->window);
	}
	return open_again(hf_restart.terminal.slave, d->flags | O_NOCTTY);
}

static long open_description(uint32_t index)
{
	const struct hf_description *d = hf_description(index);

	switch (d->kind) {
	case HF_FILE:
	case HF_OBJECT:
		return open_file(index);
	case HF_FIFO:
		return open_fifo(index);
	case HF_STREAM:
		return sys(__NR_fcntl, d->value, F_DUPFD_CLOEXEC, 3);
	case HF_TERMINAL:
		return open_terminal(index);
	case HF_PIPE_READ:
	case HF_PIPE_WRITE:
		return open_pipe(index);
	case HF_PTY_MASTER:
		return open_pty_master(index);
	case HF_PTY_SLAVE:
		return open_pty_slave(d);
	case HF_EVENTFD:
		return open_eventfd(d);
	case HF_TIMERFD:
		return open_timerfd(d);
	case HF_SIGNALFD:
		return sys(__NR_signalfd4, -1, &d->value, 8, O_CLOEXEC | (d->flags & O_NONBLOCK));
	case HF_EPOLL:
		return sys(__NR_epoll_create1, O_CLOEXEC);
	case HF_MEMFD:
		return open_memfd(index);
	case HF_DELETED:
		return open_deleted(index);
	case HF_MQUEUE:
		return open_mqueue(index);
	case HF_PIDFD: /* these hold the place until their processes exist */
	case HF_FILE_OF_PROCESS:
	case HF_SOCKET: /* until connect.c makes it */
		return sys(__NR_open, "/dev/null", O_RDONLY | O_CLOEXEC);
	default:
		return -EPROTO;
	}
}

void hf_describe(void)
{
	uint32_t count = hf_restart.head.descriptions;

	objects = hf_take((count + 1) * sizeof(*objects), 0);
	for (uint32_t n = 0; n < count; n++) {
		const struct hf_description *d = hf_description(n);
		long fd = check(d, "cannot open again ", open_description(n));
		long at = sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, hf_restart.first_free + (int)n);

		if (at != hf_restart.first_free + (int)n)
			hf_give_up("too many descriptors: raise the limit on open files", "", at < 0 ? at : 0);
		sys(__NR_close, fd);
		if (d->pos > 0 && d->kind != HF_FILE_OF_PROCESS)
			check(d, "cannot set the position in ", sys(__NR_lseek, at, d->pos, 0 /* SEEK_SET */));
	}
	hf_connect_sockets();
	for (uint32_t n = 0; n < object_count; n++) {
		uint64_t seals = objects[n].kind == HF_MEMFD ? objects[n].value >> 32 : 0;

		if (seals && sys(__NR_fcntl, objects[n].write, F_ADD_SEALS, seals))
			hf_give_up("cannot seal shared memory", "", 0);
		sys(__NR_close, objects[n].read);
		sys(__NR_close, objects[n].write);
	}
}

/* "tfd: 5 events: 19 data: 5 pos:0 ino:61 sdev:e", one line each. */
static void add_members(int epoll, const char *info)
{
	for (const char *line = info; *line; line = hf_next_line(line)) {
		struct epoll_event event;
		const char *s = hf_starts(line, "tfd:") ? line : NULL;
		long fd, ret;

		if (!s)
			continue;
		while (*s == ' ' || (*s && (*s < '0' || *s > '9')))
			s++;
		fd = (long)hf_number(&s, 10);
		while (*s && *s != ':')
			s++;
		for (s++; *s == ' ';)
			s++;
		event.events = (uint32_t)hf_number(&s, 16);
		while (*s && *s != ':')
			s++;
		for (s++; *s == ' ';)
			s++;
		event.data = hf_number(&s, 16);
		ret = sys(__NR_epoll_ctl, epoll, EPOLL_CTL_ADD, fd, &event);
		if (ret && ret != -EEXIST)
			hf_give_up_number("cannot add to an epoll set descriptor ", fd, ret);
	}
}

static int is_late(const struct hf_description *d)
{
	return d->kind == HF_PIDFD || d->kind == HF_FILE_OF_PROCESS;
}

static long open_late(const struct hf_description *d)
{
	long fd;

	if (d->kind == HF_PIDFD) {
		fd = sys(__NR_pidfd_open, d->value, d->flags & O_NONBLOCK);
		if (fd < 0)
			hf_give_up_number("cannot open a pidfd of process ", (int64_t)d->value, fd);
		return fd;
	}
	fd = check(d, "cannot open ",
		   sys(__NR_open, text_of(d), (d->flags & ~(uint32_t)CREATION_FLAGS) | O_NOCTTY | O_CLOEXEC));
	check(d, "cannot set the position in ", sys(__NR_lseek, fd, d->pos, 0 /* SEEK_SET */));
	return fd;
}

static void place(const struct hf_place *p)
{
	const struct hf_description *d = hf_description(p->description);
	long from, ret;

	if (p->fd >= HF_HELD)
		return;
	from = is_late(d) ? open_late(d) : hf_restart.first_free + (int)p->description;
	if (from == p->fd) /* one that came into its place by itself */
		ret = sys(__NR_fcntl, from, F_SETFD, p->fd_flags ? FD_CLOEXEC : 0);
	else
		ret = sys(__NR_dup3, from, p->fd, p->fd_flags ? O_CLOEXEC : 0);
	if (ret < 0)
		hf_give_up_number("cannot give back descriptor ", p->fd, ret);
	if (is_late(d) && from != p->fd)
		sys(__NR_close, from);
}

/* Calls fn with each place of a node. */
static void each_place(uint32_t node, void (*fn)(const struct hf_place *))
{
	const struct hf_rec *rec = hf_restart.nodes[node];

	while ((rec = hf_next_record(hf_restart.plan, hf_restart.plan_length, rec)) && rec->type != HF_REC_NODE)
		if (rec->type == HF_REC_PLACE)
			fn((const void *)(rec + 1));
}

static void fill_epoll(const struct hf_place *p)
{
	if (p->fd < HF_HELD && hf_description(p->description)->kind == HF_EPOLL)
		add_members(p->fd, text_of(hf_description(p->description)));
}

void hf_place(uint32_t node)
{
	/* What the initial process has for itself, its own streams too, is not the job's. */
	sys(__NR_close_range, 0, hf_restart.first_free - 1, 0);
	each_place(node, place);
	each_place(node, fill_epoll);
}
