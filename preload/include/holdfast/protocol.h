/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protocol.h - the messages between the C side and the node runner, over the job's Unix socket.
 *
 * A message is a struct hf_msg, then `length` bytes of payload. Payloads are a fixed struct, a list of records, or
 * both. A record is a struct hf_rec, its fixed struct, then (some types) text; its `length` counts all of it and is
 * a multiple of 8 (zero padding). All numbers are little endian; every struct below has no hidden padding.
 *
 * Raise HF_VERSION with any change of a struct, a number or a meaning. A peer of another version is refused with
 * HF_REFUSED, which says both versions. docs/protocol.md tells the order of the messages.
 */
#ifndef HOLDFAST_PROTOCOL_H
#define HOLDFAST_PROTOCOL_H

#include <stdint.h>

#define HF_MAGIC 0x50464848u /* "HHFP" */
#define HF_VERSION 6
#define HF_MESSAGE_MAX (32ull << 20) /* bytes of a payload: the runner takes no larger one */

struct hf_msg {
	uint32_t magic;
	uint16_t version;
	uint16_t type;	 /* enum hf_type */
	uint32_t length; /* of the payload, bytes */
	uint32_t epoch;	 /* of the checkpoint this belongs to; 0: none */
};

enum hf_type {
	/* C side to runner */
	HF_HELLO = 1,	    /* struct hf_hello, text: program name. First message of every connection */
	HF_QUIESCED = 2,    /* records HF_REC_CHILD. The threads of the process are all at the barrier */
	HF_SNAPSHOT = 3,    /* records HF_REC_RUNS, HF_REC_BLOB; on the snapshot's own connection, after its HELLO */
	HF_REFUSED = 4,	    /* text: why this process cannot do what was asked. It has released itself */
	HF_RESUMED = 5,	    /* struct hf_resumed */
	HF_KCMP_RESULT = 6, /* bytes: one per pair asked, 1: the same open file description */
	HF_MAPPED = 7,	    /* restart: areas are mapped, fill the memory. On the new process's own connection */
	HF_STARTED =
		8,     /* init: struct hf_started: the job's root process runs (launch), or the tree exists (restart) */
	HF_EXITED = 9, /* init: struct hf_exited: the root process ended */
	HF_EMPTY = 10, /* init: no process of the job is left; init ends now */
	HF_FAILED = 11,	  /* init: text: why the launch or restart failed; init ends now, nothing is left */
	HF_GATHERED = 13, /* records: the state of the stopped process */
	HF_DRAINED = 12,  /* array of struct hf_stream: the process's TCP connections, as they are now */
	HF_ACCEPTED = 14, /* no payload: the answer to HF_ACCEPT */
	HF_JOINED = 15,	  /* struct hf_joined: the answer to HF_JOIN */
	/* runner to C side */
	HF_QUIESCE = 32, /* struct hf_quiesce */
	HF_CAPTURE = 33, /* records HF_REC_COPY_AREA, HF_REC_TEE, HF_REC_COPY_FILE */
	HF_RESUME = 34,	 /* no payload: open the barrier */
	HF_KCMP = 35,	 /* array of struct hf_kcmp; only while quiesced */
	HF_GO = 36,	 /* restart: the memory is filled, go on into it */
	HF_PLAN = 37,	 /* init of a restart: records of the plan, complete */
	HF_SIGNAL =
		38, /* init: struct hf_signal: send to the root process's group (or the terminal's foreground group) */
	HF_WINDOW = 39, /* init: take the window size from the caller's terminal again */
	HF_DRAIN = 41,	/* no payload: pull what is on its way into the receive queues; only while quiesced. Not asked
			  when HF_GATHERED tells that nothing is */
	HF_GATHER = 42, /* no payload: tell the state; only when all processes are quiesced */
	HF_LET_ACCEPT =
		43, /* no payload: open the barrier, but who connects waits for a moment; a HF_QUIESCE follows */
	HF_LET_READ =
		45, /* no payload: open the barrier, but little can be sent on TCP connections; a HF_QUIESCE follows */
	HF_ACCEPT = 44, /* no payload: accept what waits in the listeners, as far as that is possible; only after
			   HF_GATHERED, and HF_GATHER follows */
	HF_JOIN = 46,	/* struct hf_join: become one of those that the runner stops and reads by the kernel driver */
	HF_DETACH = 40, /* init: the caller is gone: restore its terminal, stop proxying it */
};

