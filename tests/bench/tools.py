# SPDX-License-Identifier: Apache-2.0
"""What checkpoints: Holdfast and CRIU, each with the same operations on one job."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOLDFAST = str(ROOT / "scripts" / "holdfast")


def timed_ms(action):
    """How long a call takes."""
    began = time.monotonic()
    action()
    return (time.monotonic() - began) * 1e3


class Failed(Exception):
    """A tool could not do it; the message is its last line."""


def call(command, **options):
    """Runs a command that ends; its output. Raises Failed with what it said last."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, **options)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise Failed(f"{pathlib.Path(command[0]).name} {command[1]}: {said[-1]}")
    return done.stdout


class Holdfast:
    """A job under Holdfast, with a store of its own in a folder."""

    name = "holdfast"

    def __init__(self, folder):
        self.folder = folder
        self.front = None
        self.environment = {
            **os.environ,
            "HOLDFAST_RUNTIME": str(folder / "runtime"),
            "HOLDFAST_STORE": str(folder / "store"),
            "XDG_STATE_HOME": str(folder / "state"),
        }

    def _front(self, *arguments):
        with (self.folder / "log").open("ab") as log:
            self.front = subprocess.Popen(
                [HOLDFAST, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment
            )

    def run(self, command, cwd=None):
        """A job that ends by itself."""
        run = [HOLDFAST, "run", "--interval", "none", "--", *command]
        call(run, env=self.environment, cwd=cwd)

    def start(self, command):
        """A job that is ended by kill."""
        self._front("run", "--interval", "none", "--name", "bench", "--", *command)

    def checkpoint(self):
        """Takes one and goes on; its figures."""
        return json.loads(call([HOLDFAST, "checkpoint", "bench", "--json"], env=self.environment))

    def restart(self):
        """Begins a restart."""
        self._front("restart", "bench")

    def kill(self):
        """SIGKILL to everything of the job, until nothing is left."""
        mark = f"HOLDFAST_RUNTIME={self.environment['HOLDFAST_RUNTIME']}\0".encode()
        while pids := list(processes_with(mark)):
            kill_all(pids)
        self.front.wait()

    def runner(self):
        """The process number of the job's node runner."""
        return int(next((self.folder / "runtime").glob("**/runner.pid")).read_text(encoding="ascii"))

    def images(self):
        """The images of the newest checkpoint."""
        epochs = [path for path in (self.folder / "store" / "1").iterdir() if path.name.isdigit()]
        return sorted(max(epochs, key=lambda path: int(path.name)).glob("**/*.tar.zst"))


class Criu:
    """A process tree under CRIU, by its command line, as root."""

    name = "criu"

    def __init__(self, folder):
        self.images = folder / "images"
        self.process = None
        self.pid = 0

    @staticmethod
    def why_not():
        """Why CRIU cannot be measured here, or None."""
        if not shutil.which("criu"):
            return "not installed"
        if os.geteuid():
            return "needs root"
        done = subprocess.run(["criu", "check"], capture_output=True, text=True, check=False)
        reasons = [line for line in done.stderr.splitlines() if "Error" in line and "exited" not in line]
        return None if done.returncode == 0 else f"cannot run on this kernel: {reasons[0] if reasons else 'criu check'}"

    def start(self, command):
        """Starts the program, in a session of its own."""
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.pid = self.process.pid

    def checkpoint(self):
        """Dumps and goes on; its figures."""
        shutil.rmtree(self.images, ignore_errors=True)
        self.images.mkdir()
        dump = ["criu", "dump", "--tree", str(self.pid), "--images-dir", str(self.images), "--leave-running"]
        took = timed_ms(lambda: call(dump))
        stored = sum(path.stat().st_size for path in self.images.iterdir())
        return {"writeNs": int(took * 1e6), "rawBytes": stored, "storedBytes": stored}

    def restart(self):
        """Restores the tree; returns when it runs."""
        call(["criu", "restore", "--images-dir", str(self.images), "--restore-detached"])

    def kill(self):
        """SIGKILL to the session."""
        os.killpg(self.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()
            self.process = None
        while pathlib.Path(f"/proc/{self.pid}").exists():
            time.sleep(0.01)


def processes_with(mark):
    """The numbers of the processes, but zombies, with this in their environment."""
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in path.read_bytes():
                yield int(path.parent.name)
        except OSError:
            continue


def kill_all(pids):
    """SIGKILL to those that are still there."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    time.sleep(0.02)
