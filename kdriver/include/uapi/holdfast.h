/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The interface of /dev/holdfast, the kernel-space checkpointer
 *
 * An open file of the device is nothing until HOLDFAST_HELLO; then it becomes
 * a controller (HOLDFAST_CREATE), a member (HOLDFAST_JOIN) or the memory of a
 * member (HOLDFAST_MEMORY), once. kdriver/README.md tells the rules. Numbers of
 * processes and threads are as the caller's pid name space sees them, unless a
 * field says otherwise. Lists are given as an array and its capacity; the call
 * writes as many as fit and how many there are.
 *
 * A caller without ioctl(2) writes a struct holdfast_command and the call's
 * struct with one write(2), and reads the struct back, as the call left it,
 * also when it failed, with one read(2); what the call would have put into an
 * array or buffer follows it. Addresses in the struct mean nothing then.
 *
 * Raise HOLDFAST_ABI with any change of a struct, a number or a meaning.
 */
#ifndef _UAPI_HOLDFAST_H
#define _UAPI_HOLDFAST_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define HOLDFAST_DEVICE "/dev/holdfast"
#define HOLDFAST_ABI 3

/* in: the caller's HOLDFAST_ABI; out: the driver's. EPROTO: they differ. */
struct holdfast_hello {
	__u32 abi;
	__u32 features;		/* out: HOLDFAST_FEATURE_* */
};

#define HOLDFAST_FEATURE_GRANT	1	/* the administrator allows HOLDFAST_GRANT */

struct holdfast_command {
	__u32 command;		/* HOLDFAST_..., as for ioctl(2) */
	__u32 size;		/* of the struct that follows */
};

/* What a member must know to join: random, so knowing it is the permission. */
struct holdfast_token {
	__u8 bytes[32];
};

struct holdfast_join {
	struct holdfast_token token;
	__s64 inside;		/* with HOLDFAST_JOIN_INSIDE */
	__u32 flags;		/* HOLDFAST_JOIN_* */
	__u32 pad;
};

/* The calling thread is not stopped: it serves the controller. */
#define HOLDFAST_JOIN_EXEMPT	1
/*
 * `inside` is the distance from each thread's thread pointer (fs base) to an
 * aligned __u32, not 0 while the thread is inside a wrapper: it is stopped
 * only when it has left. The driver sets HOLDFAST_INSIDE_WANTED in it when it
 * finds the thread inside; then the wrapper, once left, clears it and sleeps
 * HOLDFAST_INSIDE_PAUSE_NS, so that a thread that is inside most of the time
 * is found outside.
 */
#define HOLDFAST_JOIN_INSIDE	2
#define HOLDFAST_INSIDE_WANTED	0x80000000U
#define HOLDFAST_INSIDE_PAUSE_NS 20000000

/* A process that cannot join by itself. */
struct holdfast_add {
	__s32 pid;
	__s32 mem_fd;		/* its /proc/PID/mem, open for writing: proof */
};

enum holdfast_reason {
	HOLDFAST_REASON_NONE,
	HOLDFAST_REASON_UNINTERRUPTIBLE, /* sleeps so, or waits for its vfork */
	HOLDFAST_REASON_TRACED,		/* stopped by a debugger */
	HOLDFAST_REASON_INSIDE,		/* does not leave a wrapper */
	HOLDFAST_REASON_RUNNING,	/* has not come to the kernel yet */
	HOLDFAST_REASON_CHURN,		/* makes threads faster than they stop */
	HOLDFAST_REASON_CREDENTIALS,	/* changed its user or capabilities */
	HOLDFAST_REASON_UNDUMPABLE,
	HOLDFAST_REASON_EXECUTED,	/* an added process ran another program */
	HOLDFAST_REASON_KERNEL_THREAD,	/* has threads of io_uring or vhost */
	HOLDFAST_REASON_DEADLOCK,	/* is the caller itself */
};

struct holdfast_stop {
	__u64 timeout_ns;
	__u64 took_ns;		/* out */
	__u32 processes;	/* out: stopped */
	__u32 threads;		/* out: stopped, without those exempt */
	/* out, when it fails: who is why */
	__s32 pid;
	__s32 tid;
	__u32 reason;		/* enum holdfast_reason */
	__u32 pad;
};

/* By the controller: of the group. By a member: of its own process. */
struct holdfast_resume {
	__u64 stopped_ns;	/* out: since HOLDFAST_STOP began; 0: it was not */
	__u32 threads;		/* out */
	__u32 pad;
};

struct holdfast_list {
	__u64 array;		/* address */
	__u32 count;		/* in: capacity; out: how many there are */
	__s32 pid;		/* of which process; HOLDFAST_MEMBERS: 0 */
};

/* HOLDFAST_MEMBERS */
struct holdfast_member {
	__s32 pid;
	__s32 own_pid;		/* as its own pid name space sees it */
	__u32 flags;		/* HOLDFAST_MEMBER_* */
	__u32 stopped;		/* threads that stand at the barrier */
};

#define HOLDFAST_MEMBER_ADDED	1	/* by HOLDFAST_ADD */
#define HOLDFAST_MEMBER_DEAD	2	/* is gone, or runs another program */

enum holdfast_thread_where {
	HOLDFAST_AT_BARRIER = 1,
	HOLDFAST_JOB_STOPPED = 2, /* by SIGSTOP; will go to the barrier first */
};

/*
 * HOLDFAST_THREADS: the stopped threads of a process. A member may ask this, HOLDFAST_REGSET and
 * HOLDFAST_SIGNALS about its own process.
 */
