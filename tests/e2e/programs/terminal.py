# SPDX-License-Identifier: Apache-2.0
"""A job on a terminal, as its user has it: keys, window size, job control, restart on another terminal.

usage: terminal.py SCENARIO HOLDFAST
"""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

LIMIT = 60


class Terminal:
    """A command with a terminal of its own, and what it has shown since the last thing expected."""

    def __init__(self, *command, rows=30, columns=90):
        self.master, slave = os.openpty()
        self.resize(rows, columns)
        self.modes = termios.tcgetattr(slave)
        self.slave = slave
        self.shown = ""
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=self.own
        )

    @staticmethod
    def own():
        """In the new process: the terminal becomes its controlling one."""
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def resize(self, rows, columns):
        """Changes the window, which signals the foreground group."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, text):
        """Types."""
        os.write(self.master, text.encode())

    def expect(self, pattern):
        """Waits until the command has shown this; forgets everything up to it. Returns the match."""
        end = time.monotonic() + LIMIT
        while not (match := re.search(pattern, self.shown)):
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            assert ready, f"'{pattern}' is not shown, but: {self.shown!r}"
            self.shown += os.read(self.master, 65536).decode(errors="replace")
        self.shown = self.shown[match.end() :]
        return match

    def end(self, status):
        """The command ends with this status, and the terminal is as it was."""
        got = self.process.wait(LIMIT)
        while select.select([self.master], [], [], 0)[0]:
            self.shown += os.read(self.master, 65536).decode(errors="replace")
        assert got == status, f"exit status {got}, expected {status}; shown: {self.shown!r}"
        assert termios.tcgetattr(self.slave) == self.modes, "the terminal's modes are as before"

    def kill(self):
        """Ends the command's process, no other."""
        self.process.kill()
        self.process.wait()


def run(*command, name="terminal", **window):
    """A job on a terminal."""
    return Terminal(HOLDFAST, "run", "--interval", "none", "--name", name, "--", *command, **window)


def holdfast(*arguments):
    """A command that does its work and ends."""
    done = subprocess.run([HOLDFAST, *arguments], capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"


def kill_job():
    """SIGKILL to everything of the test but this process."""
    mark = f"HOLDFAST_RUNTIME={os.environ['HOLDFAST_RUNTIME']}".encode()
    spared = {os.getpid(), os.getppid()}
    while victims := [pid for pid in processes_with(mark) if pid not in spared]:
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)


def processes_with(mark):
    """Processes with this in their environment, but zombies."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if mark in file.read():
                    yield int(pid)
        except OSError:
            pass


def ctrl_c():
    """Ctrl-C interrupts the job, not Holdfast; the job's status is passed on."""
    terminal = run("bash", "-c", "trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 0.05; done")
    terminal.expect("ready")
    terminal.send("\x03")
    terminal.expect("interrupted")
    terminal.end(5)


def ctrl_c_without_handler():
    """A job that does not handle Ctrl-C dies of it."""
    terminal = run("bash", "-c", "echo ready; exec sleep 100")
    terminal.expect("ready")
    terminal.send("\x03")
    terminal.end(130)


SIZES = """
import os, signal, sys
told = [0]
def tell(*_):
    size = os.get_terminal_size()
    print(told[0], size.lines, size.columns, flush=True)
    told[0] += 1
signal.signal(signal.SIGWINCH, tell)
tell()
while told[0] < 3:
    signal.pause()
"""


def window():
    """The size of the window, at the start and, by signal, when it changes."""
    terminal = run("/usr/bin/python3", "-c", SIZES, rows=31, columns=77)
    terminal.expect("0 31 77")
    terminal.resize(40, 100)
    terminal.expect("1 40 100")
    terminal.resize(24, 80)
    terminal.expect("2 24 80")
    terminal.end(0)


def typing():
    """Lines typed arrive, with echo; the end of input too."""
    terminal = run("cat")
    terminal.send("a line\n")
    terminal.expect("a line\r\na line\r\n")
    terminal.send("\x04")
    terminal.end(0)


def raw():
    """A program that sets the terminal raw gets single keys; the caller's terminal is as before at the end."""
    program = "import sys, tty; tty.setraw(0); print('ready', flush=True); print(repr(sys.stdin.read(2)), end='\\r\\n')"
    terminal = run("/usr/bin/python3", "-c", program)
    terminal.expect("ready")
    terminal.send("\x03q")
    terminal.expect(r"'\\x03q'")
    terminal.end(0)


def shell():
    """A shell with job control: Ctrl-Z, bg, fg; and all of it again after a restart on another terminal."""
    terminal = run("bash", "--norc", "--noprofile", "-i", name="shell")
    terminal.send("PS1='at-the-prompt> '\n")
    terminal.expect("at-the-prompt> $")
    for number in (1, 2):
        terminal.send("sleep 1000\n")
        terminal.expect("sleep 1000\r\n")
        foreground(terminal, "sleep")
        terminal.send("\x1a")
        terminal.expect("Stopped")
        terminal.expect("at-the-prompt> ")
        terminal.send("bg\n")
        terminal.expect("at-the-prompt> ")
        terminal.send("jobs\n")
        terminal.expect("Running +sleep 1000 &")
        terminal.expect("at-the-prompt> ")
        if number == 1:
            holdfast("checkpoint", "shell")
            kill_job()
            terminal.process.wait(LIMIT)
            terminal = Terminal(HOLDFAST, "restart", "shell", rows=33, columns=99)
            terminal.send("jobs\n")
            terminal.expect("Running +sleep 1000 &")
            terminal.send("stty size\n")
            terminal.expect("33 99")
        terminal.send("fg\n")
        terminal.expect("sleep 1000\r\n")
        foreground(terminal, "sleep")
        terminal.send("\x03")
        terminal.expect("at-the-prompt> ")
    terminal.send("exit 7\n")
    terminal.end(7)


def foreground(terminal, name):
    """Waits until a program of this name has the job's terminal."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                    command, rest = file.read().split(") ")
            except (OSError, ValueError):
                continue
            fields = rest.split()
            if command.endswith("(" + name) and fields[2] == fields[5]:
                return
        time.sleep(0.02)
    raise AssertionError(f"{name} gets the terminal; shown: {terminal.shown!r}")


def hangup():
    """The caller's terminal goes away: the job gets SIGHUP, as from a terminal of its own."""
    terminal = run("bash", "-c", "trap 'echo gone >hangup; exit' HUP; echo ready; while :; do sleep 0.05; done")
    terminal.expect("ready")
    os.close(terminal.slave)
    os.close(terminal.master)
    end = time.monotonic() + LIMIT
    while not os.path.exists("hangup"):
        assert time.monotonic() < end, "the job gets SIGHUP"
        time.sleep(0.05)
    terminal.process.wait(LIMIT)


SCENARIOS = [ctrl_c, ctrl_c_without_handler, window, typing, raw, shell, hangup]
HOLDFAST = sys.argv[2]
{scenario.__name__: scenario for scenario in SCENARIOS}[sys.argv[1]]()
