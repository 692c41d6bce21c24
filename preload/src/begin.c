/* SPDX-License-Identifier: Apache-2.0 */
/* begin.c - the interceptor begins with its process: when the program starts, and in a forked child. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/mman.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "engine.h"
#include "exec.h"
#include "hold_connects.h"
#include "placeholder.h"
#include "sys.h"
#include "text.h"
#include "wrapper.h"

extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

static void start(void)
{
	ENGINE->pid = (int32_t)sys(__NR_getpid);
	/* Without its thread the process cannot be checkpointed; the runner misses it then, and says so. */
	hf_start_checkpoint_thread();
}

/* A forked child has a copy of the parent's engine, maybe in the middle of a stop, and no checkpoint thread. */
static void in_child(void)
{
	ENGINE->closed = GATE_OPEN;
	ENGINE->inside = 0;
	ENGINE->arrived = 0;
	ENGINE->thread_count = 0;
	ENGINE->pending_count = 0;
	ENGINE->held_count = 0;
	ENGINE->restored = 0;
	ENGINE->wrapped = 0;
	ENGINE->by_driver = 0;
	ENGINE->connects_ns = 0;
	ENGINE->queue_lock = 0;
	ENGINE->placeholder_lock = 0;
	start();
}

static char mapped;

int hf_is_engine_mapped(void)
{
	return mapped;
}

static int map_engine(void)
{
	long at = sys(__NR_mmap, HF_ENGINE_START, sizeof(struct engine), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	mapped = at == (long)HF_ENGINE_START;
	return mapped;
}

__attribute__((constructor(101))) static void begin(void)
{
	uint64_t stop = 1ull << (STOP_SIGNAL - 1);
	const char *socket = getenv("HOLDFAST_SOCKET");
	struct text t;
	Dl_info self;

	hf_forget_stops();
	sys(__NR_rt_sigprocmask, SIG_UNBLOCK, &stop, NULL, 8);
	hf_find_connect();
	hf_find_accept();
	if (!socket || !map_engine())
		return;
	t = hf_text(ENGINE->socket, sizeof(ENGINE->socket));
	hf_add(&t, socket);
	if (dladdr((void *)&hf_rebuild, &self) && self.dli_fname) {
		t = hf_text(ENGINE->library, sizeof(ENGINE->library));
		hf_add(&t, self.dli_fname);
	}
	if (&__rseq_size && __rseq_size) {
		ENGINE->rseq_size = __rseq_size < 32 ? 32 : __rseq_size;
		ENGINE->rseq_offset = __rseq_offset;
	}
	ENGINE->inside_offset = hf_inside_offset();
	hf_find_exec();
	pthread_atfork(NULL, NULL, in_child);
	start();
}
