#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The table of a host that lies: a message, what becomes of it, when; and what the guest makes of it.

usage: hostile-table.py list [CELLS]    names of the cells (here or in a guest)
       hostile-table.py run [CELLS]     in a guest of the test host: KTAP points, "# cell" lines (default sample)

CELLS is all[:i/n], sample[:SEED], a moment or a message [:i/n], or names of cells (hostile_cells.py). HOSTILE_SEED
(18) is what random values are made of; with HOSTILE_STOP the first bad cell is the last one. A cell ends in one of

    ignored         nothing came of it
    counted         the same, and a counter of errors says so
    failed          a request failed, or the interface was down and came up when asked to, or when the host
                    said that the link is up
    re-attached     the driver attached anew, by itself
    given up        no interface, and a line in the log that says so; another NIC works
    bus             hv_vmbus complained of a message of its own, and only hv_vmbus is in the trace

and never in what the kernel complains of, a command that does not end, RTNL held beyond the limit, a flooded log, wrong
data, or an interface that does not work when the host is honest again.
"""
import fcntl
import importlib
import json
import os
import random
import select
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import tty

import frames
import hostile_cells as cells_of
import traces

table = importlib.import_module("control-table")

PORT = "/dev/ttyS1"
LOG_LINES = 30          # of the kernel about one cell
QUICK = 4               # seconds in which an interface that was not hurt works
CELLS_PER_NIC = 25
STORM_SECONDS = 2
SEED = int(os.environ.get("HOSTILE_SEED", cells_of.SEED))
IFF_UP, IFF_PROMISC = 1, 0x100
SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
GDRVINFO, GSTRINGS, GSTATS = 0x03, 0x1b, 0x1d
COUNTERS = ("host_bad_packet", "host_bad_id", "host_tx_status", "vlan_error")


# ---- the host, without a process for each question -----------------------------

class Port:
    """The second serial port, one user at a time, as hvctl has it."""

    def __init__(self):
        self.fd = os.open(PORT, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        self.number, self.rest = os.getpid() << 12, b""

    def ask(self, request, seconds):
        self.number += 1
        fcntl.flock(self.fd, fcntl.LOCK_EX)
        try:
            tty.setraw(self.fd, termios.TCSANOW)
            termios.tcflush(self.fd, termios.TCIFLUSH)
            self.rest = b""
            text = json.dumps(dict(request, id=self.number)).encode() + b"\n"
            while text:
                text = text[os.write(self.fd, text):]
            return self.answer(time.monotonic() + seconds)
        finally:
            fcntl.flock(self.fd, fcntl.LOCK_UN)

    def answer(self, end):
        while time.monotonic() < end:
            line, mark, rest = self.rest.partition(b"\n")
            if not mark:
                if select.select([self.fd], [], [], 0.5)[0]:
                    self.rest += os.read(self.fd, 4096)
                continue
            self.rest = rest
            try:
                got = json.loads(line)
            except ValueError:
                continue
            if got.get("id") == self.number:
                return got
        raise table.Refused("no answer")


port_lock = threading.Lock()
port = None


def host(verb, get=None, **args):
    """As host() of control-table.py."""
    global port
    with port_lock:
        port = port or Port()
        request = dict(args, cmd=verb, **({"get": get} if get else {}))
        got = port.ask(request, 30 * table.SLOW)
    if not got.get("ok"):
        raise table.Refused(got.get("error", "the host refused"))
    if not get:
        return got.get("result", {})
    value = got["value"]
    return value if isinstance(value, str) else json.dumps(value)


table.host = host


# ---- the guest ---------------------------------------------------------------

def set_flags(dev, on=0, off=0):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        ask = struct.pack("16sH14x", dev.encode(), 0)
        was = struct.unpack("16sH14x", fcntl.ioctl(s, SIOCGIFFLAGS, ask))[1]
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sH14x", dev.encode(), (was | on) & ~off))


def complaints(dev):
    """What the driver counted of the host's mistakes, in all."""
    try:
        info = frames.ethtool(dev, struct.pack("I", GDRVINFO) + bytes(192))
        n, = struct.unpack("I", info[180:184])
        names = frames.ethtool(dev, struct.pack("III", GSTRINGS, 1, n) + bytes(32 * n))[12:]
        values = struct.unpack("%dQ" % n, frames.ethtool(dev, struct.pack("II", GSTATS, n) + bytes(8 * n))[8:])
    except (OSError, struct.error):
        return 0
    words = [names[32 * i:32 * i + 32].rstrip(b"\0").decode() for i in range(n)]
    errors = table.read("/sys/class/net/%s/statistics/rx_errors" % dev, "0")
    return int(errors) + sum(v for w, v in zip(words, values) if w in COUNTERS)


