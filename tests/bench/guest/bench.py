#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
The part of the benchmark that runs in the guest: bench.py PLAN.json

PLAN is a list of steps, each an object: row, load, nic, size, count, reps, and
perhaps kmem (one more repetition, under the tracer). For each repetition a line of
JSON goes out with the numbers of the marks around it and what guest and host
counted meanwhile; first of all one line says where the modules lie.
"""
import base64
import json
import os
import sys
import time
import zlib

import kmem
import loads
from host import Host, HostError
from mark import Marks

LOADS = {"pktgen": ("tx", loads.pktgen), "bursts": ("tx", loads.bursts), "tso": ("tx", loads.tso),
         "receive": ("rx", loads.receive), "mixed": ("rx", loads.receive_mixed), "rsc": ("rx", loads.receive_rsc)}
MODULES = ("hv_netvsc", "hv_vmbus")


def say(**what):
    print(json.dumps(what), flush=True)


def symbols():
    """Where the modules and their functions are."""
    found = {}
    with open("/proc/kallsyms") as f:
        for line in f:
            words = line.split()
            if len(words) == 4 and words[3].strip("[]") in MODULES and words[1] in "tT":
                found.setdefault(words[3].strip("[]"), []).append([words[0], words[2]])
    packed = zlib.compress(json.dumps(found).encode(), 9)
    say(symbols=base64.b64encode(packed).decode())


def module_sections():
    for name in MODULES:
        top = "/sys/module/%s/sections/" % name
        say(module=name, sections={s: loads.take(top + s) for s in os.listdir(top) if "text" in s},
            bytes=int(loads.take("/sys/module/%s/coresize" % name)))


class Bench:
    """All steps of a plan, one after the other."""

    def __init__(self):
        self.host = Host()
        self.marks = Marks()
        self.nics = {}

    def nic(self, number):
        if number not in self.nics:
            self.nics[number] = loads.Nic(number)
            self.nics[number].up()
        return self.nics[number]

    def prepare(self, nic, step):
        self.host.ask("nic.set", nic=nic.number, pace=str(step.get("pace", 0)))
        for option in ("features", "rings"):
            if option in step:
                word = {"features": "-K", "rings": "-G"}[option]
                os.system("ethtool %s %s %s" % (word, nic.name, step[option]))
                time.sleep(0.5)

    def once(self, step, count, way, load):
        nic = self.nic(step["nic"])
        run = load(nic, self.host, step, count)
        before = self.host.counts(nic.number)
        channels = nic.channels()
        stack = nic.stat(way + "_packets"), nic.stat(way + "_dropped")
        first = self.marks.mark()
        started = time.monotonic_ns()
        run()
        loads.settle(nic, self.host, way, before, count)
        took = time.monotonic_ns() - started
        last = self.marks.mark()
        after = self.host.counts(nic.number)
        ended = nic.channels()
        return {"row": step["row"], "marks": [first, last], "count": count, "ns": took,
                "stack": nic.stat(way + "_packets") - stack[0],
                "dropped": nic.stat(way + "_dropped") - stack[1],
                "host": {k: after[k] - before.get(k, 0) for k in after if after[k] != before.get(k)},
                "channels": {k: ended[k] - channels.get(k, 0) for k in ended}}

    def step(self, step):
        way, load = LOADS[step["load"]]
        self.prepare(self.nic(step["nic"]), step)
        self.once(step, max(64, step["count"] // 8), way, load)
        for rep in range(step["reps"]):
            say(**self.once(step, step["count"], way, load), rep=rep)
        if step.get("kmem"):
            with kmem.Traced() as trace:
                got = self.once(step, step["count"], way, load)
            say(row=step["row"], kmem=trace.result, count=got["count"])


def main():
    with open(sys.argv[1]) as f:
        plan = json.load(f)
    module_sections()
    symbols()
    bench = Bench()
    for step in plan:
        try:
            bench.step(step)
        except (HostError, OSError, KeyError) as err:
            say(row=step["row"], failed="%s: %s" % (type(err).__name__, err))


if __name__ == "__main__":
    main()
