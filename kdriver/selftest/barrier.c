// SPDX-License-Identifier: GPL-2.0-only
/* Tests of stop and resume */
#define _GNU_SOURCE
#include "selftest.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void test_stop_resume(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	struct holdfast_resume resume;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, spin);

	AWAIT(counts());
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(stop.processes == 1 && stop.threads == 1 && !stop.reason && stop.took_ns);
	CHECK(!counts());
	/* Again: nothing more to do. */
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(stop.threads == 1);
	CHECK(!counts());
	CHECK(!ioctl(controller, HOLDFAST_RESUME, &resume));
	CHECK(resume.threads == 1 && resume.stopped_ns > 100000000);
	AWAIT(counts());
	CHECK(!ioctl(controller, HOLDFAST_RESUME, &resume));
	CHECK(!resume.threads && !resume.stopped_ns);
	end_child(pid);
}

static void test_empty(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);

	CHECK(!stop_group(controller, &stop, 0));
	CHECK(!stop.processes && !stop.threads);
	CHECK(!resume_group(controller));
}

static void test_controller_closes(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, spin);

	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(!counts());
	close(controller);
	AWAIT(counts());
	end_child(pid);
}

static void control_and_wait(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);

	new_member(&token, spin);
	CHECK(!stop_group(controller, &stop, 5000));
	shared->go = 1;
	pause();
}

static void test_controller_dies(void)
{
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = new_child(control_and_wait);
	AWAIT(shared->go);
	CHECK(!counts());
	/* The member goes on, and finds that its parent is dead. */
	end_child(pid);
	CHECK(waitpid(-1, NULL, 0) > 0);
}

static void test_killed_while_stopped(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t one = new_member(&token, spin);
	pid_t two = new_member(&token, spin);

	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(stop.processes == 2);
	end_child(one);
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(stop.processes == 1);
	CHECK(!resume_group(controller));
	AWAIT(counts());
	end_child(two);
}

/* Some run all the time, the others mostly sleep: the test's machine may be slow. */
static void *count_own(void *arg)
{
	for (;;) {
		shared->counter[(long)arg]++;
		if ((long)arg > 3)
			usleep(5000);
	}
	return NULL;
}

static void many_threads(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (long i = 1; i < 100; i++)
		CHECK(!pthread_create(&thread, &attr, count_own, (void *)i));
	shared->go = 1;
	spin();
}

static uint64_t sum(void)
{
	uint64_t all = 0;

	for (int i = 0; i < 256; i++)
		all += shared->counter[i];
	return all;
}

static void test_many_threads(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	uint64_t before;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, many_threads);

	AWAIT(shared->go);
	for (int turn = 0; turn < 5; turn++) {
		CHECK(!stop_group(controller, &stop, 20000));
		CHECK(stop.threads == 100);
		before = sum();
		usleep(30000);
		CHECK(sum() == before);
		CHECK(!resume_group(controller));
	}
	AWAIT(sum() != before);
	end_child(pid);
}

static void *count_and_end(void *arg)
{
	(void)arg;
	shared->counter[0]++;
	return NULL;
}

