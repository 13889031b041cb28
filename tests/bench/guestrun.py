# SPDX-License-Identifier: GPL-2.0
"""
One guest of the benchmark: started through tests/vm with the counting plugin, its
lines and the plugin's counts brought together.
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zlib

import counts
import layout
import lines
import linesmap
import rows
import symbols

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
OUT = os.path.join(TOP, "out/bench")
CACHE = os.environ.get("HVNETVSC_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "hv_netvsc")
COMMAND_SECONDS = 900
ASTRAY = 0.05           # of the addresses, where the kernel may have patched the code


class BenchError(Exception):
    """The guest did not do what it was told; @lines: what it printed before."""

    def __init__(self, text, lines=()):
        super().__init__(text)
        self.lines = lines


def plugin():
    """The counting plugin, compiled when missing or older than its source."""
    sources = [os.path.join(HERE, "plugin", n) for n in ("count.c", "lines.c", "lines.h", "qemu_api.h")]
    so = os.path.join(OUT, "count.so")
    os.makedirs(OUT, exist_ok=True)
    if not os.path.exists(so) or any(os.path.getmtime(s) > os.path.getmtime(so) for s in sources):
        subprocess.run(["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared",
                        "-fvisibility=hidden", "-o", so, *sources[:2]], check=True)
    return so


class Kernel:
    """One of the cached kernels, as files."""

    def __init__(self, name):
        self.name = name
        self.dir = os.path.join(CACHE, "kernels", name)
        self.vmlinux = os.path.join(self.dir, "vmlinux")
        if not os.path.exists(self.vmlinux):
            subprocess.run([os.path.join(TOP, "tests/kernels/fetch"), name], check=True)
        with open(os.path.join(self.dir, "release")) as f:
            self.release = f.read().strip()
        self.exported = symbols.exported(self.vmlinux)

    def module(self, name):
        """File of a stock module."""
        where = {"hv_vmbus": "drivers/hv", "hv_netvsc": "drivers/net/hyperv"}[name]
        base = os.path.join(self.dir, "lib/modules", self.release, "kernel", where, name + ".ko")
        return base if os.path.exists(base) else base + ".xz"


class Result:
    """What one guest told: repetitions by row, symbols, failures."""

    def __init__(self):
        self.reps = {}
        self.kmem = {}
        self.more = []
        self.failed = []
        self.modules = []
        self.functions = {}
        self.maps = {}

    def take(self, line):
        if "symbols" in line:
            self.functions = json.loads(zlib.decompress(base64.b64decode(line["symbols"])))
        elif "module" in line:
            self.modules.append(line)
        elif "map" in line:
            self.maps[line["row"]] = line["map"]
        elif "failed" in line:
            self.failed.append("%s: %s" % (line["row"], line["failed"]))
        elif "kmem" in line:
            self.kmem[line["row"]] = line
        elif "marks" in line:
            self.reps.setdefault(line["row"], []).append(line)
        else:
            self.more.append(line)


def vm(kernel, driver, argv, options, log, seconds=COMMAND_SECONDS):
    """Runs tests/vm, the signals being hypercalls: looks by the clock do not repeat. Return: the JSON lines it printed."""
    command = [os.path.join(TOP, "tests/vm"), "--kernel", kernel.name, "--driver", driver, "--host", "monitor=off",
               *options, "--timeout", str(seconds), "--", *argv]
    with open(log, "w") as err:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=err, text=True, check=False)
    lines = []
    for text in done.stdout.splitlines():
        try:
            lines.append(json.loads(text))
        except ValueError:
            with open(log, "a") as err:
                err.write(text + "\n")
    if done.returncode:
        with open(log) as err:
            tail = err.read()[-1500:]
        raise BenchError("%s, %s driver: tests/vm ended with %d (log: %s)\n%s"
                         % (kernel.name, driver, done.returncode, log, tail), lines)
    return lines


def driver_file(kernel, driver):
    if driver == "stock":
        return kernel.module("hv_netvsc")
    if driver == "ours":
        return os.path.join(TOP, "out", kernel.name, "hv_netvsc.ko")
    return driver


def shared(plan, more=None):
    """The folder that the guest sees: its part of the benchmark, the plan, and what layout.py says if it is to tell a map."""
    os.makedirs(OUT, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="share-", dir=OUT)
    for name in os.listdir(os.path.join(HERE, "guest")):
        if name.endswith(".py"):
            shutil.copy(os.path.join(HERE, "guest", name), folder)
    # Programs and sockets of the e2e scripts.
    for name in ("xdp.py", "xsk.py"):
        shutil.copy(os.path.join(TOP, "tests/e2e", name), folder)
    with open(os.path.join(folder, "plan.json"), "w") as f:
        json.dump(plan, f)
    if more:
        with open(os.path.join(folder, "layout.json"), "w") as f:
            json.dump(more, f)
    return folder


def counted(kernel, driver, plan, tag, guest, lined=False):
    """One guest under the plugin. Return: Result with counts in each repetition; lined: with lines of memory, too."""
    cpus, nics = rows.GUESTS[guest]
    options = ["--nics", str(len(nics)), "--cpus", str(cpus), "--mem", str(512 + 64 * cpus), "--host", "peer=off"]
    for nic in nics:
        options += ["--nic", nic]
    return under_plugin(kernel, driver, ["bench.py", "/mnt/share/plan.json"], options, plan, tag, lined)


def under_plugin(kernel, driver, argv, options, plan, tag, lined=False):
    """A program of guest/ under the plugin. Return: Result with counts in each repetition."""
    offsets, types = layout.layout(kernel, driver, driver_file(kernel, "ours")) if lined else (None, None)
    folder = shared(plan, offsets)
    data = os.path.join(OUT, "counts-%s.txt" % tag)
    trace = os.path.join(OUT, "lines-%s.bin" % tag)
    words = [plugin(), "out=" + data, *symbols.copy_arguments(kernel.exported)]
    if lined:
        words.insert(2, "lines=" + trace)
    try:
        told = vm(kernel, driver, ["python3", "/mnt/share/" + argv[0], *argv[1:]],
                  ["--icount", "--plugin", ",".join(words), "--share", folder, *options],
                  os.path.join(OUT, "log-%s.txt" % tag))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result = Result()
    for line in told:
        result.take(line)
    modules = join(result, kernel, driver, counts.read(data))
    if lined:
        join_lines(result, kernel, modules, types, trace)
        os.remove(trace)
    return result


def join(result, kernel, driver, marks):
    """Puts the counts between the two marks of each repetition into it."""
    names = symbols.Symbols(kernel.exported, result.functions)
    files = {"hv_netvsc": driver_file(kernel, driver), "hv_vmbus": kernel.module("hv_vmbus")}
    modules = counts.Modules(result.modules, files, names)
    for reps in result.reps.values():
        for rep in reps:
            rep["counts"] = modules.tell(marks[rep["marks"][1]])
    for name in ("hv_vmbus",) if driver == "stock" else ("hv_vmbus", "hv_netvsc"):
        starts = symbols.instruction_starts(files[name])
        astray = modules.astray(marks, name, starts) if starts else 0
        if astray > ASTRAY:
            raise BenchError("%.0f %% of the counted addresses of %s are no instructions of it: "
                             "something else was counted" % (100 * astray, name))
    return modules


def join_lines(result, kernel, modules, types, path):
    """Puts the lines of memory into each repetition, under the names of the map of its row."""
    trace, where = lines.Trace(path), lines.Places(modules)
    for row, reps in result.reps.items():
        if row not in result.maps:
            result.failed.append("%s: the guest told no map of its memory" % row)
            continue
        memory = linesmap.Memory(linesmap.unpack(result.maps[row]), types, modules.sections, kernel.exported)
        for rep in reps:
            rep["lines"] = lines.analyse(trace.between(*rep["marks"]), where, memory, rep["count"])
            if not rep["lines"]:
                result.failed.append("%s: there is nothing that the driver does once for each packet" % row)
            else:
                name_target(rep["lines"], modules.names)


def name_target(told, names):
    what, where = told["milestone"]
    if what == "calls":
        told["milestone"] = [what, names.target(where)]


def note(text):
    print("bench: " + text, file=sys.stderr, flush=True)
