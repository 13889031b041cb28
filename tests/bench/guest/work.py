#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Whole workloads, in the guest: work.py PLAN.json

PLAN is a list of steps, each an object: row, load, reps, and what the load wants. For
each repetition a line of JSON goes out with the numbers of the marks around it, what
the load says of itself (workpeer.py, workfwd.py) and what the host counted meanwhile.
"""
import json
import subprocess
import sys
import time

import bench
import loads
import workfwd
import workpeer
from host import Host, HostError
from mark import Marks

LOADS = {**workpeer.LOADS, **workfwd.LOADS}
WARM = 0.1              # seconds, or that part of the frames
SETTLE = 0.1            # seconds, for what still comes behind a row
# One by one: the whole of a NIC's statistics would take longer than some rows.
COUNTED = ("signals_from_guest", "interrupts", "frames_from_guest", "frames_to_guest")


class Work:
    """All steps of a plan, one after the other."""

    def __init__(self):
        self.host = Host()
        self.marks = Marks()
        self.nics = {}
        self.the_peer = None

    def nic(self, number):
        """One that carries generated frames."""
        if number not in self.nics:
            self.nics[number] = loads.Nic(number)
            self.nics[number].up()
        return self.nics[number]

    def peer(self):
        if not self.the_peer:
            self.the_peer = workpeer.Peer(self.host, loads.Nic(0))
        return self.the_peer

    def prepare(self, step):
        if step["load"] in workpeer.LOADS:
            self.peer()
        if "features" in step:
            workpeer.program(["ethtool", "-K", "eth0", *step["features"].split()])
            time.sleep(0.5)

    def counts(self, step):
        return {name: sum(self.host.ask("stats", nic=nic, get=name) for nic in step["nics"]) for name in COUNTED}

    def once(self, step, seconds):
        run = LOADS[step["load"]](self, step, seconds)
        try:
            before = self.counts(step)
            first = self.marks.mark()
            began = time.monotonic_ns()
            told = run()
            last = self.marks.mark()
            took = time.monotonic_ns() - began
            time.sleep(SETTLE)
            after = self.counts(step)
            if hasattr(run, "after"):
                told = run.after(told)
        finally:
            if hasattr(run, "end"):
                run.end()
        return {"row": step["row"], "marks": [first, last], "ns": took, "work": told,
                "host": {name: after[name] - before[name] for name in after}}

    def step(self, step):
        self.prepare(step)
        # Those know whole seconds only. sockperf warms up by itself.
        if step["load"] not in ("requests", "flood"):
            self.once(step, WARM)
        for rep in range(step["reps"]):
            bench.say(**self.once(step, step["seconds"]), rep=rep)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        plan = json.load(f)
    bench.module_sections()
    bench.symbols()
    work = Work()
    for step in plan:
        try:
            work.step(step)
        except (HostError, OSError, KeyError, ValueError, SystemExit, subprocess.SubprocessError) as err:
            bench.say(row=step["row"], failed="%s: %s" % (type(err).__name__, err))


if __name__ == "__main__":
    main()