struct holdfast_thread {
	__s32 tid;
	__s32 own_tid;		/* as its own pid name space sees it */
	__u32 where;		/* enum holdfast_thread_where */
	__s32 syscall;		/* the call it was in, -1: none */
	__s64 result;		/* of that call; see restart */
	__u32 restart;		/* enum holdfast_restart */
	__u32 altstack_flags;
	__u64 left_ns;		/* of a call's relative timeout; 0: none or not known */
	__u64 blocked;		/* signals */
	__u64 saved_blocked;	/* the mask that comes back after the call */
	__u64 pending;		/* signals of the thread */
	__u64 process_pending;	/* signals of the process */
	__u64 altstack;
	__u64 altstack_size;
	__u64 robust_list;
	__u64 clear_child_tid;
	__u64 fs_base;
	__u64 gs_base;
	__u64 rseq;		/* address of its restartable sequence, 0: none */
	__u64 timer_slack_ns;
	__s32 parent_death_signal;
	__u32 no_new_privs;
	__u32 personality;
	__u32 pad;
};

enum holdfast_restart {
	HOLDFAST_RESTART_NONE,	/* `result` is the call's result */
	HOLDFAST_RESTART_AGAIN,	/* the call is made again, same arguments */
	HOLDFAST_RESTART_BLOCK,	/* by restart_syscall(2), for what is left */
};

/* Registers of one stopped thread, laid out as ptrace(PTRACE_GETREGSET). */
struct holdfast_regset {
	__u64 buffer;		/* address */
	__u32 size;		/* in: of the buffer; out: of the registers */
	__u32 note;		/* NT_PRSTATUS, NT_PRFPREG, NT_X86_XSTATE */
	__s32 tid;
	__u32 pad;
};

/* Pending signals of a stopped thread, or of its process. */
struct holdfast_signals {
	__u64 array;		/* address, of siginfo_t */
	__u32 count;		/* in: capacity; out: how many there are */
	__s32 tid;
	__u32 process;		/* 1: those of the process */
	__u32 pad;
};

/*
 * Makes the file the memory of a member, by whoever may control the group. pread(2) and
 * pwrite(2) take an address as position, as of /proc/PID/mem. read(2) gives
 * the used pages of private mappings after the file's position, which
 * lseek(2) sets: runs, each a struct holdfast_run and its bytes, as many as
 * fit; 0 at the end. write(2) takes such runs.
 */
struct holdfast_memory {
	struct holdfast_token token;
	__s32 pid;
	__u32 pad;
};

struct holdfast_run {
	__u64 start;
	__u64 end;
};

/* HOLDFAST_FILES: the descriptors of a stopped process */
struct holdfast_file {
	__u32 fd;
	__u32 flags;		/* HOLDFAST_FILE_* */
	__u64 description;	/* the same for one open file description */
	__u64 object;		/* the same for one file, pipe or socket */
	__u64 peer;		/* of a Unix socket: the other end's object, or 0 */
};

#define HOLDFAST_FILE_PIPE	1
#define HOLDFAST_FILE_SOCKET	2

/* HOLDFAST_AREAS: the shared mappings of a process */
struct holdfast_area {
	__u64 start;
	__u64 end;
	__u64 offset;		/* of `start` in the object */
	__u64 object;		/* as holdfast_file.object */
};

/*
 * By a member with one thread, on its own file: CAP_CHECKPOINT_RESTORE for itself and the
 * children it makes, until HOLDFAST_DROP (by each of them, on the inherited
 * file), an exec, the time limit, HOLDFAST_REVOKE, or the end of the controller.
 */
struct holdfast_grant {
	__u64 timeout_ns;	/* at most HOLDFAST_GRANT_MAX_NS */
	__s32 image_fd;		/* folder of the image, owned by the caller */
	__u32 pad;
};

#define HOLDFAST_GRANT_MAX_NS	(600ULL * 1000 * 1000 * 1000)

#define HOLDFAST_IOC		0xb7
#define HOLDFAST_HELLO		_IOWR(HOLDFAST_IOC, 0, struct holdfast_hello)
/* controller; HOLDFAST_RESUME, _THREADS, _REGSET and _SIGNALS also a member, about itself */
#define HOLDFAST_CREATE		_IOR(HOLDFAST_IOC, 1, struct holdfast_token)
#define HOLDFAST_ADD		_IOW(HOLDFAST_IOC, 2, struct holdfast_add)
#define HOLDFAST_STOP		_IOWR(HOLDFAST_IOC, 3, struct holdfast_stop)
#define HOLDFAST_RESUME		_IOR(HOLDFAST_IOC, 4, struct holdfast_resume)
#define HOLDFAST_MEMBERS	_IOWR(HOLDFAST_IOC, 5, struct holdfast_list)
#define HOLDFAST_THREADS	_IOWR(HOLDFAST_IOC, 6, struct holdfast_list)
#define HOLDFAST_REGSET		_IOWR(HOLDFAST_IOC, 7, struct holdfast_regset)
#define HOLDFAST_SIGNALS	_IOWR(HOLDFAST_IOC, 8, struct holdfast_signals)
#define HOLDFAST_FILES		_IOWR(HOLDFAST_IOC, 10, struct holdfast_list)
#define HOLDFAST_AREAS		_IOWR(HOLDFAST_IOC, 11, struct holdfast_list)
#define HOLDFAST_REVOKE		_IO(HOLDFAST_IOC, 12)
/* a new file, or a member */
#define HOLDFAST_JOIN		_IOW(HOLDFAST_IOC, 16, struct holdfast_join)
#define HOLDFAST_GRANT		_IOW(HOLDFAST_IOC, 17, struct holdfast_grant)
#define HOLDFAST_DROP		_IO(HOLDFAST_IOC, 19)
#define HOLDFAST_MEMORY		_IOW(HOLDFAST_IOC, 18, struct holdfast_memory)

#endif
