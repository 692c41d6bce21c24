/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold_connects.c - make no connection while listeners are to accept those that wait.
 *
 * Nobody can look into a connection that is not accepted yet. A busy server has some at every moment: so the job goes on
 * for a moment in which none is added (HF_LET_ACCEPT), and is stopped then. It is a moment of milliseconds, which a
 * program cannot tell from a busy network.
 */
#define _GNU_SOURCE
#include "hold_connects.h"

#include <dlfcn.h>
#include <sys/socket.h>

#include "engine.h"
#include "sys.h"

#define PAUSE_NS 1000000

static int (*real_connect)(int, const struct sockaddr *, socklen_t);

void hf_find_connect(void)
{
	real_connect = dlsym(RTLD_NEXT, "connect");
}

/* No clock is asked unless there was such a moment. */
static int is_held(void)
{
	uint64_t until = hf_is_engine_mapped() ? __atomic_load_n(&ENGINE->connects_ns, __ATOMIC_RELAXED) : 0;

	return until && hf_now() < until;
}

__attribute__((visibility("default"))) int connect(int fd, const struct sockaddr *to, socklen_t length)
{
	struct __kernel_timespec pause = { 0, PAUSE_NS };

	while (is_held())
		sys(__NR_nanosleep, &pause, NULL);
	if (!real_connect) /* in the constructor of a library that comes before */
		hf_find_connect();
	return real_connect(fd, to, length);
}
