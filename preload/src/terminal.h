/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal.h - the job's own terminal: a pty whose master the initial process holds, so that the job's session is the
 * job's and not the caller's. What comes from the caller's terminal goes to the job's, and back.
 */
#ifndef HOLDFAST_TERMINAL_H
#define HOLDFAST_TERMINAL_H

#include <stdint.h>

struct terminal {
	int master, slave; /* -1: the job has no terminal */
	int caller;	   /* the caller's terminal, -1: gone or none */
	int input;	   /* 1: the caller's standard input is the terminal */
	int output;	   /* descriptor that output goes to, -1: thrown away */
	int raw;	   /* the caller's terminal is in raw mode */
	uint64_t rdev;	   /* of the slave */
	char saved[64];	   /* the caller's termios */
};

/* Opens a pty when one of 0, 1, 2 is a terminal, or when `always`. Returns 0 or -errno. */
long hf_terminal_open(struct terminal *t, int always);
/* Puts the caller's terminal into raw mode, for the proxy. */
void hf_terminal_raw(struct terminal *t);
/* Gives the caller's terminal back as it was, and forgets it. */
void hf_terminal_release(struct terminal *t);
void hf_terminal_window(struct terminal *t);
/* Moves what waits on `from`, master or the caller's input, once. */
void hf_terminal_pass(struct terminal *t, int from);

#endif
