# SPDX-License-Identifier: GPL-2.0
"""Whose is a trace in the kernel's log: the modules that have a function in it, and where it was."""
import re

FUNCTION = re.compile(r"(\? )?\b([\w.]+)\+0x[0-9a-f]+/0x[0-9a-f]+ \[(\w+)\b")
PLACE = re.compile(r" at (\S+:\d+) ([\w.]+)\+0x|\bRIP: \w+:()([\w.]+)\+0x")


class Traces:
    """Fed with the log line by line; modules and place of all its traces, the place of the first."""

    def __init__(self):
        self.modules, self.place, self.interrupted = set(), "", False

    def feed(self, line, begins):
        """begins: the kernel starts to complain there."""
        if begins:
            self.interrupted = False
        # What the interrupt found at work is no part of it: it may be the request that the message answers.
        self.interrupted |= "</IRQ>" in line
        if self.interrupted:
            return
        if not self.place and (m := PLACE.search(line)):
            self.place = " ".join(w for w in m.groups() if w)
        # Behind "?" stands what is left on the stack of calls that are over.
        self.modules |= {module for stale, _, module in FUNCTION.findall(line) if not stale}

    def is_of(self, module):
        """True if nobody else has a function in them."""
        return self.modules == {module}
