/* SPDX-License-Identifier: Apache-2.0 */
/* text.h - strings and numbers without libc. */
#ifndef HOLDFAST_TEXT_H
#define HOLDFAST_TEXT_H

#include <stddef.h>
#include <stdint.h>

size_t hf_length(const char *s);
int hf_equal(const char *a, const char *b);
int hf_starts(const char *s, const char *prefix);
int hf_ends(const char *s, const char *suffix);

/* A text under construction in a fixed buffer; what does not fit is cut. Always ends with NUL. */
struct text {
	char *at;
	char *end;
};
struct text hf_text(char *buffer, size_t size);
void hf_add(struct text *t, const char *s);
/* With its end, behind which the next begins. */
void hf_add_string(struct text *t, const char *s);
void hf_add_number(struct text *t, int64_t value);
/* " (ENOENT)" for -ENOENT or ENOENT; a number for errors without a name here. */
void hf_add_error(struct text *t, long error);

/* Reads a number of `base` at *s, moves *s behind it. */
uint64_t hf_number(const char **s, unsigned int base);

/* Moves to the start of the next line, or to the NUL. */
const char *hf_next_line(const char *s);

/* The range that a line of /proc/self/maps begins with. Returns what follows it. */
const char *hf_area(const char *line, uint64_t *start, uint64_t *end);

/* The first `c` in the rest of the line, or its end. */
const char *hf_find_in_line(const char *s, char c);

/* Reads a whole file into a buffer, NUL-terminated. Returns its length, or -errno (-ENOBUFS: does not fit). */
long hf_read_file(const char *path, char *buffer, size_t size);

/* The same for a path that begins in an open folder. */
long hf_read_file_at(long folder, const char *path, char *buffer, size_t size);

/* Writes a text to an existing file. Returns 0 or -errno. */
long hf_write_file(const char *path, const char *text);

/* The value behind "name:" of a file of such lines (as /proc/self/status), or NULL. */
const char *hf_field(const char *lines, const char *name);

/* The number in it, 0: there is none. */
uint64_t hf_field_number(const char *lines, const char *name, unsigned int base);

#endif
