/* SPDX-License-Identifier: Apache-2.0 */
/*
 * descriptors.c - describe the descriptors of the stopped process, and those on their way in the queues of its sockets.
 */
#define _GNU_SOURCE
#include "descriptors.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <sys/stat.h>

#include "engine.h"
#include "held.h"
#include "posix_mq.h"
#include "pty.h"
#include "socket.h"
#include "sys.h"

#define O_CLOEXEC_FLAG 02000000
#define MQUEUE_SIZE 80 /* st_size of every POSIX message queue, FILENT_SIZE in ipc/mqueue.c */
#define PTMX 0x502     /* device 5:2 */

/* The lock that a line of fdinfo tells: "lock:  1: POSIX  ADVISORY  WRITE 17 fe:00:33 0 EOF". */
static void note_lock(int fd, const char *line)
{
	struct lock *l = &ENGINE->locks[ENGINE->lock_count];
	const char *end = hf_next_line(line);
	int64_t last;

	*l = (struct lock){ .fd = fd, .kind = LOCK_OF_FLOCK };
	for (const char *s = line; s < end; s++) {
		if (hf_starts(s, "POSIX"))
			l->kind = LOCK_OF_PROCESS;
		if (hf_starts(s, "OFDLCK"))
			l->kind = LOCK_OF_DESCRIPTION;
		if (hf_starts(s, "WRITE"))
			l->write = 1;
		if (hf_starts(s, "DELEG") || hf_starts(s, "LEASE"))
			return;
	}
	/* The range is the last two words. */
	while (end > line && end[-1] != ' ')
		end--;
	last = *end == 'E' ? -1 : (int64_t)hf_number(&end, 10);
	while (*end != ' ')
		end--;
	for (end--; *end != ' ';)
		end--;
	end++;
	l->start = (int64_t)hf_number(&end, 10);
	l->length = last < 0 ? 0 : last - l->start + 1;
	ENGINE->lock_count++;
}

static void gather_locks(int fd, const char *info)
{
	for (const char *line = info; *line; line = hf_next_line(line))
		if (hf_starts(line, "lock:") && ENGINE->lock_count < MAX_LOCKS)
			note_lock(fd, line);
}

/* Who gets the signals of a descriptor (fcntl F_SETOWN_EX, F_SETSIG). */
static int gather_owner(int fd, long own, uint32_t flags, struct text *reason)
{
	struct owner o = { .fd = fd, .flags = flags };

	if (sys(__NR_fcntl, own, F_GETOWN_EX, &o.type) < 0)
		o.pid = 0;
	o.signal = (int32_t)sys(__NR_fcntl, own, F_GETSIG);
	if (!o.pid && o.signal <= 0)
		return 0;
	if (ENGINE->owner_count == MAX_OWNERS) {
		hf_add(reason, "more than 1024 of its descriptors send signals");
		return -1;
	}
	ENGINE->owners[ENGINE->owner_count++] = o;
	return 0;
}

/* The kernel shows a message queue as "/name". */
static long mark_mqueue(char *link, long length)
{
	char marked[300];
	struct text t = hf_text(marked, sizeof(marked));

	hf_add(&t, HF_MQUEUE_LINK);
	hf_add(&t, link);
	length += (long)hf_length(HF_MQUEUE_LINK);
	memcpy(link, marked, (size_t)length + 1);
	return length;
}

/* The other side of a pseudo terminal, or /dev/tty; see the kernel's Documentation/admin-guide/devices.txt. */
static int is_terminal(uint64_t rdev)
{
	uint64_t major = rdev >> 8 & 0xfff;

	return (major >= 136 && major <= 143) || rdev == 0x500;
}

/* Where /proc tells of the descriptors of a task: folders. */
struct folders {
	long fd, fdinfo;
};

static void close_folders(const struct folders *of)
{
	sys(__NR_close, of->fd);
	sys(__NR_close, of->fdinfo);
}

