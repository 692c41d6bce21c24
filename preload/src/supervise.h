/* SPDX-License-Identifier: Apache-2.0 */
/* supervise.h - the initial process of a job, once its root process exists. */
#ifndef HOLDFAST_SUPERVISE_H
#define HOLDFAST_SUPERVISE_H

#include <holdfast/protocol.h>

#include "terminal.h"

struct supervisor {
	const char *socket; /* path of the job's socket */
	int fd;		    /* connection to the runner, -1: it is gone */
	int32_t host_pid;   /* our own, as hello says it */
	struct hf_started started;
	int told_started; /* the runner knows */
	int exited;	  /* the root ended, with `status` */
	int32_t status;
	int may_lose_runner; /* 0: a restart that is not whole ends with the runner */
	struct terminal terminal;
};

/* Reaps, passes the terminal through, answers the runner, until no process of the job is left. Does not return. */
_Noreturn void hf_supervise(struct supervisor *s);

/* Says why the launch or restart failed, and ends. */
_Noreturn void hf_fail(int fd, const char *what, const char *which, long error);

#endif