def write_line(path, text):
    with open(path, "w") as f:
        f.write(text)


class Doing(threading.Thread):
    """What may take long, or for ever; status 0, an errno, or None: it has not ended."""

    def __init__(self, what, *args):
        super().__init__(daemon=True)
        self.what, self.args, self.status = what, args, None
        self.start()

    def run(self):
        try:
            self.status = self.what(*self.args) or 0
        except OSError as err:
            self.status = err.errno or 1

    def ended(self, seconds):
        self.join(seconds)
        return not self.is_alive()


class Traffic:
    """Numbered frames of the host's generator to the guest, and of the guest to the sink; what is wrong is counted."""

    def __init__(self, nic, dev):
        self.nic, self.dev, self.wrong, self.got, self.sent, self.corrupt = nic, dev, 0, 0, 0, 0

    def run(self, count):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(frames.ETHERTYPE)) as s:
            s.bind((self.dev, frames.ETHERTYPE))
            host("gen.reset")
            host("gen.send", dst="nic%d" % self.nic, count=count, size="60-1400", burst=3)
            end = time.monotonic() + 0.7 * table.SLOW
            for i in range(count // 2):
                mac = bytes.fromhex(table.read("/sys/class/net/%s/address" % self.dev).replace(":", ""))
                s.send(frames.SINK + mac + struct.pack(">H", frames.ETHERTYPE) + frames.body(i, 60 + i * 60))
            due = self.got + count
            while self.got < due and time.monotonic() < end:
                s.settimeout(max(0.01, end - time.monotonic()))
                try:
                    self.hear(s.recv(70000))
                except TimeoutError:
                    break
        sink = host("gen.expect", count=count // 2, timeout=1000)
        self.wrong += sink["corrupt"]
        self.corrupt += sink["corrupt"]
        self.sent = sink["received"] - sink["corrupt"]

    def hear(self, frame):
        if frame[6:12] == bytes.fromhex(table.read("/sys/class/net/%s/address" % self.dev).replace(":", "")):
            return
        self.got += 1
        if frame[14:18] != b"HVGN" or len(frame) < 26:
            self.wrong += 1
            return
        number, length, stream = struct.unpack(">IHH", frame[18:26])
        self.wrong += frame[14:length] != frames.body(number, length, stream)


class Book(table.Log):
    """The kernel's log since the last look: what it complains of, and how much it says of the driver."""

    def __init__(self):
        super().__init__()
        self.traces = traces.Traces()

    def forget(self):
        self.take()
        self.traces = traces.Traces()

    def take(self):
        splats, lines = [], []
        while True:
            try:
                line = os.read(self.fd, 8192).decode(errors="replace").splitlines()[0].split(";", 1)[-1]
            except BlockingIOError:
                return splats, lines
            except OSError:
                lines += ["(the log was overrun)"] * (LOG_LINES + 1)
                continue
            complains = bool(table.SPLAT.search(line))
            self.traces.feed(line, complains)
            if complains:
                splats.append(line)
            if "hv_netvsc" in line or "hv_vmbus" in line:
                lines.append(line)


# ---- moments -------------------------------------------------------------------

class Bench(table.Bench):
    def __init__(self):
        super().__init__()
        self.log = Book()
        self.messages = cells_of.from_host(host("fault.messages")["messages"])
        self.at_hand, self.used, self.rings = {}, {}, 0

    def fresh_mac(self):
        return "00:15:5d:d8:%02x:%02x" % (random.randrange(256), random.randrange(256))

    def nic_for(self, moment):
        """A NIC that works; those of "running" and the like are used again and again."""
        kind = "vf" if moment == "vf" else "plain"
        nic = self.at_hand.get(kind)
        if nic and (self.used[nic.number] >= CELLS_PER_NIC or nic.state() != "works"):
            self.drop(kind)
            nic = None
        if not nic:
            nic = self.add(self.fresh_mac(), {"queues": 2, "rsc": "on"})
            self.at_hand[kind], self.used[nic.number] = nic, 0
            if not table.within(60, lambda: nic.dev):
                raise table.Refused("a fresh NIC has no interface")
            set_flags(nic.dev, on=IFF_UP)
            if not table.within(30, lambda: nic.state() == "works"):
                raise table.Refused("a fresh NIC does not work")
            table.within(20, lambda: host("stats", get="channels", nic=nic.number) == "2")
            if kind == "vf":
                host("vf.plug", get="ms", nic=nic.number)
                if not table.within(60, lambda: host("vf", get="path", nic=nic.number) == "vf"):
                    raise table.Refused("the VF of a fresh NIC is not used")
        self.used[nic.number] += 1
        return nic

    def forget(self, nic):
        for kind in [k for k, n in self.at_hand.items() if n.number == nic.number]:
            del self.at_hand[kind]

    def drop(self, kind):
        nic = self.at_hand.pop(kind)
        try:
            host("nic.remove", nic=nic.number)
        except table.Refused:
            pass
        return table.within(60, lambda: not nic.is_there())


class Unready(table.Refused):
    """No NIC for a cell: what was before it left none behind."""


class Attempt:
    """One cell, once."""

    def __init__(self, bench, cell):
        self.bench, self.cell = bench, cell
        self.message = bench.messages[cell.message]
        self.plan = cells_of.plan(cell, SEED, bench.messages)
        self.bad, self.notes = [], []
        self.nic = self.fault = self.status = self.traffic = None
        self.opens = self.excused = self.changed = self.counted = 0
        self.came = False
        self.started = time.monotonic()
        self.lines_of_end = ([], [])

    # -- the lie --

    def arm(self, number):
        # A message of the contact is about no NIC.
        whose = {} if "contact" in self.message.when else {"nic": number}
        if self.plan:
            self.fault = int(host("fault.set", get="fault", **whose, **self.plan))

    def inject(self):
        if self.cell.fault == "flaps":
            for i in range(2 * cells_of.FLAPS):
                host("nic.link", nic=self.nic.number, state="up" if i % 2 else "down")
            return
        kind, data, count = cells_of.packet(self.cell, SEED, self.bench.messages)
        host("nic.inject", nic=self.nic.number, kind=kind, hex=data.hex(), trans=0x5ca1ab1e, count=count)

    def acted(self):
        if self.fault and cells_of.is_bus(self.cell):
            self.came |= any(f["id"] == self.fault and f["hits"] for f in host("fault.list")["faults"])
            return self.came
        return not self.fault or int(host("stats", get="changed", nic=self.nic.number)) > self.changed

    # -- what makes the host write the message --

    def do(self, what, *args):
        doing = Doing(what, *args)
        if not doing.ended(table.OP_SECONDS):
            self.bad.append("does not end")
        self.status = self.status or doing.status

    def running(self):
        dev, word = self.nic.dev, "data" if not self.plan else cells_of.word_of(self.message, "running")
        if word == "data":
            self.traffic = Traffic(self.nic.number, dev)
            end = time.monotonic() + (STORM_SECONDS if cells_of.is_storm(self.cell.fault) else 0)
            self.do(self.traffic.run, 24)
            while time.monotonic() < end and not self.status and not self.bad:
                self.do(self.traffic.run, 24)
        elif word == "set":
            self.do(frames.set_table, dev, 1)
            self.do(frames.set_table, dev, 2)
        elif word == "news":
            for mbps in (1000, 10000):
                host("nic.speed", nic=self.nic.number, mbps=mbps)
            host("nic.netchange", nic=self.nic.number)
        else:
            host("nic.itab", nic=self.nic.number, entries="1,0")
            host("nic.itab", nic=self.nic.number, entries="0,1")

    def reconfigure(self):
        self.opens += 1
        # Never what it is already: nothing would be done.
        self.bench.rings ^= 1
        self.do(frames.set_rx, self.nic.dev, 700 + 300 * self.bench.rings)

    def teardown(self):
        self.opens += 1
        self.do(write_line, table.DRIVER + "/unbind", self.nic.guid)
        self.acted()    # of a fault that is cleared nobody knows
        host("fault.clear", get="cleared", nic=self.nic.number)
        self.do(write_line, table.DRIVER + "/bind", self.nic.guid)
        table.within(60, lambda: self.nic.dev)
        if self.nic.dev:
            self.do(set_flags, self.nic.dev, IFF_UP)

    def sleep(self):
        self.opens += 1
        self.status = table.run("sh", "-c", table.PM, seconds=table.OP_SECONDS + 60 * table.SLOW)
        self.bench.rtnl.restart()

    def removal(self):
        host("nic.remove", nic=self.nic.number)
        if not table.within(30, lambda: not self.nic.is_there()):
            self.bad.append("cannot be removed")
        self.bench.forget(self.nic)

    def vf(self):
        number, vf = self.nic.number, self.nic.vf()
        if self.cell.message == "nvsp.none":
            self.do(set_flags, vf, 0, IFF_UP)
            time.sleep(0.5)
            self.do(set_flags, vf, IFF_UP, 0)
        elif self.cell.message in ("nvsp.switch_data_path", "packet.inband"):
            host("vf.fallback", nic=number, path="synthetic")
            host("vf.fallback", nic=number, path="vf")
        else:
            host("vf.assoc", nic=number, state="off")
            host("vf.assoc", nic=number, state="on")

    def bring_up(self):
        self.arm(self.bench.next_nic)
        self.nic = self.bench.add(self.bench.fresh_mac(), {"queues": 2, "rsc": "on"})
        self.opens = 1
        table.within(5, self.acted, 0.3)
        if table.within(45, lambda: self.nic.dev):
            self.do(set_flags, self.nic.dev, IFF_UP)
        table.within(3, self.acted, 0.3)

    def act(self):
        moment = self.cell.moment
        if moment == "bring-up":
            self.bring_up()
            return
        try:
            self.nic = self.bench.nic_for(moment)
        except (table.Refused, OSError) as err:
            raise Unready(str(err)) from err
        self.excused = int(host("stats", get="excused", nic=self.nic.number))
        self.opens = int(host("stats", get="opens", nic=self.nic.number))
        self.changed = int(host("stats", get="changed", nic=self.nic.number))
        self.counted = complaints(self.nic.dev)
        self.bench.rtnl.take()
        self.arm(self.nic.number)
        if not self.plan and moment == "running":
            self.inject()
        elif not self.plan:
            threading.Timer(0.4 * table.SLOW, self.inject_quietly).start()
        getattr(self, moment)()
        table.within(1, self.acted, 0.2)

    def inject_quietly(self):
        try:
            self.inject()
        except table.Refused:
            pass    # the channel is closed just then

    # -- what must hold --

    def judge(self):
        nic = self.nic
        if cells_of.is_bus(self.cell):
            return self.judge_bus()
        if not self.acted():
            self.notes.append("did not come to it")
        elif cells_of.is_storm(self.cell.fault):
            self.notes.append("%d messages" % (int(host("stats", get="changed", nic=nic.number)) - self.changed))
        host("fault.clear", get="cleared", nic=nic.number)
        # The host says itself that one frame is what it is not.
        allowed = 1 if self.cell.message in ("rndis.packet", "packet.xfer") else 0
        if self.traffic and self.traffic.wrong > allowed and not (allowed and cells_of.is_storm(self.cell.fault)):
            self.bad.append("wrong data: %d frames" % self.traffic.wrong)
        return self.outcome()

    def judge_bus(self):
        """What hv_vmbus and the driver made of it; a NIC that does not come back can be taken away, and another one works."""
        leaves = self.cell.moment == "removal"
        if not self.acted():
            self.notes.append("did not come to it")
        host("fault.clear", get="cleared")
        if not leaves and table.within(QUICK, self.works, 0.3):
            return "failed" if self.status else "ignored"
        # The bus probes it once: if that is over without an interface, nothing more comes.
        if not leaves and self.nic.dev and table.within(40, self.works, 1):
            return "re-attached"
        if not leaves:
            host("nic.remove", nic=self.nic.number)
            if not table.within(60, lambda: not self.nic.is_there()):
                self.bad.append("cannot be removed")
            self.bench.forget(self.nic)
        another = self.bench.nic_for("running")     # or it is refused: a bad cell
        self.notes.append("NIC %d works" % another.number)
        return "ignored" if leaves else "given up"

    def outcome(self):
        """What came of it, the host being honest again."""
        nic, outcome = self.nic, self.comes_back()
        opens = int(host("stats", get="opens", nic=nic.number))
        if (excused := int(host("stats", get="excused", nic=nic.number)) - self.excused) > 0:
            last = host("stats", get="excused_last", nic=nic.number)
            self.notes.append("%d violations excused, last %s" % (excused, last))
        if outcome == "ignored" and opens > self.opens:
            outcome = "re-attached"
        if outcome == "ignored" and self.status:
            outcome = "failed"
        if outcome == "ignored" and complaints(nic.dev) > self.counted:
            outcome = "counted"
        if self.status:
            self.notes.append("status %s" % self.status)
        return outcome

    def works(self):
        """The peer answers, and numbered frames go both ways."""
        if self.nic.state() != "works":
            return False
        # A completion that is missing shows only after a while: the stack's limit of bytes under way shrinks.
        rounds = 4 if cells_of.waits(self.cell) else 1
        try:
            traffic = Traffic(self.nic.number, self.nic.dev)
            for _ in range(rounds):
                traffic.run(10)
        except (OSError, table.Refused):
            return False
        if traffic.wrong:
            self.bad.append("wrong data afterwards: %d frames" % traffic.wrong)
        return traffic.got >= 9 * rounds and traffic.sent >= 5

    def comes_back(self):
        nic = self.nic
        if table.within(QUICK, self.works, 0.3):
            return "ignored"
        # What the host said of the link holds until it says something else.
        if self.cell.message in ("rndis.query_cmplt", "rndis.indicate_status") and nic.dev and nic.is_up():
            host("nic.link", nic=nic.number, state="down")
            host("nic.link", nic=nic.number, state="up")
            if table.within(QUICK + 4, self.works, 0.3):
                self.notes.append("after the host said that the link is up")
                return "failed"
        start = time.monotonic()
        if table.within(table.BACK_SECONDS, lambda: self.works() or (nic.dev and not nic.is_up()), 1) and self.works():
            self.notes.append("works after %.0f s" % (time.monotonic() - start))
            return "re-attached"
        if nic.dev:
            table.run("ip", "link", "set", nic.dev, "down")
            table.run("ip", "link", "set", nic.dev, "up")
            if table.within(30, self.works, 0.5):
                self.notes.append("after down and up")
                return "failed"
        self.lines_of_end = self.bench.log.take()
        if not nic.dev and any("giving up" in x or "probe" in x for x in self.lines_of_end[1]):
            return "given up"
        self.bad.append("does not work any more: %s" % nic.state())
        return "bad"

    def aftermath(self, outcome):
        rtnl = self.bench.rtnl.take()
        if rtnl > table.RTNL_MS:
            self.bad.append("RTNL held for %d ms" % rtnl)
        # What is missing for good is not to hurt the next cell.
        spoilt = cells_of.waits(self.cell) or outcome in ("bad", "given up")
        if self.nic and (self.cell.moment == "bring-up" or spoilt):
            self.bench.forget(self.nic)
            try:
                host("fault.clear", get="cleared", nic=self.nic.number)
                host("nic.remove", nic=self.nic.number)
            except table.Refused:
                pass
            if not table.within(60, lambda: not self.nic.is_there()):
                self.bad.append("cannot be removed")
        splats, lines = (a + b for a, b in zip(self.lines_of_end, self.bench.log.take()))
        if splats and cells_of.is_bus(self.cell) and self.bench.log.traces.is_of("hv_vmbus"):
            self.notes.append("hv_vmbus: %s; %s" % (self.bench.log.traces.place, outcome))
            outcome = "bus"
        elif splats:
            self.bad.append("the kernel: " + " | ".join(splats[:3]))
        if len(lines) > LOG_LINES:
            self.bad.append("%d lines in the log" % len(lines))
        if host("violations", get="total") != "0" or host("violations", get="style") != "0":
            self.bad.append("violations: " + json.dumps(host("violations"))[:500])
        host("violations", get="total", clear=1)
        if self.bad:
            self.notes += lines[-4:]
        line = "\t".join((cells_of.name_of(self.cell), "bad" if self.bad else outcome,
                          "%.0f" % (time.monotonic() - self.started), str(rtnl), "; ".join(self.bad + self.notes)))
        print("    # cell\t" + line, flush=True)
        self.bench.point(not self.bad, "%s: %s" % (cells_of.name_of(self.cell), outcome), "; ".join(self.bad))

    def go(self):
        outcome = "bad"
        self.bench.log.forget()
        try:
            self.act()
            outcome = self.judge()
        except (table.Refused, OSError, subprocess.SubprocessError) as err:
            self.bad.append("cannot be tried: %r" % err)
        self.aftermath(outcome)


def batch(bench, attempts):
    """ATTEMPTS, what has a go(), one after the other; then what must hold at the end of all."""
    quiet, before = table.Quiet(), host("bus")
    first = bench.add(bench.fresh_mac(), {})
    table.within(20, lambda: first.dev)
    host("nic.remove", nic=first.number)
    table.within(20, lambda: not first.is_there())
    for attempt in attempts:
        attempt.go()
        if attempt.bad and os.environ.get("HOSTILE_STOP"):
            return
    for kind in list(bench.at_hand):
        bench.point(bench.drop(kind), "the %s NIC leaves" % kind)
    quiet.over()
    bench.point(table.within(40, lambda: not table.leaks(before), 1), "the bus holds no more than before",
                table.leaks(before))
    bench.point(table.within(60, lambda: table.run("rmmod", "hv_netvsc") == 0, 2), "the module can be unloaded")
    bench.point(not (left := table.kmemleak()), "no memory is left", left[:1500])
    ready = table.run("modprobe", "hv_netvsc") == 0 and table.within(30, lambda: table.Nic(0).dev and table.Nic(1).dev)
    bench.point(ready, "and loaded")


def main(argv):
    what, words = (argv + ["", "sample"])[:2] if len(argv) < 2 else argv[:2]
    words = words or "sample"
    if what == "list":
        print("\n".join(cells_of.name_of(c) for c in cells_of.choose(words)))
        return 0
    if what != "run":
        print(__doc__, file=sys.stderr)
        return 2
    bench = Bench()
    cells = cells_of.choose(words, bench.messages)
    states = table.read("/sys/power/state").split()
    if "disk" not in states or not os.path.exists("/sys/power/pm_test"):
        cells = [c for c in cells if c.moment != "sleep"]
    batch(bench, (Attempt(bench, c) for c in cells))
    print("    1..%d" % bench.points)
    return bench.bad > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
