# SPDX-License-Identifier: GPL-2.0
"""
Runs one hvhost and passes on what comes out of it.

Used by tests/vm where KVM is usable, and by the agent inside the outer guest
otherwise; so it needs nothing but Python's core. The owner calls step() until
ended() and gets everything through emit(kind, bytes) with kind "out" (the
command's output), "err" (hvhost's own words) or "console" (the guest's console).
"""
import os
import select
import signal
import subprocess
import time

CONSOLE_EVERY = 0.1


class Runner:
    """One running hvhost."""

    def __init__(self, argv, console, emit):
        self.emit = emit
        self.console_path = console
        self.console = None
        self.next_look = 0
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, start_new_session=True)
        self.poll = select.poll()
        self.kinds = {self.process.stdout.fileno(): "out", self.process.stderr.fileno(): "err"}
        for fd in self.kinds:
            self.poll.register(fd, select.POLLIN)

    def feed(self, data):
        """Bytes for the command's standard input."""
        try:
            os.write(self.process.stdin.fileno(), data)
        except OSError:
            pass

    def look_at_console(self):
        if self.console is None:
            try:
                self.console = open(self.console_path, "rb", buffering=0)
            except OSError:
                return
        data = self.console.read()
        if data:
            self.emit("console", data)

    def watch(self, fd):
        """step() shall return early, with True, when fd has input."""
        self.poll.register(fd, select.POLLIN)

    def step(self, seconds):
        """Passes on what there is, waits at most so long. True if a watched fd is ready."""
        other = False
        for fd, _ in self.poll.poll(min(seconds, CONSOLE_EVERY) * 1000):
            kind = self.kinds.get(fd)
            if kind is None:
                other = True
                continue
            data = os.read(fd, 65536)
            if data:
                self.emit(kind, data)
            else:
                self.poll.unregister(fd)
                del self.kinds[fd]
        now = time.monotonic()
        if now >= self.next_look:
            self.next_look = now + CONSOLE_EVERY
            self.look_at_console()
        return other

    def ended(self):
        return self.process.poll() is not None and not self.kinds

    def stop(self):
        """Ends hvhost and its children, politely first."""
        for sig, patience in ((signal.SIGTERM, 3), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.process.pid, sig)
            except OSError:
                pass
            try:
                self.process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                pass

    def finish(self):
        """Last words and the exit status, negative for a signal."""
        self.look_at_console()
        for f in (self.process.stdin, self.process.stdout, self.process.stderr, self.console):
            try:
                if f:
                    f.close()
            except OSError:
                pass
        return self.process.returncode
