/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervise.c - the initial process of a job: parent of its root, adopts and reaps its orphans, holds its terminal,
 * outlives the runner (a new runner takes the job over).
 */
#include "supervise.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/wait.h>

#include "message.h"
#include "sys.h"
#include "text.h"

#define RETRY_MS 500

_Noreturn void hf_fail(int fd, const char *what, const char *which, long error)
{
	char line[600];
	struct text t = hf_text(line, sizeof(line));

	hf_add(&t, what);
	hf_add(&t, which);
	if (error)
		hf_add_error(&t, error);
	if (fd >= 0)
		hf_send_text(fd, HF_FAILED, 0, line);
	for (;;)
		sys(__NR_exit_group, 125);
}

static void lose_runner(struct supervisor *s)
{
	if (s->fd >= 0)
		sys(__NR_close, s->fd);
	s->fd = -1;
}

static void tell(struct supervisor *s, enum hf_type type, const void *payload, size_t length)
{
	if (s->fd >= 0 && hf_send(s->fd, type, 0, payload, length))
		lose_runner(s);
}

static void tell_exited(struct supervisor *s)
{
	struct hf_exited e = { .status = s->status };

	if (s->exited)
		tell(s, HF_EXITED, &e, sizeof(e));
}

static void find_runner(struct supervisor *s)
{
	long fd = hf_connect(s->socket, s->host_pid, HF_INIT, 0);

	if (fd < 0)
		return;
	s->fd = (int)fd;
	tell(s, HF_STARTED, &s->started, sizeof(s->started));
	tell_exited(s);
}

/* Reaps what ended. Returns 0 when no process is left. */
static int reap(struct supervisor *s)
{
	for (;;) {
		int status;
		long pid = sys(__NR_wait4, -1, &status, WNOHANG | __WALL, 0);

		if (pid == -ECHILD)
			return 0;
		if (pid <= 0)
			return 1;
		if (pid != s->started.pid)
			continue;
		/* What the root wrote is on the caller's terminal before its end is told. */
		s->exited = 1;
		s->status = status;
		if (s->terminal.master >= 0) {
			struct pollfd p = { s->terminal.master, POLLIN, 0 };

			while (sys(__NR_poll, &p, 1, 0) > 0 && p.revents & POLLIN)
				hf_terminal_pass(&s->terminal, s->terminal.master);
		}
		hf_terminal_release(&s->terminal);
		tell_exited(s);
	}
}

static void send_signal(struct supervisor *s, int signal)
{
	int group = 0;

	if (s->terminal.master >= 0)
		sys(__NR_ioctl, s->terminal.master, TIOCGPGRP, &group);
	if (group <= 0)
		group = s->started.pid;
	if (sys(__NR_kill, -group, signal) == -ESRCH)
		sys(__NR_kill, s->started.pid, signal);
}

static void answer(struct supervisor *s)
{
	struct hf_msg msg;
	char payload[256];
	long ret = hf_receive(s->fd, &msg);

	if (ret == 1 && msg.length > sizeof(payload))
		ret = -EMSGSIZE;
	if (ret == 1 && msg.length)
		ret = hf_read(s->fd, payload, msg.length);
	if (ret != 1) {
		lose_runner(s);
		hf_terminal_release(&s->terminal);
		return;
	}
	switch (msg.type) {
	case HF_SIGNAL:
		send_signal(s, ((struct hf_signal *)payload)->signal);
		break;
	case HF_WINDOW:
		hf_terminal_window(&s->terminal);
		break;
	case HF_DETACH:
		hf_terminal_release(&s->terminal);
		break;
	default:
		break;
	}
}

_Noreturn void hf_supervise(struct supervisor *s)
{
	uint64_t mask = ~0ull;
	long children;

	sys(__NR_rt_sigprocmask, 0, &mask, NULL, 8);
	mask = 1ull << (SIGCHLD - 1);
	children = sys(__NR_signalfd4, -1, &mask, 8, O_CLOEXEC | O_NONBLOCK);
	hf_terminal_raw(&s->terminal);
	tell(s, HF_STARTED, &s->started, sizeof(s->started));
	/* First of all: a child may have ended before its signal was blocked. */
	while (reap(s)) {
		struct pollfd p[4] = {
			{ (int)children, POLLIN, 0 },
			{ s->fd, POLLIN, 0 },
			{ s->terminal.master, POLLIN, 0 },
			{ s->terminal.input ? 0 : -1, POLLIN, 0 },
		};
		char info[128];

		if (s->fd < 0)
			find_runner(s);
		p[1].fd = s->fd;
		if (sys(__NR_poll, p, 4, s->fd < 0 ? RETRY_MS : -1) < 0)
			continue;
		if (p[3].revents)
			hf_terminal_pass(&s->terminal, 0);
		if (p[2].revents)
			hf_terminal_pass(&s->terminal, s->terminal.master);
		if (p[1].revents)
			answer(s);
		if (p[0].revents)
			while (sys(__NR_read, children, info, sizeof(info)) > 0)
				;
	}
	tell(s, HF_EMPTY, NULL, 0);
	for (;;)
		sys(__NR_exit_group, 0);
}
