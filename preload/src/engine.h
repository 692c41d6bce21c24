/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine.h - the interceptor's own memory: one struct at a fixed address, part of the image.
 *
 * Rules of the freeze (from the first signal of a stop until the barrier opens): no malloc, no lock of libc, no lazy
 * binding, nothing that may take one: a stopped thread may hold it. System calls are made raw (sys.h), memory is the
 * engine's own. The checkpoint thread has no TLS of its own, so nothing it runs may touch errno.
 *
 * The checkpoint thread has a descriptor table of its own, which the program does not see; it reaches the program's
 * descriptors through /proc/self/fd.
 */
#ifndef HOLDFAST_ENGINE_H
#define HOLDFAST_ENGINE_H

#include <holdfast/protocol.h>
#include <linux/time_types.h>
#include <stdint.h>
#include <sys/user.h>

#include "message.h"
#include "text.h"

#define MAX_THREADS 8192
#define MAX_PENDING 4096
#define MAX_TIMERS 256
#define MAX_LOCKS 4096
#define MAX_OWNERS 1024
#define MAX_IPC 1024
#define MAX_UNDO 4096
#define MAX_NOTIFICATIONS 256
#define MAX_ADVISED 1024
#define MAX_HELD 1024
#define MAX_LISTENERS 64
#define MAX_PLACEHOLDERS 256
#define MAX_HELD_SENDS 20000
#define MAX_QUEUES 256
#define QUEUE_NAME 256
#define EXTENDED_SIZE (32 << 20) /* of all threads together: 12,000 with AVX-512 */
#define OUT_SIZE HF_MESSAGE_MAX	 /* reserved, used as needed, given back after each checkpoint */
#define STACK_SIZE (64 << 10)
#define STOP_SIGNAL 33 /* glibc keeps it for itself and out of every mask that a program can set; see barrier.c */

/* The registers that a function call keeps, to go on at the same place in a thread made anew. */
struct context {
	uint64_t rbx, rbp, r12, r13, r14, r15, rsp, rip;
};
int hf_context_save(struct context *c) __attribute__((returns_twice));
_Noreturn void hf_context_jump(const struct context *c, int value);
/* Calls fn on another stack; does not return. */
_Noreturn void hf_call_on_stack(void (*fn)(void *), void *arg, void *stack_top);

/* A system call that a stop interrupted; lives on the signal frame of its thread (interrupted.c). */
struct interruption {
	struct context context; /* in the handler, where a restarted thread goes on */
	struct thread *thread;	/* its record in the stop under way */
	void *ucontext;
	long nr; /* -1: none */
	long args[6];
	int64_t left_ns;     /* of a relative timeout, at the stop; -1: none */
	int64_t deadline_ns; /* the same as a time of CLOCK_MONOTONIC while it runs; 0: not known yet */
	int handed_over;     /* the call is being continued inside the handler */
	int made_again;	     /* by the kernel */
};

/*
 * GATE_SIGNALS: it stays closed, but every thread notes the signals that wait for it. GATE_ACCEPT: one thread accepts
 * what waits in listeners.
 */
enum gate { GATE_OPEN = 0, GATE_CLOSED = 1, GATE_SIGNALS = 2, GATE_ACCEPT = 3, GATE_MASK = 3 };

enum thread_state { THREAD_SIGNALLED = 1, THREAD_ARRIVED = 2, THREAD_GONE = 3 };

/* One thread of the program during a stop. Written by the checkpoint thread until signalled, then by the thread. */
struct thread {
	uint32_t state; /* enum thread_state, atomic */
	uint32_t stop;	/* number of the stop it belongs to */
	int32_t tid;
	int32_t syscall; /* as /proc told before the signal, -1: none or running */
	uint64_t syscall_pc;
	uint32_t in_kernel; /* 1: the kernel driver has stopped it: it goes on with `registers`, not `interruption` */
	uint32_t extended_size;
	struct interruption *interruption;
	struct user_regs_struct registers;
	void *extended;	 /* extended state, in ENGINE->extended: as the kernel gives it (NT_X86_XSTATE) */
	int64_t left_ns; /* of the call's relative timeout; -1: none or not known */
	uint64_t blocked;
	uint64_t altstack, altstack_size;
	uint32_t altstack_flags;
	uint64_t fs, gs, robust_list, robust_length, clear_tid;
	uint64_t rseq; /* 0: none, or, on its way to or from the thread's end, none yet or any more */
	uint64_t affinity[16];
	uint64_t timer_slack;
	uint32_t policy, priority;
	int32_t nice;
	int32_t parent_death_signal;
	uint32_t no_new_privs, personality;
	char comm[16];
};

struct pending {
	int32_t tid; /* 0: of the process */
	char info[128];
};

struct timer {
	int32_t id, clock, notify, signal, tid;
	uint64_t value;
	struct __kernel_itimerspec left;
};

enum lock_kind { LOCK_OF_PROCESS, LOCK_OF_DESCRIPTION, LOCK_OF_FLOCK };