/* Threads and processes that come and go all the time. */
static void churn(void)
{
	pthread_t thread;

	for (;;) {
		if (!pthread_create(&thread, NULL, count_and_end, NULL))
			pthread_detach(thread);
		shared->counter[1]++;
		if (shared->counter[1] % 16 == 0 && !fork())
			_exit(0);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

static void test_churn(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, churn);

	for (int turn = 0; turn < 30; turn++) {
		uint64_t before;

		CHECK(!stop_group(controller, &stop, 10000));
		CHECK(stop.threads >= 1);
		before = sum();
		usleep(5000);
		CHECK(sum() == before);
		CHECK(!resume_group(controller));
		AWAIT(sum() != before);
	}
	end_child(pid);
}

static int64_t inside_offset(volatile uint32_t *word)
{
	unsigned long fs;

	syscall(SYS_arch_prctl, 0x1003 /* ARCH_GET_FS */, &fs);
	return (int64_t)((unsigned long)word - fs);
}

static __thread volatile uint32_t inside_word;

static void *spin_freely(void *arg)
{
	(void)arg;
	for (;;)
		shared->counter[1]++;
	return NULL;
}

static void member_with_wrapper(void)
{
	struct holdfast_token *token = (void *)&shared->value[8];
	pthread_t thread;

	CHECK(try_join(token, HOLDFAST_JOIN_INSIDE, inside_offset(&inside_word)) >= 0);
	CHECK(!pthread_create(&thread, NULL, spin_freely, NULL));
	for (;;) {
		inside_word = 1;
		shared->value[0] = 1;
		shared->ready = 1;
		while (shared->value[1])
			shared->counter[0]++;
		shared->value[0] = 0;
		inside_word--;
		if (inside_word & HOLDFAST_INSIDE_WANTED) {
			inside_word = 0;
			usleep(HOLDFAST_INSIDE_PAUSE_NS / 1000);
		}
	}
}

static void test_inside(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid;

	memcpy((void *)&shared->value[8], &token, sizeof(token));
	shared->value[1] = 1;
	pid = new_child(member_with_wrapper);
	AWAIT(shared->ready);
	CHECK_ERROR(stop_group(controller, &stop, 300), ETIMEDOUT);
	CHECK(stop.reason == HOLDFAST_REASON_INSIDE && stop.pid == pid && stop.tid == pid);
	AWAIT(counts());
	shared->value[1] = 0;
	for (int turn = 0; turn < 100; turn++) {
		uint64_t before;

		CHECK(!stop_group(controller, &stop, 5000));
		CHECK(stop.threads == 2);
		CHECK(!shared->value[0]);
		before = sum();
		usleep(1000);
		CHECK(sum() == before);
		CHECK(!resume_group(controller));
	}
	end_child(pid);
}

static void *serve(void *arg)
{
	struct holdfast_token *token = (void *)&shared->value[8];

	(void)arg;
	CHECK(try_join(token, HOLDFAST_JOIN_EXEMPT, 0) >= 0);
	shared->ready = 1;
	for (;;)
		shared->counter[1]++;
}

static void member_with_servant(void)
{
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, serve, NULL));
	spin();
}

static void test_exempt(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	uint64_t before;
	int controller = new_controller(&token);
	pid_t pid;

	memcpy((void *)&shared->value[8], &token, sizeof(token));
	pid = new_child(member_with_servant);
	AWAIT(shared->ready);
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(stop.threads == 1);
	CHECK(!counts());
	before = shared->counter[1];
	AWAIT(shared->counter[1] != before);
	CHECK(!resume_group(controller));
	AWAIT(counts());
	end_child(pid);
}

static void wait_for_vfork(void)
{
	shared->go = 1;
	if (!vfork()) {
		shared->go = 2;
		for (;;)
			syscall(SYS_pause);
	}
}

static void test_uninterruptible(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t one = new_member(&token, spin);
	pid_t pid = new_member(&token, wait_for_vfork);

	AWAIT(shared->go == 2);
	CHECK_ERROR(stop_group(controller, &stop, 200), ETIMEDOUT);
	CHECK(stop.reason == HOLDFAST_REASON_UNINTERRUPTIBLE && stop.pid == pid);
	/* The others were let go. */
	AWAIT(counts());
	/* Given up, taken up, given up: the work is queued once. */
	for (int turn = 0; turn < 3; turn++)
		CHECK_ERROR(stop_group(controller, &stop, 20), ETIMEDOUT);
	kill(one, SIGKILL);
	kill(pid, SIGKILL);
}

static void test_job_stopped(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, spin);
	int status;

	kill(pid, SIGSTOP);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(stop.threads == 1);
	kill(pid, SIGCONT);
	CHECK(!counts());
	CHECK(!resume_group(controller));
	AWAIT(counts());
	end_child(pid);
}

static void test_traced(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, spin);

	CHECK(!ptrace(PTRACE_SEIZE, pid, 0, 0));
	CHECK(!ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	CHECK(waitpid(pid, NULL, __WALL) == pid);
	CHECK_ERROR(stop_group(controller, &stop, 200), ETIMEDOUT);
	CHECK(stop.reason == HOLDFAST_REASON_TRACED && stop.pid == pid);
	CHECK(!ptrace(PTRACE_DETACH, pid, 0, 0));
	CHECK(!stop_group(controller, &stop, 5000));
	end_child(pid);
}

static void test_self(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);

	CHECK(try_join(&token, 0, 0) >= 0);
	CHECK_ERROR(stop_group(controller, &stop, 200), EPERM);
	CHECK(stop.reason == HOLDFAST_REASON_DEADLOCK);
}

/* A thread that the kernel runs in the process. */
static void use_io_uring(void)
{
	struct io_uring_params params = { .flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 100000 };

	shared->value[0] = syscall(SYS_io_uring_setup, 4, &params);
	shared->go = 1;
	pause();
}

static void test_kernel_thread(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, use_io_uring);

	AWAIT(shared->go);
	if ((int)shared->value[0] < 0) {
		printf("# no io_uring here: not tried\n");
	} else {
		CHECK_ERROR(stop_group(controller, &stop, 5000), EPERM);
		CHECK(stop.reason == HOLDFAST_REASON_KERNEL_THREAD && stop.pid == pid && stop.tid != pid);
	}
	end_child(pid);
}

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