enum hf_kind { HF_PROCESS = 1, HF_SNAPSHOT_PROCESS = 2, HF_INIT = 3, HF_RESTARTING = 4 };

struct hf_hello {
	int32_t pid;	   /* as the process itself sees it */
	uint32_t kind;	   /* enum hf_kind */
	uint32_t flags;	   /* HF_HELLO_* */
	uint32_t host_pid; /* init: its number on the host, by which the runner finds the job's /proc; others:
			      their own, as they see it: a snapshot's differs from pid */
};
#define HF_HELLO_JOINED 2u    /* snapshot: the kernel driver gives the runner its memory */
#define HF_HELLO_RESTARTED 1u /* process: restored, quiesced, waits for HF_RESUME */

struct hf_quiesce {
	uint32_t timeout_ms; /* refuse if some thread is not at the barrier by then */
	uint32_t hold_ms;    /* release itself when no message came for so long while quiesced */
	uint32_t flags;	     /* HF_QUIESCE_* */
	uint32_t pad;
};
#define HF_QUIESCE_BY_DRIVER 1u /* the kernel driver has stopped its threads already */

/* See kdriver/include/uapi/holdfast.h. */
struct hf_join {
	uint8_t token[32];
};

struct hf_joined {
	int32_t error; /* 0: it has; else errno: it cannot */
	uint32_t pad;
};

struct hf_resumed {
	uint64_t stop_ns; /* from the first signal to the open barrier */
	uint32_t threads;
	uint32_t pad;
};

struct hf_kcmp {
	int32_t pid1, fd1, pid2, fd2; /* as the job sees them; of a descriptor that is held, its keeper and `own` */
};

struct hf_started {
	int32_t pid;	    /* of the root, as the job sees it */
	uint32_t namespace; /* 0: the host's pid name space; 1: a pid name space of its own; 2: a user and pid name space */
	uint64_t terminal; /* st_rdev of the job's terminal (its pty's slave), 0: none */
};

struct hf_exited {
	int32_t status; /* as wait(2) gives it */
	uint32_t pad;
};

struct hf_signal {
	int32_t signal;
	uint32_t pad;
};

struct hf_rec {
	uint32_t type;	 /* enum hf_rec_type */
	uint32_t length; /* of the whole record, a multiple of 8 */
};

