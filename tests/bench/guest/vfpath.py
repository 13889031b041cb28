#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
What a change of the data path costs: vfpath.py CYCLES PACE KIND...

For each KIND a cycle takes the VF out of use and brings it back, in one of the ways
below, CYCLES times, while streams go both ways (vfstream.py). Each of the two is an event; its window
ends where the next one begins. For each kind a line of JSON tells of each event how many
datagrams of its window were sent and lost and the longest silence, when the driver said that it had left
the VF and what was lost of what the guest sent later, and what was lost at which time since the event.
"""
import json
import os
import subprocess
import sys
import time

import loads
import vfstream
from host import Host, HostError

OWN = "192.168.77.10/24"
REST = 0.4              # after an event, before the next one
INVITE = 0.7            # a driver that holds back is told so often that all is well
LIMIT = 20
BEGIN, STEP, BINS = -0.2, 0.02, 110
NOT_DELIVERED = "drop", "full", "rx_no", "rx_filter", "too_long", "wrong", "_bad", "_link", "spoof"
LEAD = 0.15             # the host does it so long after it was asked: its answer is read by then
BEFORE = 0.02           # a window begins so much earlier: what is on its way is hit as well


def sh(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)


def vf():
    return loads.vf_of("eth0")


class Log:
    """When the driver says that it does not use the VF any more: the kernel's log, by our clock."""

    MARK, LEFT = "vfpath: mark", "Data path switched from VF"
    MARKS = 8           # at either end; the one that took least counts: who is put aside meanwhile is wrong by as much

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDWR | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)
        self.marks = []         # (what it took, when by our clock)
        self.times, self.ends = [], ([], [])
        self.mark()

    def mark(self):
        for _ in range(self.MARKS):
            begin = time.monotonic()
            os.write(self.fd, b"%s %d\n" % (self.MARK.encode(), len(self.marks)))
            took = time.monotonic() - begin
            self.marks.append((took, begin + took / 2))
            time.sleep(0.01)

    def read(self):
        """What came since: now and then, before it is overwritten."""
        while True:
            try:
                head, text = os.read(self.fd, 8192).decode("utf8", "replace").split(";", 1)
            except BlockingIOError:
                return
            except OSError:
                continue        # overrun: the oldest lines are gone
            at = int(head.split(",")[2]) / 1e6
            if self.MARK in text:
                number = int(text.split(self.MARK)[1].split()[0])
                self.ends[number // self.MARKS].append((*self.marks[number], at))
            elif self.LEFT in text:
                self.times.append(at)

    def left(self):
        """Times, in order; what was asked for ends here. The two clocks need not run at the same speed."""
        self.mark()
        self.read()
        os.close(self.fd)
        if not all(self.ends):
            return []
        (_, first, first_at), (_, last, last_at) = (min(end) for end in self.ends)
        return [first + (t - first_at) * (last - first) / (last_at - first_at) for t in self.times]


class Bench:
    """One kind after the other, on eth0."""

    def __init__(self, cycles, pace):
        self.cycles, self.pace, self.host = cycles, pace, Host()
        self.at = 0.0           # when what was done last was done

    def ask(self, verb, **args):
        try:
            return self.host.ask(verb, nic=0, **args)
        except HostError as err:
            return {"error": str(err)}

    def order(self, verb, **args):
        """
        The host does it a moment later, so that no CPU is busy with the serial port, where an
        interrupt of the channel could not come through.
        """
        begin = time.monotonic()
        told = self.ask(verb, later=int(LEAD * 1000), **args)
        self.at = (begin + time.monotonic()) / 2 + LEAD
        time.sleep(max(0.0, self.at - time.monotonic()))
        return not isinstance(told, dict) or "error" not in told

    def until(self, what, limit=LIMIT):
        end = time.monotonic() + limit
        while not what():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def dropped(self):
        """What the host counted as not delivered, by name; a VF that comes anew begins anew."""
        found = {}

        def look(path, told):
            for name, value in told.items():
                if isinstance(value, dict):
                    look(path + name + ".", value)
                elif isinstance(value, int) and not isinstance(value, bool) and any(w in name for w in NOT_DELIVERED):
                    found[path + name] = value
        look("", self.ask("vf"))
        look("", self.ask("stats"))
        return found

    def used(self):
        """Whether the VF is used in the end; the host says now and then that it may be."""
        def is_used():
            return vf() is not None and self.ask("vf", get="path") == "vf" and self.ask("vf", get="switching") is False
        for _ in range(int(LIMIT / INVITE)):
            if self.until(is_used, INVITE):
                return True
            self.ask("vf.fallback", path="vf", steer="off")
        return False

    # ---- kinds: (away, back) ----

    def none(self):
        return lambda: True, lambda: True

    def planned(self):
        """The VF goes down and up in the guest."""
        return (lambda: sh("ip", "link", "set", vf() or "-", "down").returncode == 0,
                lambda: sh("ip", "link", "set", vf() or "-", "up").returncode == 0)

    def gone(self, how):
        return (lambda: self.order("vf.pull", how=how) and self.until(lambda: not vf()),
                lambda: self.order("vf.plug"))

    def eject(self):
        """The host asks for the VF, as before a live migration, and brings it again."""
        return self.gone("eject")

    def surprise(self):
        """The host takes the VF, and brings it again."""
        return self.gone("surprise")

    def carrier(self):
        """The VF's cable."""
        return lambda: self.order("vf.link", state="down"), lambda: self.order("vf.link", state="up")

    def fallback(self):
        """The host steers to the synthetic side and says so; later to the VF, and says so."""
        return (lambda: self.order("vf.fallback", path="synthetic"),
                lambda: self.order("vf.fallback", path="vf"))

    # ---- ----

    def cycle(self, away, back, events):
        good = True
        for act, name in ((away, "away"), (back, "back")):
            self.at = time.monotonic()
            good &= act()
            events.append([name, self.at])
            if name == "back":
                good &= self.used()
            time.sleep(REST)
        return good

    def kind(self, name):
        away, back = getattr(self, name)()
        if not self.used():
            self.ask("vf.plug")
            if not self.used():
                raise HostError("the VF is not used")
        streams, log, dropped = vfstream.Streams(self.pace), Log(), self.dropped()
        time.sleep(1)
        events, failed = [], 0
        for _ in range(self.cycles):
            failed += not self.cycle(away, back, events)
            log.read()
        events.append(["end", time.monotonic()])
        streams.end()
        left, now = log.left(), self.dropped()
        print(json.dumps({"host": name, "counters": {k: n - dropped.get(k, 0) for k, n in now.items() if n != dropped.get(k, 0)}}),
              flush=True)
        self.tell(name, streams, events, failed, left)

    def tell(self, name, streams, events, failed, left):
        told = {"vfpath": name, "cycles": self.cycles, "failed": failed, "pace_ms": self.pace * 1000,
                "retrans": streams.retrans, "reordered": {}, "events": [], "histogram": {}}
        for (what, at), (_, after) in zip(events, events[1:]):
            window = at - BEFORE, after - BEFORE
            event = {"event": what, "stall_ms": round(1000 * streams.stall(*window), 1)}
            for way in ("up", "down"):
                sent, lost, gap = getattr(streams, way).window(*window)
                event.update({way + "_sent": sent, way + "_lost": lost, way + "_gap_ms": round(1000 * gap, 1)})
            knew = [t for t in left if window[0] <= t < window[1]]
            if what == "away" and knew:
                event.update(knew_ms=round(1000 * max(0.0, knew[0] - at), 1), up_late=streams.up.window(knew[0], window[1])[1])
            told["events"].append(event)
        for way in ("up", "down"):
            stream = getattr(streams, way)
            told["reordered"][way] = stream.reordered
            for what in ("away", "back"):
                at = [(t, end - BEFORE) for (w, t), (_, end) in zip(events, events[1:]) if w == what]
                told["histogram"]["%s %s" % (way, what)] = stream.histogram(at, BEGIN, STEP, BINS)
        print(json.dumps(told), flush=True)


def prepare(host):
    for module in ("pci-hyperv", "ixgbevf"):
        sh("modprobe", module)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "vfpeer.py")) as f:
        host.ask("peer", bg=1, argv=["python3", "-c", f.read()])
    sh("ip", "addr", "add", OWN, "dev", "eth0")
    sh("ip", "link", "set", "eth0", "up")
    for _ in range(60):
        if sh("ping", "-c", "1", "-W", "1", vfstream.PEER).returncode == 0 and \
                sh("python3", "-c", "import socket; socket.create_connection(('%s', 7803), 2)" %
                   vfstream.PEER).returncode == 0:
            break
    # The peer need not ask for us in the middle of a silence.
    own = loads.take("/sys/class/net/eth0/address")
    host.ask("peer", argv=["ip", "neigh", "replace", OWN.split("/", maxsplit=1)[0], "lladdr", own, "nud", "permanent",
                           "dev", "peer0"])


def main():
    cycles, pace, kinds = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    host = Host()
    prepare(host)
    bench = Bench(cycles, pace)
    bench.ask("vf.plug")
    for kind in kinds:
        try:
            bench.kind(kind)
        except (HostError, OSError, ValueError) as err:
            print(json.dumps({"vfpath": kind, "error": "%s: %s" % (type(err).__name__, err)}), flush=True)


main()
