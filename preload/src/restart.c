/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restart.c - holdfast-restart JOB_SOCKET NAMESPACE NUMBER LAST NETWORK [IMAGE]: the initial process of a job that comes out of its images.
 *
 * NAMESPACE is what the runner chose (see hf_started): 0 makes the processes with their old numbers in the name space
 * it runs in, which needs privilege and free numbers; 1 and 2 make a new pid name space first (2: a user name space
 * around it, which needs no privilege), where no number can be taken. 3 is as 0 where nothing is allowed: numbers are
 * counted up to (numbers.h). 4 is as 0 where the kernel driver allows it (grant.h): IMAGE is the image's folder, and the
 * environment has the driver's token.
 *
 * NUMBER is what the initial process was before: the program knows it as its parent's. So the initial process is a
 * child of the one that is called, which waits for it.
 *
 * LAST is the highest number of a process or thread of the job.
 *
 * NETWORK is 1 for a network name space of the job's own.
 */
#include "restart.h"

#include <asm/errno.h>
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#include "grant.h"
#include "message.h"
#include "numbers.h"
#include "own_program.h"
#include "standin.h"
#include "supervise.h"
#include "sys.h"
#include "text.h"

_Noreturn void hf_main(long argc, char **argv, char **envp);

#define TAKEN_START (HF_RESERVED_START + 0x10000000ull) /* above the program itself */
#define WATCH_NS 20000000
#define COUNTED 3
#define GRANTED 4
#define CLOCK_MONOTONIC 1
#define CLOCK_BOOTTIME 7

struct restart hf_restart = { .init_fd = -1, .own_fd = -1, .shared_fd = -1 };
static uint64_t taken = TAKEN_START;

void *hf_take(uint64_t length, int shared)
{
	uint64_t at = taken;
	long ret;

	length = (length + HF_PAGE - 1) & ~(HF_PAGE - 1);
	if (at + length > HF_ENGINE_START)
		hf_give_up("the plan of the restart is too large", "", 0);
	if (shared && hf_restart.shared_fd >= 0) {
		ret = sys(__NR_mmap, at, length, PROT_READ | PROT_WRITE, MAP_FIXED_NOREPLACE | MAP_SHARED,
			  hf_restart.shared_fd, hf_restart.shared_used);
		hf_restart.shared_used += length;
	} else {
		ret = sys(__NR_mmap, at, length, PROT_READ | PROT_WRITE,
			  MAP_FIXED_NOREPLACE | MAP_ANONYMOUS | (shared ? MAP_SHARED : MAP_PRIVATE), -1, 0);
	}
	if (ret < 0)
		hf_give_up("cannot get memory for the plan", "", ret);
	taken = at + length + HF_PAGE;
	return (void *)at;
}

/* Ends what was made of the tree, tells the runner why, and ends. In a pid name space the kernel ends the rest. */
static _Noreturn void abandon(const char *reason)
{
	int status;
	long pid;

	if (hf_restart.init_fd < 0)
		hf_restart.init_fd = (int)hf_connect(hf_restart.socket, hf_restart.init_pid, HF_INIT, 0);
	hf_dismiss_stand_ins();
	/* The others see that somebody has failed, and end by themselves. */
	do
		pid = sys(__NR_wait4, -1, &status, __WALL, 0);
	while (pid > 0 || pid == -EINTR);
	hf_fail(hf_restart.init_fd, reason, "", 0);
}