enum hf_rec_type {
	/* in HF_GATHERED */
	HF_REC_PROCESS = 1, /* struct hf_process, text: exe link, NUL, working directory, NUL */
	HF_REC_THREAD = 2,  /* struct hf_thread, text: comm, NUL */
	HF_REC_MAPS = 3,    /* text: /proc/self/maps */
	HF_REC_FD = 4,	    /* struct hf_fd, text: link, NUL, fdinfo, NUL */
	HF_REC_CHILD = 5,   /* struct hf_child */
	HF_REC_SOCKET =
		6, /* struct hf_socket, array of struct hf_option, those not zero; follows the HF_REC_FD of its descriptor */
	HF_REC_IPC_ID = 7,	 /* struct hf_ipc_id: a System V object that the process knows */
	HF_REC_ADVICE = 9,	 /* array of struct hf_advised: areas of which the snapshot does not tell this */
	HF_REC_PTY = 8,		 /* struct hf_pty; follows the HF_REC_FD of a terminal */
	HF_REC_MQUEUE_NAME = 10, /* text: a name, without "/", by which the process has opened a POSIX message queue */
	HF_REC_STREAM = 11,	 /* struct hf_stream, of a TCP connection */
	/* in HF_CAPTURE */
	HF_REC_COPY_AREA = 16, /* struct hf_copied: a shared area whose content this process's snapshot copies */
	HF_REC_TEE = 17, /* struct hf_blob (addr 0): a pipe whose content the snapshot copies without consuming it, as
			    runs of bytes (struct hf_queued); one run for each packet */
	HF_REC_COPY_FILE = 18,	/* struct hf_blob (addr 0): a regular file's first `length` bytes */
	HF_REC_SEGMENT = 20,	/* struct hf_blob: `fd` is the id of a System V segment; `length` 1: with its content */
	HF_REC_SEMAPHORES = 21, /* struct hf_blob (length 0): `fd` is the id of a semaphore set */
	HF_REC_MESSAGES = 22,	/* struct hf_blob (length 0): `fd` is the id of a message queue */
	HF_REC_UNDO = 23,	/* struct hf_blob (length 0): `fd` is the id of a semaphore set: what the kernel undoes
				  there when the process ends, as struct hf_undo. In HF_PLAN: struct hf_undo[], of the last
				  HF_REC_NODE */
	HF_REC_QUEUE = 19,	/* struct hf_blob (addr 0): a socket, or the master side of a pseudo terminal, whose
				  receive queue the process copies */
	HF_REC_KEEP_FILE = 28,	/* as HF_REC_COPY_FILE; there is no HF_REC_BLOB of one that cannot be read */
	HF_REC_MQUEUE =
		26, /* struct hf_blob (addr 0): a POSIX message queue, whose messages the snapshot copies: struct
			       hf_mqueue, then struct hf_ipc_message, whose type is the priority */
	HF_REC_NAMED_MQUEUE =
		27, /* struct hf_blob (addr 0), text: name of a queue that no process has open; `fd` is any
				     number. As HF_REC_MQUEUE; nothing: it does not exist any more */
	/* in HF_SNAPSHOT */
	HF_REC_RUNS = 24, /* struct hf_range[]: used pages to store, ascending, inside the areas of HF_REC_MAPS */
	HF_REC_BLOB =
		25, /* struct hf_blob: where in the snapshot's memory what HF_CAPTURE asked for lies. Of a System V
			     object as in HF_REC_IPC; nothing: it does not exist any more */
	/* in HF_PLAN */
	HF_REC_PLAN = 32,	 /* struct hf_plan; the first record */
	HF_REC_DESCRIPTION = 33, /* struct hf_description, text: path or name, NUL; the n-th has index n */
	HF_REC_DATA = 34,	 /* struct hf_data, then `length` bytes: pipe or deleted file's content */
	HF_REC_NODE = 35,	 /* struct hf_node; parents before children; the n-th has index n */
	HF_REC_PLACE = 36,	 /* struct hf_place: of the last HF_REC_NODE */
	HF_REC_AREA = 37,	 /* struct hf_area: of the last HF_REC_NODE; ascending */
	HF_REC_IPC = 38,	 /* struct hf_ipc, then a set's struct hf_semaphore, a queue's messages (struct
				    hf_ipc_message), or the content of a segment that nobody had attached */
};

struct hf_process {
	int32_t pid, ppid, pgid, sid;
	uint32_t uid, gid;
	int32_t tty_pgrp; /* foreground group of the controlling terminal, 0: has none */
	uint32_t umask;
	uint64_t tty;	/* st_rdev of the controlling terminal, 0: none */
	uint64_t entry; /* where a restart goes on, an address in the interceptor */
	uint64_t stack; /* stack pointer to use there */
};

struct hf_thread {
	int32_t tid;
	int32_t syscall; /* that the stop interrupted, -1: none */
	uint64_t pc, sp;
};

struct hf_fd {
	int32_t fd;
	uint32_t fd_flags; /* FD_CLOEXEC */
	uint32_t flags;	   /* F_GETFL */
	uint32_t mode;	   /* st_mode */
	uint64_t dev, ino, rdev;
	uint64_t size;
	int64_t pos;	     /* -1: not seekable */
	uint64_t aux;	     /* pipe: its capacity; else st_nlink, and above 32 bits the seals of a memfd */
	int32_t keeper, own; /* of one that is held: the checkpoint thread, and its descriptor; else 0 */
};
/* Descriptors from here on are on their way in a socket's queue: the checkpoint thread holds them for the process. */
#define HF_HELD 0x40000000

