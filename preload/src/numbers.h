/* SPDX-License-Identifier: Apache-2.0 */
/*
 * numbers.h - processes and threads with the numbers that they had.
 *
 * Who may choose (CAP_CHECKPOINT_RESTORE) has the kernel give a number by clone3's set_tid. Where that is forbidden, one
 * counts up to it: the kernel gives the next free number behind the last one it gave, and begins anew behind the
 * highest, so a number comes when all before it were given. Numbers that are given to nobody are used up by a clone3 that
 * fails after it got one: for want of a descriptor.
 *
 * All processes of a restart count together, one at a time, to the nearest number that any of them wants next.
 */
#ifndef HOLDFAST_NUMBERS_H
#define HOLDFAST_NUMBERS_H

#include <linux/sched.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_WANTED 8192

/*
 * Of a restart that counts, in memory that its processes share; a null pointer: numbers are chosen. None is passed
 * over while one of its members is busy: that has not said yet which number it wants next.
 */
struct numbers {
	uint32_t changes;	    /* futex: how often what follows has changed */
	uint32_t members;	    /* who may still want numbers; atomic */
	uint32_t busy;		    /* those of them that do not wait for one; atomic */
	uint32_t counting;	    /* atomic; 1: somebody counts, and owns what the kernel gives next */
	uint32_t given_up;	    /* 1: the restart has failed */
	int32_t wanted[MAX_WANTED]; /* atomic; by who waits for its turn; 0: nobody */
};

/* So many processes may want numbers from now on, or that many less. */
void hf_more_want_numbers(struct numbers *n, int32_t count);

/* The next of these numbers, if they are counted up to. Returns its index; 0 if they are chosen. */
uint32_t hf_next_number(const struct numbers *n, const int32_t *numbers, uint32_t count);

/* Uses up all numbers up to this one: what others make now gets higher ones. */
void hf_pass_number(struct numbers *n, int32_t number);

/* Waits until nobody wants a number any more. */
void hf_await_numbers(struct numbers *n);

/*
 * fork, the child with this number. The caller is one of who may want numbers, and the child is, too. Returns 0 in the
 * child, its number in the parent, or -errno (-EEXIST: it is taken).
 */
long hf_fork_as(struct numbers *n, int32_t number);

/* A thread, or a process in the same memory, with this number, which calls fn(arg) on the stack of args. Returns its number or -errno. */
long hf_clone_as(struct numbers *n, int32_t number, const struct clone_args *args, void (*fn)(void *), void *arg);

#endif
