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
import subprocess
import sys
import time
import zlib

import kmem
import loads
import memmap
import xdploads
from host import Host, HostError
from mark import Marks

LOADS = {"pktgen": ("tx", loads.pktgen), "bursts": ("tx", loads.bursts), "tso": ("tx", loads.tso),
         "receive": ("rx", loads.receive), "mixed": ("rx", loads.receive_mixed), "rsc": ("rx", loads.receive_rsc),
         "forward_tcp": ("tx", loads.forward_tcp),
         **xdploads.LOADS}
MODULES = ("hv_netvsc", "hv_vmbus")
ENOUGH = 0.98           # of the frames that a program or a socket sends


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
        say(module=name, sections={s: loads.take(top + s) for s in os.listdir(top)},
            bytes=int(loads.take("/sys/module/%s/coresize" % name)))


class Bench:
    """All steps of a plan, one after the other."""

    def __init__(self):
        self.host = Host()
        self.marks = Marks()
        self.nics = {}
        self.map = memmap.Teller()

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

    def counts(self, nic, out):
        """What the host counted on the NICs of a row, in sum."""
        told = self.host.counts(nic.number)
        if out is not nic:
            for name, value in self.host.counts(out.number).items():
                told[name] = told.get(name, 0) + value
        return told

    def once(self, step, count, way, load):
        nic = self.nic(step["nic"])
        out = self.nic(step.get("out", step["nic"]))    # where frames leave
        run = load(nic, self.host, step, count)
        before = self.counts(nic, out)
        left = self.host.counts(out.number)
        channels = nic.channels()
        stack = nic.stat(way + "_packets"), nic.stat(way + "_dropped")
        first = self.marks.mark()
        started = time.monotonic_ns()
        run()
        last = self.marks.mark() if getattr(run, "whole", False) else None
        loads.settle(out if way == "tx" else nic, self.host, way, left, count)
        took = time.monotonic_ns() - started
        last = self.marks.mark() if last is None else last
        after = self.counts(nic, out)
        if hasattr(run, "end"):
            run.end()
        came = after["frames_from_guest"] - before["frames_from_guest"]
        went = after["frames_to_guest"] - before["frames_to_guest"]
        if step["row"][0] in "XF" and (came if way == "tx" else went) < count * ENOUGH:
            raise HostError("%d of %d frames arrived" % (came if way == "tx" else went, count))
        ended = nic.channels()
        return {"row": step["row"], "marks": [first, last], "count": count, "ns": took,
                "stack": nic.stat(way + "_packets") - stack[0],
                "dropped": nic.stat(way + "_dropped") - stack[1],
                "host": {k: after[k] - before.get(k, 0) for k in after if after[k] != before.get(k)},
                "channels": {k: ended[k] - channels.get(k, 0) for k in ended}}

    def step(self, step):
        way, load = LOADS[step["load"]]
        way = step.get("way", way)
        nic = self.nic(step["nic"])
        self.prepare(nic, step)
        if "out" in step:
            self.nic(step["out"])
        program = xdploads.Attached(nic.name, step["program"]) if "program" in step else None
        try:
            self.repeat(step, way, load)
        finally:
            if program:
                program.off()

    def repeat(self, step, way, load):
        self.once(step, max(64, step["count"] // 8), way, load)
        for rep in range(step["reps"]):
            say(**self.once(step, step["count"], way, load), rep=rep)
        self.map.tell(say, step["row"])
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
        except (HostError, OSError, KeyError, SystemExit, subprocess.CalledProcessError) as err:
            say(row=step["row"], failed="%s: %s" % (type(err).__name__, err))


if __name__ == "__main__":
    main()