/* A socket. Addresses are those of getsockname and getpeername, a struct sockaddr. */
/* As the kernel numbers them (net/tcp_states.h). */
enum hf_tcp_state {
	HF_TCP_ESTABLISHED = 1,
	HF_TCP_SYN_SENT = 2,
	HF_TCP_FIN_WAIT1 = 4,
	HF_TCP_FIN_WAIT2 = 5,
	HF_TCP_CLOSED = 7,
	HF_TCP_CLOSE_WAIT = 8,
	HF_TCP_LAST_ACK = 9,
	HF_TCP_LISTEN = 10,
	HF_TCP_CLOSING = 11,
};

struct hf_socket {
	int32_t fd;
	uint16_t family, type; /* AF_*, SOCK_* */
	uint32_t protocol;
	uint32_t state;	  /* enum hf_tcp_state; of others: 0 */
	uint32_t flags;	  /* HF_SOCKET_* */
	uint32_t backlog; /* of a listening socket */
	uint32_t waiting; /* listening: connections that were not accepted yet */
	uint32_t queued;  /* bytes in the receive queue (datagrams: of the first) */
	uint64_t ino;
	uint64_t peer; /* Unix: inode of the peer, 0: none, HF_PEER_NOT_ACCEPTED */
	uint32_t local_length, remote_length;
	uint8_t local[112], remote[112];
	int32_t peer_pid; /* Unix: the process that connected the other side, or listens there (SO_PEERCRED), 0: none */
	uint32_t pad;
};
#define HF_PEER_NOT_ACCEPTED (~0ull) /* it waits in a listener's queue, and has no inode yet */
#define HF_SOCKET_LISTENING 1u
#define HF_SOCKET_CONNECTED 2u
#define HF_SOCKET_SHUT_READ 4u	    /* by itself */
#define HF_SOCKET_SHUT_WRITE 8u	    /* by itself */
#define HF_SOCKET_PEER_CLOSED 16u   /* the peer sends no more */
#define HF_SOCKET_UNREAD 32u	    /* Unix: the peer has not read all that was sent */
#define HF_SOCKET_ENDED 64u	    /* TCP: was connected, and both sides have ended, or it was reset */
#define HF_SOCKET_EMPTY 256u	    /* TCP: nothing waits in its receive queue, nor is the urgent mark there */
#define HF_SOCKET_PLACEHOLDERS 512u /* listening: all that waits was accepted already, and is placeholders */
#define HF_SOCKET_FAILED 128u	    /* the program has not been told an error yet: of TCP, it was reset */

struct hf_option {
	int32_t level, name; /* of setsockopt */
	uint32_t length;
	uint8_t value[20];
};

/* A pseudo terminal, from its master side; of the other side only the modes and the window are told. */
struct hf_pty {
	int32_t fd;
	uint32_t index;	     /* N of /dev/pts/N */
	uint32_t packet;     /* 1: packet mode */
	uint32_t locked;     /* 1: its other side cannot be opened yet */
	uint8_t termios[44]; /* struct termios2 */
	uint16_t window[4];  /* struct winsize */
	uint32_t pad;
};

/* How far a TCP connection is: all that one side has written has arrived when the other side's `received` is no
   less than its `sent` and `unsent` (the end of the stream counts as one byte received). */
struct hf_stream {
	int32_t fd;
	uint32_t state;	   /* as in struct hf_socket */
	uint64_t sent;	   /* bytes, without those that were sent again */
	uint64_t unsent;   /* bytes that wait for the peer's window, or to fill a segment */
	uint64_t received; /* bytes, in order */
};

/* One message of a socket's receive queue, in the content of an HF_REC_QUEUE: its address, data and control data
   follow, each padded to 8 bytes. Of a stream, a run of bytes. */
struct hf_queued {
	uint32_t address_length, length, control_length;
	uint32_t flags; /* HF_QUEUED_* */
};
#define HF_QUEUED_URGENT 1u /* a byte that was sent with MSG_OOB */
#define HF_QUEUED_TAKEN 2u  /* which the program has read already: its mark is left */

/* A System V object. */
enum hf_ipc_kind { HF_IPC_SHM = 1, HF_IPC_SEM = 2, HF_IPC_MSG = 3 };

