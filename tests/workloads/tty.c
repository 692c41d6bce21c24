/* SPDX-License-Identifier: Apache-2.0 */
// needs: tty
/* tty - a program on a terminal: size, modes, controlling terminal and foreground group stay. */
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "workload.h"

static void check_size(void)
{
	struct winsize size;

	SYS(ioctl(STDOUT_FILENO, TIOCGWINSZ, &size));
	SAME(41, size.ws_row);
	SAME(97, size.ws_col);
}

static void set_modes(void)
{
	struct termios modes;

	SYS(tcgetattr(STDIN_FILENO, &modes));
	modes.c_lflag &= ~(ECHO | ICANON);
	modes.c_cc[VMIN] = 3;
	modes.c_cc[VTIME] = 7;
	modes.c_cc[VINTR] = 'x';
	SYS(tcsetattr(STDIN_FILENO, TCSANOW, &modes));
}

static void check_modes(void)
{
	struct termios modes;

	SYS(tcgetattr(STDIN_FILENO, &modes));
	SAME(0, modes.c_lflag & (ECHO | ICANON));
	SAME(ISIG, modes.c_lflag & ISIG);
	SAME(3, modes.c_cc[VMIN]);
	SAME(7, modes.c_cc[VTIME]);
	SAME('x', modes.c_cc[VINTR]);
}

static void check_control(int tty, pid_t foreground)
{
	for (int fd = 0; fd < 3; fd++)
		CHECK(isatty(fd));
	SAME(getsid(0), SYS(tcgetsid(tty)));
	SAME(foreground, SYS(tcgetpgrp(tty)));
	SAME(foreground, SYS(tcgetpgrp(STDIN_FILENO)));
	SYS(close(SYS(open("/dev/tty", O_RDWR | O_CLOEXEC))));
}

static pid_t foreground_child(int tty)
{
	pid_t pid = SYS(fork());

	if (!pid) {
		SYS(setpgid(0, 0));
		signal(SIGTTOU, SIG_IGN);
		SYS(tcsetpgrp(tty, getpid()));
		while (!workload_finished()) {
			check_control(tty, getpid());
			workload_pause();
		}
		_exit(5);
	}
	while (SYS(tcgetpgrp(tty)) != pid)
		workload_pause();
	return pid;
}

int main(void)
{
	int tty = SYS(open("/dev/tty", O_RDWR | O_CLOEXEC));
	pid_t child;

	signal(SIGTTOU, SIG_IGN);
	set_modes();
	child = foreground_child(tty);
	workload_ready();
	do {
		check_size();
		check_modes();
		check_control(tty, child);
	} while (workload_goes_on());
	workload_reap(child, EXITED(5));
	SYS(tcsetpgrp(tty, getpgrp()));
	workload_pass();
}
