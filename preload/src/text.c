/* SPDX-License-Identifier: Apache-2.0 */
/* text.c - strings and numbers without libc. */
#include "text.h"

#include <asm/errno.h>
#include <linux/fcntl.h>

#include "sys.h"

size_t hf_length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int hf_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

int hf_starts(const char *s, const char *prefix)
{
	while (*prefix && *s == *prefix)
		s++, prefix++;
	return !*prefix;
}

struct text hf_text(char *buffer, size_t size)
{
	struct text t = { buffer, buffer + size - 1 };

	*buffer = 0;
	return t;
}

void hf_add(struct text *t, const char *s)
{
	while (*s && t->at < t->end)
		*t->at++ = *s++;
	*t->at = 0;
}

void hf_add_number(struct text *t, int64_t value)
{
	char digits[24];
	char *p = digits + sizeof(digits);
	uint64_t v = value < 0 ? -(uint64_t)value : (uint64_t)value;

	*--p = 0;
	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	if (value < 0)
		*--p = '-';
	hf_add(t, p);
}

void hf_add_error(struct text *t, long error)
{
	static const struct {
		long number;
		const char *name;
	} names[] = {
		{ EPERM, "EPERM, not permitted" },
		{ ENOENT, "ENOENT, does not exist" },
		{ EAGAIN, "EAGAIN, a limit is reached" },
		{ ENOMEM, "ENOMEM, out of memory" },
		{ EACCES, "EACCES, permission denied" },
		{ EBUSY, "EBUSY, in use" },
		{ EEXIST, "EEXIST, it is taken" },
		{ EINVAL, "EINVAL, invalid" },
		{ EMFILE, "EMFILE, too many open files" },
		{ ENOSPC, "ENOSPC, no space or a limit is reached" },
		{ EIO, "EIO, input or output error" },
		{ ENOEXEC, "ENOEXEC, not a program" },
		{ ENOTDIR, "ENOTDIR, not a folder" },
		{ ECONNREFUSED, "ECONNREFUSED, nobody listens" },
		{ EADDRINUSE, "EADDRINUSE, the address is in use" },
		{ EADDRNOTAVAIL, "EADDRNOTAVAIL, the address is not to be had" },
		{ EROFS, "EROFS, read-only file system" },
		{ EPROTONOSUPPORT, "EPROTONOSUPPORT, the kernel's module unix_diag cannot be loaded" },
	};

	if (error < 0)
		error = -error;
	hf_add(t, " (");
	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
		if (names[n].number == error) {
			hf_add(t, names[n].name);
			hf_add(t, ")");
			return;
		}
	hf_add(t, "error ");
	hf_add_number(t, error);
	hf_add(t, ")");
}

int hf_ends(const char *s, const char *suffix)
{
	size_t length = hf_length(s), end = hf_length(suffix);

	return length >= end && hf_equal(s + length - end, suffix);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 99;
}

uint64_t hf_number(const char **s, unsigned int base)
{
	uint64_t value = 0;

	while (digit(**s) < (int)base)
		value = value * base + (unsigned int)digit(*(*s)++);
	return value;
}

const char *hf_next_line(const char *s)
{
	while (*s && *s != '\n')
		s++;
	return *s ? s + 1 : s;
}

const char *hf_area(const char *line, uint64_t *start, uint64_t *end)
{
	*start = hf_number(&line, 16);
	line++;
	*end = hf_number(&line, 16);
	return line;
}

const char *hf_find_in_line(const char *s, char c)
{
	while (*s && *s != '\n' && *s != c)
		s++;
	return s;
}

void hf_add_string(struct text *t, const char *s)
{
	hf_add(t, s);
	*++t->at = 0;
}

long hf_read_file_at(long folder, const char *path, char *buffer, size_t size)
{
	long fd = sys(__NR_openat, folder, path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	long n;

	if (fd < 0)
		return fd;
	while ((n = sys(__NR_read, fd, buffer + length, size - 1 - length)) > 0)
		length += (size_t)n;
	sys(__NR_close, fd);
	if (n < 0)
		return n;
	buffer[length] = 0;
	return length == size - 1 ? -ENOBUFS : (long)length;
}

long hf_read_file(const char *path, char *buffer, size_t size)
{
	return hf_read_file_at(AT_FDCWD, path, buffer, size);
}

long hf_write_file(const char *path, const char *text)
{
	long fd = sys(__NR_open, path, O_WRONLY | O_CLOEXEC);
	long ret;

	if (fd < 0)
		return fd;
	ret = sys(__NR_write, fd, text, hf_length(text));
	sys(__NR_close, fd);
	return ret < 0 ? ret : 0;
}

const char *hf_field(const char *lines, const char *name)
{
	for (; *lines; lines = hf_next_line(lines)) {
		const char *s = lines;
		const char *n = name;

		while (*n && *s == *n)
			s++, n++;
		if (!*n && *s == ':') {
			for (s++; *s == ' ' || *s == '\t';)
				s++;
			return s;
		}
	}
	return NULL;
}

uint64_t hf_field_number(const char *lines, const char *name, unsigned int base)
{
	const char *s = hf_field(lines, name);

	return s ? hf_number(&s, base) : 0;
}
