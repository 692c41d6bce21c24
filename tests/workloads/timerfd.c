/* SPDX-License-Identifier: Apache-2.0 */
/* timerfd - timers behind descriptors: periodic, absolute, far away, and one that has expired and was not read yet. */
#include <poll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define MS 1000000l

static int64_t started;
static int periodic, far_away, expired, absolute;

static int make(int clock, int flags, long first_ms, long interval_ms)
{
	struct itimerspec t = { { interval_ms / 1000, interval_ms % 1000 * MS },
				{ first_ms / 1000, first_ms % 1000 * MS } };
	int fd = SYS(timerfd_create(clock, flags | TFD_CLOEXEC));

	SYS(timerfd_settime(fd, 0, &t, NULL));
	return fd;
}

static void check_periodic(void)
{
	static uint64_t sum;
	uint64_t n;

	SAME(8, read(periodic, &n, 8));
	CHECK(n >= 1);
	sum += n;
	CHECK(sum <= (uint64_t)(workload_now() - started) / (20 * MS));
}

static void check_far_away(void)
{
	struct itimerspec t;
	uint64_t n;

	SYS(timerfd_gettime(far_away, &t));
	SAME(7, t.it_interval.tv_sec);
	CHECK(t.it_value.tv_sec > 3000);
	CHECK(t.it_value.tv_sec < 3600);
	FAILS(EAGAIN, read(far_away, &n, 8));
}

static void check_absolute(void)
{
	int64_t limit = workload_now() + 30 * MS;
	struct itimerspec t = { { 0, 0 }, { limit / (1000 * MS), limit % (1000 * MS) } };
	uint64_t n;

	SYS(timerfd_settime(absolute, TFD_TIMER_ABSTIME, &t, NULL));
	SAME(8, read(absolute, &n, 8));
	SAME(1, n);
	CHECK(workload_now() >= limit);
}

static void check_expired(void)
{
	struct pollfd p = { expired, POLLIN, 0 };

	SAME(1, poll(&p, 1, 0));
}

int main(void)
{
	uint64_t n;

	started = workload_now();
	periodic = make(CLOCK_MONOTONIC, 0, 20, 20);
	far_away = make(CLOCK_REALTIME, TFD_NONBLOCK, 3600000 - 1, 7000);
	expired = make(CLOCK_BOOTTIME, TFD_NONBLOCK, 1, 0);
	absolute = make(CLOCK_MONOTONIC, 0, 0, 0);
	workload_pause();
	workload_ready();
	do {
		check_periodic();
		check_far_away();
		check_absolute();
		check_expired();
	} while (workload_goes_on());
	check_expired();
	SAME(8, read(expired, &n, 8));
	SAME(1, n);
	FAILS(EAGAIN, read(expired, &n, 8));
	workload_pass();
}
