#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Memory that a NIC takes: memory.py QUEUES TIMES

NICs are plugged in one after the other. For each a line of JSON says how much more the
kernel holds after the interface is up than before the plug, and again after it has
carried frames both ways, and how the difference is made up. Free pages that wait on
the CPUs' own lists count as free; what can be dropped or belongs to processes does not
count.
"""
import glob
import json
import os
import re
import sys
import time

import loads
from host import Host

FRAMES = 512


def drop():
    for _ in range(2):
        loads.put("/proc/sys/vm/drop_caches", "3")
        time.sleep(0.1)


def meminfo():
    with open("/proc/meminfo") as f:
        return {k: int(v) for k, v in re.findall(r"^(\w+):\s+(\d+) kB", f.read(), re.M)}


def vmalloc():
    """KB of vmalloc areas by the module that asked for them."""
    sums = {}
    with open("/proc/vmallocinfo") as f:
        for line in f:
            found = re.match(r"\S+\s+(\d+) (\S+)(?: \[(\w+)\])?.*? pages=(\d+)", line)
            if found:
                name = found.group(3) or "core"
                sums[name] = sums.get(name, 0) + 4 * int(found.group(4))
    return sums


def parked_kb():
    """Free pages on the CPUs' own lists, which MemFree does not count."""
    with open("/proc/zoneinfo") as f:
        return 4 * sum(map(int, re.findall(r"^ +count: +(\d+)", f.read(), re.M)))


def look():
    """KB that the kernel holds and that are neither cache nor a process'."""
    drop()
    info = meminfo()
    areas = vmalloc()
    free = info["MemFree"] + parked_kb()
    others = ("Cached", "Buffers", "SReclaimable", "AnonPages", "PageTables", "KernelStack")
    return {"held": info["MemTotal"] - free - sum(info[k] for k in others),
            "slab": info["SUnreclaim"], "percpu": info["Percpu"],
            "vmalloc_netvsc": areas.get("hv_netvsc", 0), "vmalloc_vmbus": areas.get("hv_vmbus", 0)}


def names():
    return {os.path.basename(p.rstrip("/")) for p in glob.glob("/sys/class/net/*/device/..")
            for p in [p.split("/device")[0]]}


def appeared(known):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        new = names() - known
        if new:
            return new.pop()
        time.sleep(0.05)
    raise SystemExit("the new NIC did not appear")


def traffic(host, nic):
    for size in (60, 1514):
        loads.receive(nic, host, {"size": size}, FRAMES)()
        loads.bursts(nic, host, {"size": size}, FRAMES)()
    time.sleep(0.5)


def main():
    queues, times = int(sys.argv[1]), int(sys.argv[2])
    host = Host()
    known = names()
    for name in sorted(known):
        loads.Nic(int(name[3:])).up()
    traffic(host, loads.Nic(0))
    for n in range(times):
        before = look()
        number = host.ask("nic.add", queues=queues)["nic"]
        name = appeared(known)
        known.add(name)
        os.spawnvp(os.P_WAIT, "ip", ("ip", "link", "set", name, "name", "eth%d" % number))
        known.discard(name)
        known.add("eth%d" % number)
        time.sleep(0.5)
        nic = loads.Nic(number)
        nic.up()
        time.sleep(1)
        up = look()
        traffic(host, nic)
        used = look()
        opened = len(os.listdir(os.path.realpath(nic.sys + "device") + "/channels"))
        print(json.dumps({"memory": n, "queues": queues, "opened": opened,
                          "idle_kb": up["held"] - before["held"],
                          "used_kb": used["held"] - before["held"],
                          "parts": {k: used[k] - before[k] for k in used if k != "held"}}),
              flush=True)


main()