/* All have come, but whether they made others meanwhile, there was no time to see. */
static void test_no_time(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, sleep_for_ever);

	do
		CHECK_ERROR(stop_group(controller, &stop, 0), ETIMEDOUT);
	while (stop.reason != HOLDFAST_REASON_CHURN);
	end_child(pid);
}

/* A member lets nobody but itself go on. */
static void test_resume_by_child(void)
{
	struct holdfast_token token;
	struct holdfast_resume resume;
	int member, status;
	pid_t pid;

	new_controller(&token);
	member = try_join(&token, 0, 0);
	CHECK(member >= 0 && !ioctl(member, HOLDFAST_RESUME, &resume));
	pid = fork();
	if (!pid) {
		CHECK_ERROR(ioctl(member, HOLDFAST_RESUME, &resume), EPERM);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && !status);
}

static void *stop_slowly(void *arg)
{
	struct holdfast_stop stop;

	shared->go = 3;
	shared->value[0] = stop_group(*(int *)arg, &stop, 20000) ? errno : 0;
	return NULL;
}

static void test_stop_is_cancelled(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	pthread_t thread;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, wait_for_vfork);

	AWAIT(shared->go == 2);
	CHECK(!pthread_create(&thread, NULL, stop_slowly, &controller));
	AWAIT(shared->go == 3);
	while (stop_group(controller, &stop, 0) < 0 && errno != EBUSY)
		;
	CHECK(!resume_group(controller));
	CHECK(!pthread_join(thread, NULL));
	CHECK(shared->value[0] == ECANCELED);
	kill(pid, SIGKILL);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void test_stop_is_interrupted(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, wait_for_vfork);

	AWAIT(shared->go == 2);
	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	CHECK_ERROR(stop_group(controller, &stop, 20000), EINTR);
	kill(pid, SIGKILL);
}

static void run_true(void)
{
	AWAIT(shared->go);
	execl("/bin/sleep", "sleep", "60", NULL);
}

static void test_exec_leaves(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, run_true);

	CHECK(!stop_group(controller, &stop, 5000));
	CHECK(stop.processes == 1);
	CHECK(!resume_group(controller));
	shared->go = 1;
	do {
		usleep(10000);
		CHECK(!stop_group(controller, &stop, 5000));
		CHECK(!resume_group(controller));
	} while (stop.processes);
	end_child(pid);
}

static void test_members_listed(void)
{
	struct holdfast_token token;
	struct holdfast_stop stop;
	struct holdfast_list list = {};
	struct holdfast_member members[4];
	int controller = new_controller(&token);
	pid_t pid = new_member(&token, spin);

	CHECK(!stop_group(controller, &stop, 5000));
	list.array = (uintptr_t)members;
	list.count = 4;
	CHECK(!ioctl(controller, HOLDFAST_MEMBERS, &list));
	CHECK(list.count == 1 && members[0].pid == pid && members[0].own_pid == pid);
	CHECK(members[0].stopped == 1 && !members[0].flags);
	end_child(pid);
	list.count = 4;
	CHECK(!ioctl(controller, HOLDFAST_MEMBERS, &list));
	CHECK(!list.count);
}

const struct test barrier_tests[] = {
	{ "barrier: stop, stop again, resume", test_stop_resume },
	{ "barrier: of nobody", test_empty },
	{ "barrier: the controller's file is closed", test_controller_closes },
	{ "barrier: the controller dies", test_controller_dies },
	{ "barrier: killed while stopped", test_killed_while_stopped },
	{ "barrier: 100 threads", test_many_threads },
	{ "barrier: threads and processes come and go", test_churn },
	{ "barrier: a thread leaves its wrapper first", test_inside },
	{ "barrier: the exempt thread runs", test_exempt },
	{ "barrier: uninterruptible sleep", test_uninterruptible },
	{ "barrier: stopped by SIGSTOP", test_job_stopped },
	{ "barrier: traced", test_traced },
	{ "barrier: the caller itself", test_self },
	{ "barrier: threads of io_uring", test_kernel_thread },
	{ "barrier: no time", test_no_time },
	{ "barrier: a member's child does not resume it", test_resume_by_child },
	{ "barrier: resumed while it is stopping", test_stop_is_cancelled },
	{ "barrier: the caller is interrupted", test_stop_is_interrupted },
	{ "barrier: exec leaves the group", test_exec_leaves },
	{ "barrier: members are listed", test_members_listed },
	{}
};