_Noreturn void hf_give_up(const char *what, const char *which, long error)
{
	struct assembly *a = hf_restart.assembly;
	uint32_t nobody = 0;
	char line[400];
	struct text t = hf_text(line, sizeof(line));

	hf_add(&t, what);
	hf_add(&t, which);
	if (error)
		hf_add_error(&t, error);
	if (hf_restart.numbers)
		__atomic_store_n(&hf_restart.numbers->given_up, 1, __ATOMIC_RELEASE);
	if (hf_restart.own_fd >= 0)
		hf_send_text(hf_restart.own_fd, HF_FAILED, 0, line);
	if (a && __atomic_compare_exchange_n(&a->failed, &nobody, 2, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
		t = hf_text(a->reason, sizeof(a->reason));
		hf_add(&t, line);
		__atomic_store_n(&a->failed, 1, __ATOMIC_RELEASE);
	}
	if (sys(__NR_getpid) == hf_restart.init_pid)
		abandon(line);
	for (;;)
		sys(__NR_exit_group, 125);
}

_Noreturn void hf_give_up_number(const char *what, int64_t number, long error)
{
	char text[24];
	struct text t = hf_text(text, sizeof(text));

	hf_add_number(&t, number);
	hf_give_up(what, text, error);
}

static uint32_t members(enum phase phase)
{
	uint32_t count = 0;

	if (phase < PHASE_READY)
		return hf_restart.head.nodes;
	for (uint32_t n = 0; n < hf_restart.head.nodes; n++)
		count += !(hf_node(n)->flags & (HF_NODE_ZOMBIE | HF_NODE_HELPER));
	return count + (phase == PHASE_MAPPED);
}

void hf_stop_if_failed(void)
{
	struct assembly *a = hf_restart.assembly;
	uint32_t failed = __atomic_load_n(&a->failed, __ATOMIC_ACQUIRE);

	if (failed == 1 && sys(__NR_getpid) == hf_restart.init_pid)
		abandon(a->reason);
	if (failed && sys(__NR_getpid) != hf_restart.init_pid)
		for (;;)
			sys(__NR_exit_group, 125);
}

static void await(enum phase phase)
{
	struct assembly *a = hf_restart.assembly;
	struct __kernel_timespec watch = { 0, WATCH_NS };
	uint32_t all = members(phase);

	for (uint32_t n; (n = __atomic_load_n(&a->done[phase], __ATOMIC_ACQUIRE)) < all;) {
		hf_stop_if_failed();
		sys(__NR_futex, &a->done[phase], FUTEX_WAIT, n, &watch);
	}
}

void hf_meet(enum phase phase)
{
	__atomic_add_fetch(&hf_restart.assembly->done[phase], 1, __ATOMIC_ACQ_REL);
	sys(__NR_futex, &hf_restart.assembly->done[phase], FUTEX_WAKE, 0x7fffffff);
	await(phase);
}

void hf_await(enum phase phase)
{
	await(phase);
}

static void receive_plan(void)
{
	struct restart *r = &hf_restart;
	struct hf_msg msg;
	char *plan;

	if (hf_receive(r->init_fd, &msg) != 1 || msg.type != HF_PLAN)
		hf_give_up("the runner sent no plan", "", 0);
	plan = hf_take(msg.length + 1, 0);
	if (hf_read(r->init_fd, plan, msg.length) != 1)
		hf_give_up("the runner's plan is cut short", "", 0);
	r->plan = plan;
	r->plan_length = msg.length;
}

static void index_plan(void)
{
	struct restart *r = &hf_restart;
	const struct hf_rec *rec = hf_next_record(r->plan, r->plan_length, NULL);
	uint32_t descriptions = 0, nodes = 0;

	if (!rec || rec->type != HF_REC_PLAN)
		hf_give_up("the runner's plan has no head", "", 0);
	r->head = *(const struct hf_plan *)(rec + 1);
	r->first_free = r->head.first_free;
	r->descriptions = hf_take((r->head.descriptions + 1) * sizeof(*r->descriptions), 0);
	r->data = hf_take((r->head.descriptions + 1) * sizeof(*r->data), 0); /* all zero */
	r->nodes = hf_take((r->head.nodes + 1) * sizeof(*r->nodes), 0);
	r->children = hf_take((r->head.nodes + 1) * sizeof(*r->children), 0);
	while ((rec = hf_next_record(r->plan, r->plan_length, rec))) {
		const struct hf_data *data = (const void *)(rec + 1);

		if (rec->type == HF_REC_DATA && data->description < r->head.descriptions && !r->data[data->description])
			r->data[data->description] = rec;
		if (rec->type == HF_REC_DESCRIPTION && descriptions < r->head.descriptions)
			r->descriptions[descriptions++] = rec;
		if (rec->type == HF_REC_NODE && nodes < r->head.nodes)
			r->nodes[nodes++] = rec;
	}
	if (descriptions != r->head.descriptions || nodes != r->head.nodes || !nodes)
		hf_give_up("the runner's plan is not whole", "", 0);
}

static int64_t clock_ns(int clock)
{
	struct __kernel_timespec now;

	sys(__NR_clock_gettime, clock, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void add_offset(struct text *t, const char *name, int64_t offset)
{
	hf_add(t, name);
	hf_add(t, " ");
	hf_add_number(t, offset / 1000000000);
	hf_add(t, " ");
	hf_add_number(t, offset % 1000000000);
	hf_add(t, "\n");
}

/* On a machine that is up for less time than the job's was, its clocks would go back: a time name space. */
static void keep_clocks(void)
{
	int64_t monotonic = hf_restart.head.clock_monotonic_ns - clock_ns(CLOCK_MONOTONIC);
	int64_t boottime = hf_restart.head.clock_boottime_ns - clock_ns(CLOCK_BOOTTIME);
	char lines[160];
	struct text t = hf_text(lines, sizeof(lines));
	long ret;

	if (monotonic <= 0 && boottime <= 0)
		return;
	add_offset(&t, "monotonic", monotonic > 0 ? monotonic : 0);
	add_offset(&t, "boottime", boottime > 0 ? boottime : 0);
	ret = sys(__NR_unshare, CLONE_NEWTIME);
	if (!ret)
		ret = hf_write_file("/proc/self/timens_offsets", lines);
	if (ret)
		hf_give_up("cannot keep the job's clocks from going back", "", ret);
}

static void raise_descriptor_limit(void)
{
	struct rlimit64 limit;

	if (!sys(__NR_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		sys(__NR_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
	}
}

static int needs_terminal(void)
{
	for (uint32_t n = 0; n < hf_restart.head.descriptions; n++)
		if (hf_description(n)->kind == HF_TERMINAL)
			return 1;
	for (uint32_t n = 0; n < hf_restart.head.nodes; n++)
		if (hf_node(n)->flags & HF_NODE_TERMINAL)
			return 1;
	return 0;
}

/* Helpers are gone, and so their children are this process's, before any of the job can ask who its parent is. */
static void bury_helpers(void)
{
	for (uint32_t n = 0; n < hf_restart.head.nodes; n++) {
		int status;

		if (hf_node(n)->flags & HF_NODE_HELPER && hf_node(n)->parent < 0)
			while (sys(__NR_wait4, hf_node(n)->pid, &status, __WALL, 0) == -EINTR)
				;
	}
}

/* What the caller gave lies where a process has its own memory later. */
static const char *keep(char *to, size_t size, const char *from)
{
	struct text t = hf_text(to, size);

	hf_add(&t, from);
	return to;
}

/* The loader's part of a restart is in the same folder as this program. */
static void find_library(const char *program)
{
	struct restart *r = &hf_restart;
	char *name = r->library;

	keep(r->library, sizeof(r->library), program);
	for (char *c = r->library; *c; c++)
		if (*c == '/')
			name = c + 1;
	keep(name, sizeof(r->library) - (size_t)(name - r->library), "libholdfast-restart.so");
}

static const char *variable(char **environment, const char *name)
{
	for (; *environment; environment++)
		if (hf_starts(*environment, name))
			return *environment + hf_length(name);
	return "";
}

_Noreturn void hf_main(long argc, char **argv, char **envp)
{
	struct restart *r = &hf_restart;
	struct supervisor s = { .fd = -1 };
	const char *number = argv[3], *end = argv[4];
	int32_t last;
	uint64_t all = ~0ull;
	long ret;

	if (argc < 6 || argv[2][0] < '0' || argv[2][0] > '4' || argc != 6 + (argv[2][0] == '0' + GRANTED))
		hf_fail(-1, "usage: holdfast-restart JOB_SOCKET NAMESPACE NUMBER LAST NETWORK [IMAGE]", "", 0);
	s.socket = keep(r->socket, sizeof(r->socket), argv[1]);
	s.started.namespace = (uint32_t)(argv[2][0] - '0');
	sys(__NR_rt_sigprocmask, 0, &all, NULL, 8);
	r->init_pid = (int32_t)sys(__NR_getpid);
	if (s.started.namespace == COUNTED) {
		find_library(argv[0]);
		hf_open_shared();
		r->numbers = hf_take(sizeof(*r->numbers), 1);
		s.started.namespace = 0;
	}
	if (s.started.namespace == GRANTED) {
		hf_take_grant(variable(envp, "HOLDFAST_TOKEN="), argv[6]);
		s.started.namespace = 0;
	}
	hf_more_want_numbers(r->numbers, 1);
	s.host_pid = hf_become_initial(s.started.namespace, (int32_t)hf_number(&number, 10));
	/* What the runner and others on the host make meanwhile gets no number of the job's. */
	last = (int32_t)hf_number(&end, 10);
	hf_pass_number(r->numbers, last);
	ret = hf_connect(s.socket, s.host_pid, HF_INIT, 0);
	if (ret < 0)
		hf_give_up("cannot connect to the node runner", "", ret);
	s.fd = r->init_fd = (int)ret;
	receive_plan();
	index_plan();
	r->assembly = hf_take(sizeof(*r->assembly), 1);
	sys(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1);
	keep_clocks();
	raise_descriptor_limit();
	ret = hf_terminal_open(&r->terminal, needs_terminal());
	if (ret < 0)
		hf_give_up("cannot open a terminal for the job", "", ret);
	if (argv[5][0] == '1')
		hf_enter_network();
	hf_make_ipc();
	hf_describe();
	hf_dismiss_stand_ins();
	hf_make_tree();
	hf_await(PHASE_GROUPS);
	hf_pass_number(r->numbers, last);
	hf_more_want_numbers(r->numbers, 1);
	hf_sign_for_dead();
	hf_dismiss_stand_ins();
	hf_more_want_numbers(r->numbers, -1);
	hf_await(PHASE_READY);
	bury_helpers();
	hf_more_want_numbers(r->numbers, (int32_t)members(PHASE_READY)); /* for their threads */
	hf_meet(PHASE_MAPPED); /* and so everything that this process holds for them is theirs */
	hf_forget_ipc();
	hf_leave_grant();
	sys(__NR_close_range, r->first_free, ~0u, 0);
	sys(__NR_close, r->shared_fd);
	s.terminal = r->terminal;
	s.started.pid = hf_node((uint32_t)r->head.root)->pid;
	s.started.terminal = r->terminal.rdev;
	hf_supervise(&s);
}
