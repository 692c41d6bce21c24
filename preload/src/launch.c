/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch.c - holdfast-launch JOB_SOCKET -- CMD...: the initial process of a job that starts anew.
 *
 * The root process leads a session of its own, so that its session and group numbers are the job's and can be had
 * again at a restart; on the job's own terminal when one of the caller's standard streams is a terminal.
 */
#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>

#include "message.h"
#include "supervise.h"
#include "sys.h"
#include "text.h"

_Noreturn void hf_main(long argc, char **argv, char **envp);

static const char *variable(char **envp, const char *name)
{
	for (; *envp; envp++)
		if (hf_starts(*envp, name))
			return *envp + hf_length(name);
	return "/usr/local/bin:/usr/bin:/bin";
}

/* execvp. Returns -errno. */
static long execute(char **argv, char **envp)
{
	const char *path = variable(envp, "PATH=");
	long error = -ENOENT;

	for (const char *c = argv[0]; *c; c++)
		if (*c == '/')
			return sys(__NR_execve, argv[0], argv, envp);
	while (*path) {
		char file[4096];
		struct text t = hf_text(file, sizeof(file));
		long ret;

		for (; *path && *path != ':'; path++) {
			char one[2] = { *path, 0 };

			hf_add(&t, one);
		}
		if (*path)
			path++;
		hf_add(&t, "/");
		hf_add(&t, argv[0]);
		ret = sys(__NR_execve, file, argv, envp);
		if (ret != -ENOENT && ret != -ENOTDIR)
			error = ret;
	}
	return error;
}

static _Noreturn void root(const struct terminal *t, int report, char **argv, char **envp)
{
	uint64_t quit = 1ull << (SIGQUIT - 1);
	int streams[3];
	long ret;

	/* The Java virtual machines between the caller and this process block it for themselves. */
	sys(__NR_rt_sigprocmask, SIG_UNBLOCK, &quit, NULL, 8);
	for (int fd = 0; fd < 3; fd++) {
		char ignored[64];

		streams[fd] = t->slave >= 0 && !sys(__NR_ioctl, fd, TCGETS, ignored);
	}
	sys(__NR_setsid);
	if (t->slave >= 0)
		sys(__NR_ioctl, t->slave, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		if (streams[fd])
			sys(__NR_dup3, t->slave, fd, 0);
	ret = execute(argv, envp);
	sys(__NR_write, report, &ret, sizeof(ret));
	for (;;)
		sys(__NR_exit_group, 127);
}

_Noreturn void hf_main(long argc, char **argv, char **envp)
{
	struct supervisor s = { .fd = -1, .may_lose_runner = 1 };
	int report[2];
	long ret, pid;

	if (argc < 4 || !hf_equal(argv[2], "--"))
		hf_fail(-1, "usage: holdfast-launch JOB_SOCKET -- CMD...", "", 0);
	s.socket = argv[1];
	s.host_pid = (int32_t)sys(__NR_getpid);
	ret = hf_connect(s.socket, s.host_pid, HF_INIT, 0);
	if (ret < 0)
		hf_fail(-1, "cannot connect to the node runner", "", ret);
	s.fd = (int)ret;
	sys(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1);
	ret = hf_terminal_open(&s.terminal, 0);
	if (ret < 0)
		hf_fail(s.fd, "cannot open a terminal for the job", "", ret);
	ret = sys(__NR_pipe2, report, O_CLOEXEC);
	if (ret < 0)
		hf_fail(s.fd, "cannot make a pipe", "", ret);
	pid = sys(__NR_fork);
	if (pid < 0)
		hf_fail(s.fd, "cannot fork the job's first process", "", pid);
	if (!pid)
		root(&s.terminal, report[1], argv + 3, envp);
	sys(__NR_close, report[1]);
	if (sys(__NR_read, report[0], &ret, sizeof(ret)) > 0)
		hf_fail(s.fd, "cannot execute ", argv[3], ret);
	sys(__NR_close, report[0]);
	s.started.pid = (int32_t)pid;
	s.started.terminal = s.terminal.rdev;
	hf_supervise(&s);
}