/* A file lock, as /proc/self/fdinfo tells it. */
struct lock {
	int32_t fd;
	uint16_t kind;	       /* enum lock_kind */
	uint16_t write;	       /* 1: exclusive */
	int64_t start, length; /* 0: to the end */
};

/* Who gets the signals of a descriptor: struct f_owner_ex and the signal. */
struct owner {
	int32_t fd;
	uint32_t flags; /* F_GETFL */
	int32_t type, pid;
	int32_t signal;
};

/* What mq_notify was asked for. */
struct notification {
	uint64_t queue; /* inode */
	uint64_t value; /* sigev_value, which the kernel does not tell */
	int32_t fd;	/* of those to be given back */
	int32_t signal, notify, pad;
};

/* What getdents64 gives. */
struct directory_entry {
	uint64_t ino, off;
	uint16_t length;
	uint8_t type;
	char name[];
};

/* Of a socket: struct sockaddr. */
struct address {
	uint32_t length;
	uint8_t bytes[112];
};

/* A listener in which connections wait, and where it is reached (placeholder.c). */
struct listener {
	int32_t fd, family, type;
	uint32_t waiting;
	int32_t peer_pid; /* of who connects by Unix sockets */
	struct address own, at;
};

/* A connection that was accepted for the program, and the other side of what waits in its place (placeholder.c). */
struct placeholder {
	int32_t connection, client;
	struct address own, peer; /* of what is accepted: the other way round those of client */
	struct address listener;
};

/* A connection on which little can be sent for a moment, and what its buffers were (hold_sends.c). */
struct held_sends {
	uint64_t ino;
	int32_t fd, locks;
	int32_t sends, receives; /* bytes; 0: the receive buffer is as it was */
};

/* A descriptor on its way in the queue of a socket (held.c). */
struct held {
	uint64_t ino; /* of the socket */
	int32_t fd;   /* of the checkpoint thread */
	uint32_t pad;
};

struct kernel_action {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

struct engine {
	/* Set when the process starts */
	char socket[108];  /* first: a restart writes here where its runner listens */
	char library[256]; /* of the interceptor, for LD_PRELOAD */
	int32_t pid;
	int32_t checkpoint_tid;
	int64_t self; /* the checkpoint thread's pidfd of this process, by which it gets the program's descriptors */
	uint32_t started; /* futex: 1 when the checkpoint thread has a descriptor table of its own */
	uint32_t rseq_size;
	int64_t rseq_offset;

	/* The barrier: changed by the checkpoint thread, waited for by the threads */
	uint32_t closed;       /* futex: enum gate, and above it a count */
	uint32_t arrived;      /* futex: threads at the barrier */
	uint32_t inside;       /* futex: threads in the handler */
	uint32_t done;	       /* futex: threads that have done what the gate asks for */
	uint32_t wanted;       /* 1: nobody does yet what one is to do; atomic */
	uint32_t stop;	       /* number of the stop */
	uint32_t by_driver;    /* 1: the kernel driver has stopped the threads, not the handler */
	int32_t driver;	       /* the checkpoint thread's descriptor of it, -1: not joined */
	int64_t inside_offset; /* wrapper.h; 0: there are no wrappers (enlisted.c) */
	struct hf_join join;
	uint32_t drained;  /* 1: windows of connections are wide */
	int32_t grant;	   /* a restart: the descriptor by which threads drop the driver's grant, -1: there is none */
	uint32_t dropped;  /* futex: threads that have done so */
	uint32_t rebuilt;  /* threads that a restart has made */
	uint32_t restored; /* 1: this memory came out of an image and is not resumed yet */
	uint64_t connects_ns; /* who connects waits until then (CLOCK_MONOTONIC), if the program runs; atomic */
	uint32_t wrapped;     /* threads inside a wrapper that must not be stopped there; atomic */
	uint32_t thread_count;
	struct kernel_action old_action; /* of STOP_SIGNAL */
	uint64_t stopped_ns;

	/* The state of the process, gathered at a stop, given back at a restart */
	struct kernel_action actions[65];
	uint64_t itimers[3][4];
	uint64_t limits[16][2];
	struct timer timers[MAX_TIMERS];
	uint32_t timer_count;
	uint32_t lock_count;
	uint32_t owner_count;
	uint32_t ipc_count; /* atomic */
	uint32_t undo_count;
	uint32_t asked_count; /* ever, atomic */
	uint32_t notification_count;
	uint32_t advised_count;
	uint32_t fork_advice; /* 1: madvise was told what a fork leaves out or empties; atomic */
	uint32_t held_count;
	uint32_t listens; /* 1: the program has called libc's listen */
	uint32_t listener_count;
	uint32_t placeholder_lock;  /* spins; protects `placeholders` */
	uint32_t placeholder_count; /* atomic */
	uint32_t held_sends_count;
	uint32_t queue_lock; /* spins; protects `queues` */
	uint32_t queue_count;
	uint32_t queues_lost; /* 1: there were more names than there is room for */
	uint32_t umask;
	uint32_t dumpable, subreaper;
	uint64_t mm[13]; /* fields of struct prctl_mm_map up to auxv */
	uint64_t auxv[64];
	uint32_t auxv_size;
	uint32_t pending_count; /* atomic */
	char cwd[4096];
	char exe[4096];

