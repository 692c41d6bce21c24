/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registers.c - at a restart: a thread goes on with the registers that the kernel driver has told.
 *
 * It gets the signal frame that a stop by signals would have made, stands at the barrier on that, and returns from it. The
 * frame's form is the kernel's (arch/x86/kernel/signal_64.c, arch/x86/kernel/fpu/signal.c).
 */
#define _GNU_SOURCE
#include "registers.h"

#include <cpuid.h>
#include <linux/rseq.h>
#include <signal.h>
#include <ucontext.h>

#include "sys.h"

#define RED_ZONE 128
#define ROOM 4096	   /* for what runs below the frame */
#define SOFTWARE_BYTES 464 /* where the frame's extended state says how large it is */
#define LEGACY_AND_HEADER 576
#define MAGIC1 0x46505853u
#define MAGIC2 0x46505845u
#define FLAGS 7 /* UC_FP_XSTATE, UC_SIGCONTEXT_SS, UC_STRICT_RESTORE_SS */
#define XSTATE_LEAF 0xd
#define TILES (3ull << 17) /* AMX: a thread has to ask for them, and is not asked here */

void hf_return_to(const void *ucontext) __attribute__((noreturn));

struct software_bytes {
	uint32_t magic1, extended_size;
	uint64_t features;
	uint32_t size, pad[7];
};

static uint64_t features(void)
{
	uint32_t low, high;

	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return ((uint64_t)high << 32 | low) & ~TILES;
}

/* Bytes of these parts of the extended state, in the form that is not compacted (Intel's manual, volume 1, 13.4.3). */
static uint32_t size_of(uint64_t parts)
{
	uint32_t size = LEGACY_AND_HEADER;

	for (uint32_t n = 2; n < 63; n++) {
		uint32_t length, offset, flags, unused;

		if (!(parts & 1ull << n))
			continue;
		__cpuid_count(XSTATE_LEAF, n, length, offset, flags, unused);
		if (size < offset + length)
			size = offset + length;
	}
	return size;
}

static uint32_t extended_size(const struct thread *t)
{
	uint32_t size = size_of(features());

	return size < t->extended_size ? size : t->extended_size;
}

static int has_alternate_stack(const struct thread *t)
{
	uint64_t needed = extended_size(t) + sizeof(ucontext_t) + ROOM;

	return !(t->altstack_flags & SS_DISABLE) && t->altstack_size >= needed &&
	       t->registers.rsp - t->altstack - 1 >= t->altstack_size; /* it is not on it */
}

/* The kernel puts a handler's frame on the alternate stack, too: a thread's own may be small. */
static uint64_t top_of_frame(const struct thread *t)
{
	return has_alternate_stack(t) ? t->altstack + t->altstack_size : t->registers.rsp - RED_ZONE;
}

/* Where the parts of the frame lie. */
static char *extended_of(const struct thread *t)
{
	return (char *)((top_of_frame(t) - extended_size(t) - sizeof(MAGIC2)) & ~63ull);
}

static ucontext_t *ucontext_of(const struct thread *t)
{
	return (ucontext_t *)(((uint64_t)extended_of(t) - sizeof(ucontext_t)) & ~15ull);
}

uint64_t hf_free_stack(const struct thread *t)
{
	return t->in_kernel ? (uint64_t)ucontext_of(t) : t->interruption->context.rsp - RED_ZONE;
}

static void put_extended(const struct thread *t)
{
	uint32_t size = extended_size(t), magic2 = MAGIC2;
	char *to = extended_of(t);
	struct software_bytes bytes = { MAGIC1, size + sizeof(MAGIC2), features(), size, { 0 } };

	memcpy(to, t->extended, size);
	memcpy(to + SOFTWARE_BYTES, &bytes, sizeof(bytes));
	memcpy(to + size, &magic2, sizeof(magic2));
}

static void put_registers(const struct user_regs_struct *from, greg_t *to)
{
	to[REG_R8] = (greg_t)from->r8;
	to[REG_R9] = (greg_t)from->r9;
	to[REG_R10] = (greg_t)from->r10;
	to[REG_R11] = (greg_t)from->r11;
	to[REG_R12] = (greg_t)from->r12;
	to[REG_R13] = (greg_t)from->r13;
	to[REG_R14] = (greg_t)from->r14;
	to[REG_R15] = (greg_t)from->r15;
	to[REG_RDI] = (greg_t)from->rdi;
	to[REG_RSI] = (greg_t)from->rsi;
	to[REG_RBP] = (greg_t)from->rbp;
	to[REG_RBX] = (greg_t)from->rbx;
	to[REG_RDX] = (greg_t)from->rdx;
	to[REG_RAX] = (greg_t)from->rax;
	to[REG_RCX] = (greg_t)from->rcx;
	to[REG_RSP] = (greg_t)from->rsp;
	to[REG_RIP] = (greg_t)from->rip;
	to[REG_EFL] = (greg_t)from->eflags;
	to[REG_CSGSFS] = (greg_t)(from->cs | from->gs << 16 | from->fs << 32 | from->ss << 48);
}

/* A sequence that may not be interrupted begins anew, as after a signal (rseq(2)). */
static void leave_sequence(const struct thread *t, greg_t *to)
{
	struct rseq *area = (void *)t->rseq;
	const struct rseq_cs *sequence;

	if (!area || !area->rseq_cs)
		return;
	sequence = (const void *)area->rseq_cs;
	if ((uint64_t)to[REG_RIP] - sequence->start_ip < sequence->post_commit_offset)
		to[REG_RIP] = (greg_t)sequence->abort_ip;
	area->rseq_cs = 0;
}

static void put_frame(const struct thread *t)
{
	ucontext_t *uc = ucontext_of(t);

	memset(uc, 0, sizeof(*uc));
	uc->uc_flags = FLAGS;
	uc->uc_stack = (stack_t){ (void *)t->altstack, (int)t->altstack_flags, t->altstack_size };
	memcpy(&uc->uc_sigmask, &t->blocked, sizeof(t->blocked));
	put_registers(&t->registers, uc->uc_mcontext.gregs);
	leave_sequence(t, uc->uc_mcontext.gregs);
	uc->uc_mcontext.fpregs = (void *)extended_of(t);
	put_extended(t);
}

static void stand(void *thread)
{
	struct thread *t = thread;
	struct interruption own = { .ucontext = ucontext_of(t), .thread = t, .left_ns = -1 };
	int how;

	hf_note_call(&own, t);
	how = hf_context_save(&own.context);
	hf_stand(&own, how ? how : STAND_RESTARTED);
	hf_return_to(own.ucontext);
}

_Noreturn void hf_go_on_with_registers(struct thread *t)
{
	put_frame(t);
	hf_call_on_stack(stand, t, ucontext_of(t));
}
