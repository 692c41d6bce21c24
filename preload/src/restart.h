/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restart.h - the initial process of a restart and the processes that it makes, until they go on into their memory.
 *
 * Every process is a fork of the initial process, so it has the plan, the descriptions (as descriptors from
 * first_free on) and the assembly. All of it lies in the range of addresses that is Holdfast's, for a process takes
 * everything else away before it maps what the plan says.
 */
#ifndef HOLDFAST_RESTART_H
#define HOLDFAST_RESTART_H

#include <holdfast/protocol.h>
#include <stddef.h>

#include "terminal.h"

/* The steps that the processes of the tree take together; each waits for all others. The initial process takes the last
   one too. */
enum phase { PHASE_MADE, PHASE_LEADERS, PHASE_GROUPS, PHASE_READY, PHASE_MAPPED, PHASES };

/* Shared by all processes of a restart. */
struct assembly {
	uint32_t done[PHASES]; /* futexes: how many processes have taken the step */
	uint32_t failed;       /* 2: `reason` is being written, 1: it is written */
	char reason[400];
};

struct restart {
	char socket[108];
	char library[4096];   /* libholdfast-restart.so, where the program is */
	int shared_fd;	      /* where memory is that processes share, if they execute their programs; else -1 */
	uint64_t shared_used; /* bytes */
	int init_fd;	      /* the initial process's connection to the runner */
	int own_fd;	      /* this process's own, -1: none yet */
	int32_t init_pid;     /* as getpid tells it */
	int32_t first_free;   /* descriptor of description 0 */
	struct hf_plan head;
	const char *plan;
	size_t plan_length;
	const struct hf_rec **descriptions; /* by index; valid are the first head.descriptions */
	const struct hf_rec **data;	    /* of descriptions, by their index; NULL: none */
	const struct hf_rec **nodes;	    /* by index */
	int32_t *children;		    /* room for the numbers of all nodes */
	struct numbers *numbers;	    /* NULL: they may be chosen */
	struct assembly *assembly;
	struct terminal terminal;
};

extern struct restart hf_restart;

static inline const struct hf_description *hf_description(uint32_t index)
{
	return (const void *)(hf_restart.descriptions[index] + 1);
}

/* The content that the plan has for a description; NULL: none. */
static inline const struct hf_data *hf_data(uint32_t index)
{
	const struct hf_rec *rec = hf_restart.data[index];

	return rec ? (const void *)(rec + 1) : NULL;
}

static inline const struct hf_node *hf_node(uint32_t index)
{
	return (const void *)(hf_restart.nodes[index] + 1);
}

/* Says why the restart fails, and ends this process; the others follow. */
_Noreturn void hf_give_up(const char *what, const char *which, long error);

/* The same, about a number. */
_Noreturn void hf_give_up_number(const char *what, int64_t number, long error);

/* For the initial process: gives up when one of the others has. */
void hf_stop_if_failed(void);

/* Takes a step together with the other processes; gives up when one of them has. */
void hf_meet(enum phase phase);
/* For the initial process: waits until all have taken the step. */
void hf_await(enum phase phase);

/* Memory in the range that is Holdfast's; gives up when there is none. */
void *hf_take(uint64_t length, int shared);

/* A new descriptor of the terminal that a node takes as its controlling one. */
long hf_open_terminal(const struct hf_node *node);

/* initial.c - goes on as the initial process, in such name spaces (hf_started) and with the number that it had; gives up
   when that cannot be. Returns its number outside, by which the runner reaches the job's /proc. */
int32_t hf_become_initial(uint32_t namespace, int32_t number);

/* network.c - goes on in a network name space of the job's own, with the addresses of the plan's sockets. */
void hf_enter_network(void);

/* describe.c - opens every description of the plan as descriptor first_free + index. */
void hf_describe(void);
/* Puts a node's descriptors in their places; its pidfds and epoll members are made here, when all processes exist. */
void hf_place(uint32_t node);

/* ipc_restart.c - makes the plan's System V objects. */
void hf_make_ipc(void);
/* The first object of the plan (NULL), or the one behind it; NULL: there is none. */
const struct hf_ipc *hf_next_object(const struct hf_ipc *o);
/* Calls act in a process with this number, made for it and ended then; 0: in this process. */
void hf_as(int32_t pid, void (*act)(const struct hf_ipc *), const struct hf_ipc *o);
/* Detaches the segments that were removed already, when the processes have attached them. */
void hf_forget_ipc(void);

/* undo_restart.c - by each process, for itself: what the kernel undoes of its semaphore operations when it ends. */
void hf_give_back_undo(uint32_t node);
/* By each process, when all have done that: the semaphores that it changed last tell its number again. */
void hf_sign_semaphores(void);
/* The same for processes that do not exist any more, by the initial process. */
void hf_sign_for_dead(void);

/* posix_mq_restart.c - makes a message queue. Returns a descriptor of it to read and write, or -errno. */
long hf_make_mqueue(const char *name, int unlinked, const struct hf_data *data);

/* connect.c - makes the plan's sockets, whose descriptors describe.c holds free. */
void hf_connect_sockets(void);

/* tree.c - makes the processes whose parent is the initial process; each makes its own children. */
void hf_make_tree(void);

/* memory.c - takes this process's memory away, maps what the plan says, has it filled by the runner, goes on in it. */
_Noreturn void hf_become(uint32_t node);

#endif
