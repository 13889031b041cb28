#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Frames by the VF, and the same on the bare VF: vfcost.py COUNT REPETITIONS

First eth0 has the VF; then hv_netvsc is unloaded, the VF gets eth0's address, and the
host steers to it by hand.
"""
import os
import socket
import subprocess
import sys
import time

import bench
import loads
from host import Host, HostError
from mark import Marks


class Bare(loads.Nic):
    """The VF, once it stands alone."""

    def __init__(self, name):
        self.number, self.name = 0, name
        self.sys = "/sys/class/net/%s/" % name
        self.mac = loads.take(self.sys + "address")


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise HostError("it did not happen")
        time.sleep(0.1)


def coalesce_nothing(name):
    """As it is wanted here; a driver may have given the VF its own settings back."""
    os.system("ethtool -K %s gro off >/dev/null" % name)
    print("# %s: %s" % (name, " ".join(
        line.strip() for line in os.popen("ethtool -k %s" % name) if ": on" in line)), file=sys.stderr)


def send(nic, count):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((loads.OWN_IP % 0, 4000))
    sock.connect((loads.SINK_IP % 0, 9))
    data = bytes(18)
    return lambda: [sock.send(data) for _ in range(count)] and None


class Cost:
    def __init__(self, count, times):
        self.count, self.times = count, times
        self.host, self.marks = Host(), Marks()

    def frames(self, way):
        return self.host.ask("vf", nic=0)["frames_from_vf" if way == "tx" else "frames_to_vf"]

    def once(self, nic, way, count):
        run = send(nic, count) if way == "tx" else loads.receive(nic, self.host, {"size": 60}, count)
        before = self.frames(way)
        first = self.marks.mark()
        run()
        time.sleep(0.3)
        last = self.marks.mark()
        return {"marks": [first, last], "count": count, "short": max(0, count - (self.frames(way) - before))}

    def phase(self, nic, name):
        for way in ("tx", "rx"):
            self.once(nic, way, self.count // 8)
            for _ in range(self.times):
                bench.say(row="%s %s" % (way, name), **self.once(nic, way, self.count))


def main():
    cost = Cost(int(sys.argv[1]), int(sys.argv[2]))
    for module in ("pci-hyperv", "ixgbevf"):
        subprocess.run(["modprobe", module], check=False)
    bench.module_sections()
    bench.symbols()
    nic = loads.Nic(0)
    nic.up()
    os.system("ethtool -K eth0 gro off >/dev/null")
    try:
        cost.host.ask("vf.plug", nic=0)
        until(lambda: loads.vf_of(nic.name) and cost.host.ask("vf", nic=0)["path"] == "vf")
        name = loads.vf_of(nic.name)
        time.sleep(1)
        coalesce_nothing(name)
        cost.phase(nic, "joined")
        subprocess.run(["rmmod", "hv_netvsc"], check=True)
        bare = Bare(name)
        bare.up()
        until(lambda: loads.take(bare.sys + "carrier") == "1")
        cost.host.ask("vf.fallback", nic=0, path="vf", tell="off")
        time.sleep(1)
        coalesce_nothing(name)
        cost.phase(bare, "bare")
    except (HostError, OSError, subprocess.CalledProcessError) as err:
        bench.say(row="V1", failed="%s: %s" % (type(err).__name__, err))


main()