struct hf_ipc_id {
	uint32_t kind; /* enum hf_ipc_kind */
	int32_t id;
};

/* Process numbers are as the job sees them, 0: none. */
struct hf_ipc {
	uint32_t kind; /* enum hf_ipc_kind */
	int32_t id, key;
	uint32_t mode;
	uint64_t size;		  /* bytes; semaphores; most bytes in the queue */
	int32_t creator;	  /* segment: who made it */
	int32_t sender, receiver; /* queue: the last ones */
	uint32_t flags;		  /* HF_IPC_* */
};
#define HF_IPC_REMOVED 1u  /* segment: it goes when the last process detaches it */
#define HF_IPC_OPERATED 2u /* semaphores: semop was called (sem_otime is set) */

struct hf_semaphore {
	int32_t value;
	int32_t pid; /* who changed it last */
};

/* What is added to a semaphore when the process ends. */
struct hf_undo {
	int32_t set;
	uint16_t number;
	int16_t value;
};

struct hf_ipc_message {
	uint64_t length; /* of the data, which follows, padded to 8 bytes */
	int64_t type;
};

struct hf_mqueue {
	int64_t most, largest; /* messages; bytes of a message */
	uint32_t mode, pad;
};

struct hf_child {
	int32_t pid;
	uint32_t zombie; /* 1: ended, not waited for */
	int32_t status;	 /* of a zombie, as wait(2) gives it */
	uint32_t pad;
};

struct hf_range {
	uint64_t start, end;
};

struct hf_copied {
	struct hf_range range;
	uint64_t whole; /* 1: also the pages that are not in memory; 0: those hold nothing */
};

/* What an area is beside its protection. A snapshot's /proc/PID/smaps tells all but the first four. */
enum hf_advice {
	HF_ADVICE_LOCKED = 1,
	HF_ADVICE_LOCKED_ON_FAULT = 2, /* with HF_ADVICE_LOCKED */
	HF_ADVICE_DONTFORK = 4,
	HF_ADVICE_WIPEONFORK = 8,
	HF_ADVICE_HUGEPAGE = 16,
	HF_ADVICE_NOHUGEPAGE = 32,
	HF_ADVICE_DONTDUMP = 64,
	HF_ADVICE_MERGEABLE = 128,
	HF_ADVICE_RANDOM = 256,
	HF_ADVICE_SEQUENTIAL = 512,
};

struct hf_advised {
	uint64_t start, end;
	uint32_t advice; /* enum hf_advice */
	uint32_t pad;
};

struct hf_blob {
	int32_t fd;
	uint32_t kind; /* HF_REC_TEE or HF_REC_COPY_FILE */
	uint64_t addr, length;
};

struct hf_plan {
	uint32_t descriptions, nodes;
	int32_t root;	    /* index of the job's root among the nodes */
	int32_t first_free; /* a number above every descriptor of every process */
	uint32_t namespace; /* as in hf_started: what to use */
	uint32_t pad;
	int64_t clock_monotonic_ns; /* the job's clocks when it was stopped */
	int64_t clock_boottime_ns;
};

enum hf_description_kind {
	HF_FILE = 1,	  /* path; opened with flags, set to pos. Also directories, devices */
	HF_STREAM = 2,	  /* value: 0, 1, 2: the caller's standard input, output, error */
	HF_TERMINAL = 3,  /* the job's terminal (slave side); struct hf_pty instead of the text, or nothing */
	HF_PIPE_READ = 4, /* value: number of the pipe; aux: its capacity */
	HF_PIPE_WRITE = 5,
	HF_EVENTFD = 6,	 /* value: the count; aux: 1: EFD_SEMAPHORE */
	HF_TIMERFD = 7,	 /* text is the fdinfo */
	HF_SIGNALFD = 8, /* value: the mask */
	HF_EPOLL = 9,	 /* text is the fdinfo; its members are added when all descriptors are placed */
	HF_MEMFD =
		10, /* a shared memory object of `aux` bytes; opened once more for each description. value: number, and
			   above 32 bits its seals */
	HF_DELETED = 11,    /* an unlinked file; content in HF_REC_DATA. value: number of the file */
	HF_OBJECT = 12,	    /* path: a file that only areas use (executable, library) */
	HF_PIDFD = 13,	    /* value: pid of the job */
	HF_PTY_MASTER = 15, /* struct hf_pty instead of the text; value: its index */
	HF_PTY_SLAVE = 16,  /* value: its index; its master is in the plan */
	HF_MQUEUE = 17,	    /* text: its name, without "/". value: number; aux: 1: it is unlinked. What it holds is in
				HF_REC_DATA */
	HF_FILE_OF_PROCESS = 18, /* path, below /proc/PID: opened when the processes exist */
	HF_FIFO = 19,		 /* path; aux: its permissions, when it has to be made again */
	HF_SOCKET = 14, /* struct hf_socket and options instead of the text; value: index of the peer's description,
			   ~0: none in the job; aux: HF_SOCKET_RESET, HF_SOCKET_WAITING */
};