	struct thread threads[MAX_THREADS];
	struct pending pending[MAX_PENDING];
	struct lock locks[MAX_LOCKS];
	struct owner owners[MAX_OWNERS];
	struct hf_ipc_id ipc[MAX_IPC];
	struct hf_undo undo[MAX_UNDO];
	struct notification asked[MAX_NOTIFICATIONS];	      /* the last ones, by mq_notify's wrapper */
	struct notification notifications[MAX_NOTIFICATIONS]; /* those that stand, at a checkpoint */
	struct hf_advised advised[MAX_ADVISED];
	struct held held[MAX_HELD];
	struct listener listeners[MAX_LISTENERS]; /* at a stop */
	struct placeholder placeholders[MAX_PLACEHOLDERS];
	struct held_sends held_sends[MAX_HELD_SENDS];
	char queues[MAX_QUEUES][QUEUE_NAME]; /* names of message queues that were opened, without "/" */
	char scratch[64 << 10];
	uint32_t status_lock; /* spins; protects `status`, of threads that look for waiting signals */
	char status[8192];
	char checkpoint_stack[STACK_SIZE] __attribute__((aligned(64)));
	char helper_stack[STACK_SIZE] __attribute__((aligned(64)));
	char restart_stack[STACK_SIZE] __attribute__((aligned(64)));
	char request[4 << 20];
	char extended[EXTENDED_SIZE] __attribute__((aligned(4096)));
	struct records out;
	char out_space[OUT_SIZE] __attribute__((aligned(4096))); /* last: of no use after a restart (scan.c) */
};

#define ENGINE ((struct engine *)HF_ENGINE_START)

/* Spins: for a few instructions, by threads that are not stopped inside. */
void hf_lock(uint32_t *lock);
void hf_unlock(uint32_t *lock);

uint64_t hf_now(void);							/* CLOCK_MONOTONIC, ns */
long hf_futex_wait(uint32_t *word, uint32_t value, int64_t timeout_ns); /* timeout < 0: none */
void hf_futex_wake(uint32_t *word);

/* begin.c: whether the engine exists; a wrapper may be called before. */
int hf_is_engine_mapped(void);

/* interceptor.c: starts the checkpoint thread; at a restart it starts with the barrier closed. Returns 0 or -errno. */
long hf_start_checkpoint_thread(void);

/* barrier.c - brings every thread to the barrier. Returns 0, or -1 with the reason in `reason`: hf_open follows. */
int hf_stop(uint32_t timeout_ms, struct text *reason);
void hf_open(void);
void hf_open_for_readers(void);	   /* who sends on a connection waits */
void hf_have_done(enum gate what); /* by the threads at the barrier, which stays closed */
_Noreturn void hf_continue_restored(struct thread *t);
/* Stands at the barrier, then lets the interrupted call go on. What was returned by saving the context says why. */
enum stand { STAND_STOPPED = 0, STAND_RESTARTED = 1, STAND_CONTINUED = 2 };
void hf_stand(struct interruption *i, enum stand why);
void hf_install_stop_handler(void);
/* Throws away the stop's signals that wait: what exec.c held back is for the program that was. Needs no engine. */
void hf_forget_stops(void);

/* interrupted.c */
/* Of a thread that the kernel driver has stopped: the call it was in. Changes the registers in i->ucontext accordingly. */
void hf_note_call(struct interruption *i, const struct thread *t);
/* The same, where that is a call which is being continued: the thread goes on with its interruption, not its registers. */
void hf_note_continued_call(struct thread *t);
void hf_note_interruption(struct interruption *i, struct thread *t);
/* Lets the interrupted call go on; a stop that hits it jumps back to i->context. */
void hf_continue_interrupted(struct interruption *i, int restarted);
/* For the handler: the interruption whose continued call this signal has hit, or NULL. */
struct interruption *hf_continued_call(const void *ucontext);

/* gather.c - writes the state of the stopped process to ENGINE->out and ENGINE. Returns 0 or -1 with the reason. */
int hf_gather(struct text *reason);
void hf_gather_children(void);		 /* into ENGINE->out */
void hf_gather_thread(struct thread *t); /* by the thread itself */

/* pending.c */
uint64_t hf_waiting_signals(int32_t tid); /* a set; 0: those of the process */
int hf_note_signals(struct text *reason); /* of all threads, and those of the process. Returns 0, or -1: see reason */
void hf_note_own_signals(int32_t tid);	  /* by the thread; by the main thread those of the process, too */
void hf_give_back_signals(int32_t tid);	  /* the same at a restart */

/* snapshot.c - forks a frozen copy of the process, which serves the request and then waits. Returns 0 or -errno. */
long hf_snapshot(uint32_t epoch, const void *request, size_t length);

/* rebuild.c - where a restart goes on; struct numbers, or NULL. */
_Noreturn void hf_rebuild(void *numbers);

#endif
