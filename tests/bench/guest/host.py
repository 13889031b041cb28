# SPDX-License-Identifier: GPL-2.0
"""
The test host, asked from the guest without a process for each question.

The same lines of JSON that hvctl writes to the second serial port, with the same
lock, but from within: a new process would allocate and run for itself in the
middle of what is being measured.
"""
import fcntl
import json
import os
import select
import time
import tty

PORT = "/dev/ttyS1"


class HostError(Exception):
    """The host refused, or did not answer."""


class Host:
    """The open port."""

    def __init__(self):
        self.fd = os.open(PORT, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        tty.setraw(self.fd)
        self.id = os.getpid() * 1000
        self.buffer = b""

    def _line(self, end):
        while b"\n" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise HostError("the host did not answer")
            self.buffer += os.read(self.fd, 4096)
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def ask(self, cmd, seconds=60, **args):
        """One request, its result, or with get="a.b" that of it: a long answer keeps a CPU busy."""
        fcntl.flock(self.fd, fcntl.LOCK_EX)
        try:
            self.id += 1
            os.write(self.fd, json.dumps(dict(args, id=self.id, cmd=cmd)).encode() + b"\n")
            end = time.monotonic() + seconds
            while True:
                try:
                    answer = json.loads(self._line(end))
                except ValueError:
                    continue
                if answer.get("id") != self.id or "stream" in answer:
                    continue
                if not answer.get("ok"):
                    raise HostError("%s: %s" % (cmd, answer.get("error", "no reason given")))
                return answer.get("value" if "get" in args else "result")
        finally:
            fcntl.flock(self.fd, fcntl.LOCK_UN)

    def counts(self, nic):
        """The plain numbers of a NIC's statistics."""
        told = self.ask("stats", nic=nic)
        return {k: v for k, v in told.items() if isinstance(v, int) and not isinstance(v, bool)}