static long open_folder(int32_t tid, const char *name)
{
	char path[64];
	struct text p = hf_text(path, sizeof(path));

	hf_add(&p, "/proc/");
	hf_add_number(&p, tid);
	hf_add(&p, name);
	return sys(__NR_open, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_folders(int32_t tid, struct folders *of)
{
	*of = (struct folders){ open_folder(tid, "/fd"), open_folder(tid, "/fdinfo") };
	if (of->fd >= 0 && of->fdinfo >= 0)
		return 0;
	close_folders(of);
	return -1;
}

/* A descriptor that is described. */
struct described {
	int fd;
	const char *name; /* in the folders */
	char link[4096];  /* what the folder fd shows */
	long link_length;
	struct stat st;
	long own; /* a duplicate, -1: there is none */
	uint64_t under_way;
};

/*
 * Of a message queue no duplicate is made: closing that would end its notification. A regular file or folder needs none,
 * if it is no memfd.
 */
static int needs_duplicate(const struct described *d)
{
	return S_ISSOCK(d->st.st_mode) || S_ISFIFO(d->st.st_mode) || S_ISCHR(d->st.st_mode) ||
	       hf_starts(d->link, "/memfd:");
}

/* A job may have very many sockets: what their links say is known. */
static long read_link(struct described *d, const struct folders *in)
{
	struct text t = hf_text(d->link, sizeof(d->link));

	if (!S_ISSOCK(d->st.st_mode))
		return sys(__NR_readlinkat, in->fd, d->name, d->link, sizeof(d->link) - 1);
	hf_add(&t, "socket:[");
	hf_add_number(&t, (int64_t)d->st.st_ino);
	hf_add(&t, "]");
	return t.at - d->link;
}

static long look_at(struct described *d, const struct folders *in)
{
	long ret = sys(__NR_newfstatat, in->fd, d->name, &d->st, 0);

	if (ret)
		return ret;
	ret = read_link(d, in);
	if (ret < 0)
		return ret;
	d->link_length = ret;
	d->link[ret] = 0;
	if (S_ISREG(d->st.st_mode) && d->st.st_size == MQUEUE_SIZE && hf_is_mqueue(in->fd, d->name))
		d->link_length = mark_mqueue(d->link, d->link_length);
	if (!needs_duplicate(d))
		return 0;
	d->own = hf_borrow(d->fd);
	return d->own < 0 ? d->own : 0;
}

static uint64_t more_of(const struct described *d)
{
	uint64_t more = d->st.st_nlink;

	if (S_ISFIFO(d->st.st_mode))
		more = (uint64_t)sys(__NR_fcntl, d->own, F_GETPIPE_SZ);
	if (S_ISREG(d->st.st_mode) && d->own >= 0)
		more |= (uint64_t)sys(__NR_fcntl, d->own, F_GET_SEALS) << 32;
	return more;
}

/* What belongs to descriptors rather than to what they refer to: of one that is held, nobody has it yet. */
static int gather_belongings(const struct described *d, uint32_t flags, const char *info, struct text *reason)
{
	if (d->fd >= HF_HELD)
		return hf_field(info, "lock") ? -EOPNOTSUPP : 0;
	gather_locks(d->fd, info);
	return d->own >= 0 && gather_owner(d->fd, d->own, flags, reason) ? -E2BIG : 0;
}

static int gather_record(struct described *d, const struct folders *in, struct text *reason)
{
	char *info = ENGINE->request; /* an epoll set's may be long */
	long length = hf_read_file_at(in->fdinfo, d->name, info, sizeof(ENGINE->request));
	const char *pos;
	struct hf_fd *r;
	uint64_t flags;
	struct text t;

	if (length < 0)
		return (int)length;
	r = hf_record(&ENGINE->out, HF_REC_FD, sizeof(*r), (size_t)(d->link_length + length + 2));
	if (!r)
		return 0;
	flags = hf_field_number(info, "flags", 8);
	pos = hf_field(info, "pos");
	d->under_way = hf_field_number(info, "scm_fds", 10);
	*r = (struct hf_fd){
		.fd = d->fd,
		.fd_flags = flags & O_CLOEXEC_FLAG ? 1 : 0,
		.flags = (uint32_t)(flags & ~(uint64_t)O_CLOEXEC_FLAG),
		.mode = d->st.st_mode,
		.dev = d->st.st_dev,
		.ino = d->st.st_ino,
		.rdev = d->st.st_rdev,
		.size = (uint64_t)d->st.st_size,
		.pos = S_ISREG(d->st.st_mode) || S_ISDIR(d->st.st_mode) || S_ISBLK(d->st.st_mode) ?
			       (int64_t)hf_number(&pos, 10) :
			       -1,
		.aux = more_of(d),
	};
	if (d->fd >= HF_HELD) {
		r->keeper = ENGINE->checkpoint_tid;
		r->own = ENGINE->held[d->fd - HF_HELD].fd;
	}
	t = hf_text((char *)(r + 1), (size_t)(d->link_length + length + 3));
	hf_add_string(&t, d->link);
	hf_add(&t, info);
	return gather_belongings(d, r->flags, info, reason);
}

/* The record of its own that some have. */
static long gather_kind(const struct described *d)
{
	if (S_ISCHR(d->st.st_mode) && d->st.st_rdev == PTMX)
		return hf_gather_pty(d->fd, d->own, &ENGINE->out);
	if (S_ISCHR(d->st.st_mode) && is_terminal(d->st.st_rdev))
		return hf_gather_terminal(d->fd, d->own, &ENGINE->out);
	return S_ISSOCK(d->st.st_mode) ? hf_gather_socket(d->fd, d->own, d->st.st_ino, d->under_way, &ENGINE->out) : 0;
}

static int gather_descriptor(int fd, const char *name, const struct folders *in, struct text *reason)
{
	struct described d = { .fd = fd, .name = name, .own = -1 };
	long ret = look_at(&d, in);

	if (!ret)
		ret = gather_record(&d, in, reason);
	if (!ret)
		ret = gather_kind(&d);
	if (d.own >= 0)
		sys(__NR_close, d.own);
	return (int)ret;
}

static int gather_held_one(int n, const struct folders *in, struct text *reason)
{
	char name[16];
	struct text t = hf_text(name, sizeof(name));

	hf_add_number(&t, ENGINE->held[n].fd);
	return gather_descriptor(HF_HELD + n, name, in, reason);
}

/* While they are described, those in their own queues are added. */
static int gather_held(struct text *reason)
{
	struct folders in;
	int ret = 0;

	if (!hf_held())
		return 0;
	if (open_folders(ENGINE->checkpoint_tid, &in)) {
		hf_add(reason, "cannot list the descriptors that are on their way");
		return -1;
	}
	for (int n = 0; !ret && n < hf_held(); n++)
		ret = gather_held_one(n, &in, reason);
	close_folders(&in);
	if (!ret)
		return 0;
	hf_add(reason, "cannot read a descriptor on its way in the queue of a socket");
	hf_add_error(reason, ret);
	return -1;
}

static int gather_own(struct text *reason)
{
	struct folders in;
	long n;
	int ret = 0;

	ENGINE->lock_count = 0;
	ENGINE->owner_count = 0;
	if (open_folders(ENGINE->pid, &in)) {
		hf_add(reason, "cannot list its descriptors");
		return -1;
	}
	while (!ret && (n = sys(__NR_getdents64, in.fd, ENGINE->scratch, sizeof(ENGINE->scratch))) > 0) {
		for (long at = 0; at < n;) {
			const struct directory_entry *d = (const void *)(ENGINE->scratch + at);
			const char *name = d->name;

			at += d->length;
			if (*name != '.')
				ret = gather_descriptor((int)hf_number(&name, 10), d->name, &in, reason);
			if (ret) {
				hf_add(reason, "cannot read its descriptor ");
				hf_add(reason, d->name);
				hf_add_error(reason, ret);
				break;
			}
		}
	}
	close_folders(&in);
	if (ENGINE->lock_count == MAX_LOCKS) {
		hf_add(reason, "it holds more than 4095 file locks");
		return -1;
	}
	return ret ? -1 : 0;
}

int hf_gather_descriptors(struct text *reason)
{
	return gather_own(reason) || gather_held(reason) ? -1 : 0;
}
