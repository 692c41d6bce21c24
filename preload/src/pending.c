/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pending.c - signals that wait: for the image, and given back at a restart.
 *
 * Who waits is told by taking it out of its queue. So that is done when all processes of the job stand still, and what
 * was taken is sent again at once: behind it nobody can have queued, and before it nobody is missed. A thread's own
 * signals it takes itself; those of the process the main thread does, for the kernel lets a process forge the sender of
 * a signal only when its main thread sends it to itself.
 */
#define _GNU_SOURCE
#include <asm/errno.h>
#include <signal.h>

#include "driver.h"
#include "engine.h"
#include "sys.h"
#include "text.h"

uint64_t hf_waiting_signals(int32_t tid)
{
	char path[64];
	struct text p = hf_text(path, sizeof(path));
	uint64_t set = 0;

	/* Asked first, for it costs little: both kinds at once, and no large buffer on a small alternate stack. */
	sys(__NR_rt_sigpending, &set, 8);
	set &= ~(1ull << (STOP_SIGNAL - 1));
	if (!set)
		return 0;
	hf_add(&p, "/proc/self/task/");
	hf_add_number(&p, tid ? tid : ENGINE->checkpoint_tid);
	hf_add(&p, "/status");
	hf_lock(&ENGINE->status_lock);
	if (hf_read_file(path, ENGINE->status, sizeof(ENGINE->status)) > 0)
		set &= hf_field_number(ENGINE->status, tid ? "SigPnd" : "ShdPnd", 16);
	else
		set = 0;
	hf_unlock(&ENGINE->status_lock);
	return set;
}

/* Takes what waits for the thread, or, 0, for the process: a thread's own signals must be taken before. */
static void take(int32_t tid)
{
	struct __kernel_timespec now = { 0, 0 };
	uint64_t set;

	while ((set = hf_waiting_signals(tid))) {
		uint32_t n = __atomic_fetch_add(&ENGINE->pending_count, 1, __ATOMIC_ACQ_REL);

		if (n >= MAX_PENDING)
			return;
		ENGINE->pending[n].tid = tid;
		if (sys(__NR_rt_sigtimedwait, &set, ENGINE->pending[n].info, &now, 8) <= 0)
			((siginfo_t *)ENGINE->pending[n].info)->si_signo = 0;
	}
}

static void give_back(int32_t tid)
{
	uint32_t count = __atomic_load_n(&ENGINE->pending_count, __ATOMIC_ACQUIRE);

	for (uint32_t n = 0; n < count && n < MAX_PENDING; n++) {
		const struct pending *p = &ENGINE->pending[n];
		const siginfo_t *info = (const void *)p->info;

		if (p->tid != tid || !info->si_signo)
			continue;
		if (tid)
			sys(__NR_rt_tgsigqueueinfo, ENGINE->pid, tid, info->si_signo, info);
		else
			sys(__NR_rt_sigqueueinfo, ENGINE->pid, info->si_signo, info);
	}
}

void hf_give_back_signals(int32_t tid)
{
	give_back(tid);
	if (tid == ENGINE->pid)
		give_back(0);
}

void hf_note_own_signals(int32_t tid)
{
	take(tid);
	if (tid == ENGINE->pid)
		take(0);
	hf_give_back_signals(tid);
}

int hf_note_signals(struct text *reason)
{
	long ret = 0;

	ENGINE->pending_count = 0; /* the process may be asked more than once */
	if (ENGINE->by_driver)
		ret = hf_note_signals_by_driver();
	else
		hf_have_done(GATE_SIGNALS);
	if (ret && ret != -E2BIG) {
		hf_add(reason, "the kernel driver does not tell its signals");
		hf_add_error(reason, ret);
		return -1;
	}
	if (!ret && ENGINE->pending_count <= MAX_PENDING)
		return 0;
	hf_add(reason, "more than 4096 signals wait in it");
	return -1;
}