#define HF_SOCKET_RESET 1u   /* the connection left the job: the program finds it reset */
#define HF_SOCKET_WAITING 2u /* connected to a listener of the job that has not accepted it yet */

struct hf_description {
	uint32_t kind;
	uint32_t flags; /* open(2) status flags and access mode */
	int64_t pos;
	uint64_t value, aux;
};

struct hf_data {
	uint32_t description; /* index */
	int32_t pid;	      /* by whose places the descriptors in a queue's control data are to be understood */
	uint64_t length;
};

/* What a process of the tree is made of; made by its parent with clone3 and set_tid. */
struct hf_node {
	int32_t pid;
	int32_t parent;	  /* index of the parent node, -1: the initial process */
	int32_t pgid;	  /* 0: the parent's */
	uint32_t flags;	  /* HF_NODE_* */
	int32_t status;	  /* HF_NODE_ZOMBIE: as wait(2) gives it */
	int32_t tty_pgrp; /* HF_NODE_TERMINAL: make this the foreground group */
	int32_t tty;	  /* HF_NODE_TERMINAL: index of the description of a pseudo terminal, -1: the job's terminal */
	int32_t exe;	  /* index of the description of the program that it runs, -1: unknown */
	uint64_t entry, stack;
};
#define HF_NODE_SETSID 1u /* becomes a session leader, before its children without HF_NODE_EARLY are made */
#define HF_NODE_EARLY 2u  /* made before its parent's setsid */
#define HF_NODE_ZOMBIE 4u /* ends at once with `status`, is left for its parent to wait for */
#define HF_NODE_HELPER \
	8u		     /* not part of the job: ends when the tree stands, so that its children are adopted by the
			      initial process, or a session or group without its leader exists */
#define HF_NODE_TERMINAL 16u /* takes `tty` as controlling terminal */

struct hf_place {
	int32_t fd; /* HF_HELD and up: no descriptor of the process, but on its way in a queue that it copied */
	uint32_t description; /* index */
	uint32_t fd_flags;
	uint32_t pad;
};

struct hf_area {
	uint64_t start, end;
	uint64_t offset;
	uint32_t prot;
	uint32_t kind;	     /* enum hf_area_kind */
	int32_t description; /* file or shared object that is mapped, -1: none */
	uint32_t advice;     /* enum hf_advice */
};

enum hf_area_kind {
	HF_AREA_ANON = 1,
	HF_AREA_STACK = 2,   /* anonymous, grows down */
	HF_AREA_PRIVATE = 3, /* of a file */
	HF_AREA_SHARED = 4,  /* of a file or shared memory object */
	HF_AREA_VDSO = 5,
	HF_AREA_VVAR = 6,
	HF_AREA_SEGMENT = 7, /* an attached System V segment: `offset` is its id */
};

/*
 * One range of addresses, the same in every process, is Holdfast's: the interceptor keeps it reserved, so that the
 * restart's code and tables find it free. Areas inside it other than the engine's are not part of an image.
 */
#define HF_RESERVED_START 0x300000000000ull
#define HF_RESERVED_END 0x300080000000ull
#define HF_ENGINE_START 0x300040000000ull /* the interceptor's own memory; part of the image */

#endif
