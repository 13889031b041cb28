#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The control-plane table: an operation, at one of its requests the host misbehaves, and what must hold afterwards.

usage: control-table.py list [CELLS]    names of the cells (here or in a guest)
       control-table.py run [CELLS]     in a guest of the test host: KTAP points, "# cell" lines (default sample)
       control-table.py learn           in a guest: the lines of control-requests.txt

CELLS is all[:i/n], pairs[:i/n], sample[:SEED], findings or names of cells (control_cells.py). Each cell has a NIC of its own, one
after the other: whoever holds RTNL, and hv_vmbus' one queue of offers, stand in each other's way otherwise.
"""
import array
import fcntl
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import control_cells as cells_of

SLOW = float(os.environ.get("SLOW", "1"))
DRIVER = "/sys/bus/vmbus/drivers/hv_netvsc"
LATE_MS = 23000         # the driver's limit is 20 s
# The documented sum is about 40 s. Waiting for the host is not slower on a slow kernel, the rest is.
OP_SECONDS = 45 + 10 * (SLOW - 1)
RTNL_MS = OP_SECONDS * 1000
BACK_SECONDS = 75       # the longest back-off is 60 s
PEER = "192.168.77.1"
# As in tests/outer/verdict.py.
SPLAT = re.compile(
    r"Kernel panic|BUG: |\bOops\b|general protection fault|\bWARNING: |KASAN: |UBSAN: |KCSAN: |"
    r"kernel BUG at|invalid opcode: |possible (circular|recursive) locking|inconsistent lock state|"
    r"suspicious RCU usage|bad unlock balance|INFO: (task .* blocked|rcu.*(stall|detected))|"
    r"rcu: INFO: .*stall|soft lockup|hard LOCKUP|unregister_netdevice: waiting|refcount_t: |"
    r"DEBUG_LOCKS_WARN_ON|ODEBUG: |Call Trace:|sleeping function called from invalid context|"
    r"scheduling while atomic")
# A bus call that is never answered leaves its channel shut until the host takes it away. Whether the NIC comes back is
# asked of a host that answers late.
FAULT_NAMES = {"late": "delay", "lost": "no_answer", "refused": "refuse", "twice": "twice", "rescinded": "rescind",
               "killed": "no_answer", "again": "no_answer"}


# ---- the host ---------------------------------------------------------------

class Refused(Exception):
    """The host said no."""


def host(verb, get=None, **args):
    argv = ["hvctl", verb] + ["%s=%s" % a for a in args.items()] + (["--get", get] if get else [])
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60 * SLOW, check=False)
    if done.returncode:
        raise Refused(done.stderr.decode(errors="replace").strip())
    text = done.stdout.decode()
    if get:
        return text.strip()
    return json.loads(text) if text.strip() else {}


def arm(nic, cell):
    kind, what, *oid = cell.request.split(".")
    name = "delay" if kind == "vmbus" and cell.fault in ("killed", "again") else FAULT_NAMES[cell.fault]
    args = {"nic": nic, "name": "%s.%s" % (kind, name), "what": what, "after": cell.nth - 1,
            "count": 2 if cell.fault == "again" else 1, "ms": LATE_MS if name == "delay" else 0}
    if oid:
        args["oid"] = oid[0]
    return int(host("fault.set", get="fault", **args))


def hits(fault):
    for f in host("fault.list")["faults"]:
        if f["id"] == fault:
            return f["hits"]
    return 0


def host_has(nic):
    try:
        return host("stats", get="state", nic=nic) != ""
    except Refused:
        return False


# ---- the guest --------------------------------------------------------------

def within(seconds, question, step=0.2):
    end = time.monotonic() + seconds * (1 + (SLOW - 1) / 2)
    while True:
        answer = question()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(step)


def run(*argv, seconds=OP_SECONDS):
    """A command's status; 124 when it does not end."""
    try:
        return subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds,
                              check=False).returncode
    except subprocess.TimeoutExpired:
        return 124


def read(path, default=""):
    try:
        with open(path) as f:
            return f.read().strip()
    except OSError:
        return default


class Nic:
    """A NIC of the host, by its number; the interface may come and go."""

    def __init__(self, number):
        self.number = number
        self.guid = "%08x-4856-4e43-8000-00155d000001" % (number + 1)

    @property
    def dev(self):
        try:
            return os.listdir("/sys/bus/vmbus/devices/%s/net" % self.guid)[0]
        except (OSError, IndexError):
            return ""

    def is_bound(self):
        return os.path.exists("%s/%s" % (DRIVER, self.guid))

    def is_there(self):
        return os.path.exists("/sys/bus/vmbus/devices/" + self.guid)

    def flags(self):
        return int(read("/sys/class/net/%s/flags" % self.dev, "0x0") or "0x0", 16) if self.dev else 0

    def is_up(self):
        return bool(self.flags() & 1)

    def vf(self):
        for name in os.listdir("/sys/class/net/" + self.dev):
            if name.startswith("lower_"):
                return name[6:]
        return ""

    def state(self):
        """works, down (and it says so), mute (it says up and is not)."""
        dev = self.dev
        if not dev or not self.is_up() or read("/sys/class/net/%s/carrier" % dev) != "1":
            return "down"
        return "works" if answers(dev) else "mute"


def answers(dev):
    """Does the peer answer who it is? A question to all, an answer to us."""
    try:
        mac = bytes.fromhex(read("/sys/class/net/%s/address" % dev).replace(":", ""))
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x806)) as s:
            s.bind((dev, 0x806))
            ask = struct.pack("!HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, mac, bytes(4), bytes(6), socket.inet_aton(PEER))
            s.send(b"\xff" * 6 + mac + b"\x08\x06" + ask + bytes(18))
            end = time.monotonic() + SLOW
            while time.monotonic() < end:
                s.settimeout(max(end - time.monotonic(), 0.01))
                frame = s.recv(2048)
                if frame[:6] == mac and frame[20:22] == b"\0\2" and frame[28:32] == socket.inet_aton(PEER):
                    return True
    except (OSError, ValueError):
        pass
    return False


def ethtool_ioctl(dev, cmd, words):
    """The words of a fixed-size ethtool structure behind its command."""
    buf = array.array("I", [cmd] + [0] * words)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8946, struct.pack("16sP", dev.encode(), buf.buffer_info()[0]))
    return buf[1:]


def guest_view(nic):
    """What the interface says of its settings."""
    dev = nic.dev
    try:
        return {"mtu": int(read("/sys/class/net/%s/mtu" % dev)), "mac": read("/sys/class/net/%s/address" % dev),
                "promisc": bool(nic.flags() & 0x100), "ring": ethtool_ioctl(dev, 0x10, 8)[4],
                "channels": ethtool_ioctl(dev, 0x3c, 8)[7], "lro": bool(ethtool_ioctl(dev, 0x25, 1)[0] & 1 << 15)}
    except (OSError, ValueError) as err:
        return {"error": str(err)}


def guest_rss(nic):
    """Entries of the table that name queue 0."""
    text = subprocess.run(["ethtool", "-x", nic.dev], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=False).stdout
    rows = re.findall(r"^ *\d+: +(.*)$", text, re.M)
    return sum(row.split().count("0") for row in rows)


def host_view(nic, keys):
    """The same as the host sees it, for those that it can."""
    n, view = nic.number, {}
    if "mtu" in keys:
        view["mtu"] = int(host("stats", get="mtu", nic=n))
    if "mac" in keys:
        view["mac"] = host("stats", get="mac", nic=n)
    if "promisc" in keys:
        view["promisc"] = bool(int(host("stats", get="filter", nic=n)) & 0x20)
    if "channels" in keys:
        view["channels"] = int(host("stats", get="channels", nic=n))
    if "rss" in keys:
        view["rss"] = json.loads(host("stats", get="rss.table", nic=n)).count(0)
    if "lro" in keys:
        view["lro"] = host("stats", get="offloads.rsc4", nic=n) == "true"
    return view


# ---- watchers ---------------------------------------------------------------

class Rtnl(threading.Thread):
    """The longest that RTNL was not to be had, in ms: a change of nothing at lo, over and over."""

    def __init__(self):
        super().__init__(daemon=True)
        self.longest, self.since = 0, None
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.sock.bind((0, 0))

    def run(self):
        nothing = struct.pack("IHHII", 32, 19, 5, 1, 0) + struct.pack("BxHiII", 0, 0, 1, 0, 0)
        while True:
            self.since = time.monotonic()
            self.sock.send(nothing)
            self.sock.recv(8192)
            self.longest = max(self.longest, (time.monotonic() - self.since) * 1000)
            self.since = None
            time.sleep(0.1)

    def take(self):
        since, longest = self.since, self.longest
        self.longest = 0
        return int(max(longest, (time.monotonic() - since) * 1000 if since else 0))

    def restart(self):
        """Everybody was frozen: what is under way counts from now."""
        self.longest = 0
        if self.since:
            self.since = time.monotonic()


class Log:
    """What the kernel said that it should not have to say."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)

    def splats(self):
        found = []
        while True:
            try:
                line = os.read(self.fd, 8192).decode(errors="replace")
            except BlockingIOError:
                return found
            except OSError:     # overrun: go on with the oldest that is there
                continue
            if SPLAT.search(line.splitlines()[0]):
                found.append(line.splitlines()[0].split(";", 1)[-1])


# ---- operations -------------------------------------------------------------

SETTINGS = ("mtu", "mac", "promisc", "ring", "channels", "lro")
# As e2e_sleep of lib.sh does.
PM = ("w=/proc/sys/kernel/watchdog_thresh; was=$(cat $w) && echo 60 >$w; "
      "echo shutdown >/sys/power/disk; echo platform >/sys/power/pm_test; echo disk >/sys/power/state; rc=$?; "
      "echo none >/sys/power/pm_test; [ -z \"$was\" ] || echo $was >$w; exit $rc")


def command(nic, operation):
    """What is done, as words of a command."""
    dev, change = nic.dev, ["ip", "link", "set"]
    if operation == "vf-to":
        return change + [nic.vf(), "up"]
    if operation == "vf-from":
        return change + [nic.vf(), "down"]
    if operation in ("unbind", "bind"):
        return ["sh", "-c", "echo %s >%s/%s" % (nic.guid, DRIVER, operation)]
    return {"up": change + [dev, "up"], "down": change + [dev, "down"], "mtu": change + [dev, "mtu", "4000"],
            "mac": change + [dev, "address", "02:15:5d:77:00:02"], "promisc-on": change + [dev, "promisc", "on"],
            "promisc-off": change + [dev, "promisc", "off"], "ring": ["ethtool", "-G", dev, "rx", str(WANTED_RING)],
            "channels": ["ethtool", "-L", dev, "combined", "2"], "rss": ["ethtool", "-X", dev, "weight", "3", "1"],
            "lro-on": ["ethtool", "-K", dev, "lro", "on"], "lro-off": ["ethtool", "-K", dev, "lro", "off"],
            "sleep": ["sh", "-c", PM], "remove": ["hvctl", "nic.remove", "nic=%d" % nic.number]}[operation]


WANTED_RING = 900
WANTED = {"mtu": {"mtu": 4000}, "mac": {"mac": "02:15:5d:77:00:02"}, "promisc-on": {"promisc": True},
          "promisc-off": {"promisc": False}, "ring": {"ring": WANTED_RING}, "channels": {"channels": 2}, "lro-on": {"lro": True},
          "lro-off": {"lro": False}}


def prepare(nic, operation):
    """The NIC as a user has set it, just before the operation; true when it is so."""
    dev = nic.dev
    ok = run("ethtool", "-K", dev, "lro", "off" if operation == "lro-on" else "on") == 0
    if operation == "channels":
        ok &= run("ethtool", "-L", dev, "combined", "1") == 0
    ok &= run("ip", "link", "set", dev, "address", "02:15:5d:77:00:01", "mtu", "1450", "promisc",
              "off" if operation == "promisc-on" else "on") == 0
    if operation == "up":
        return ok
    ok &= run("ip", "link", "set", dev, "up") == 0 and bool(within(20, lambda: nic.state() == "works"))
    if operation == "bind":
        ok &= run(*command(nic, "unbind")) == 0 and not nic.is_bound()
    if operation.startswith("vf-"):
        host("vf.plug", get="ms", nic=nic.number)
        ok &= bool(within(40, lambda: host("vf", get="path", nic=nic.number) == "vf"))
    if operation == "vf-to":
        ok &= run("ip", "link", "set", nic.vf(), "down") == 0
        ok &= bool(within(20, lambda: host("vf", get="path", nic=nic.number) == "synthetic"))
    return ok


# ---- a cell -----------------------------------------------------------------

class Bench:
    """All cells of a run, and what they share."""

    def __init__(self):
        self.points = self.bad = 0
        self.rtnl, self.log = Rtnl(), Log()
        self.rtnl.start()
        self.next_nic = None
        self.lines = []

    def point(self, good, text, why=""):
        self.points += 1
        self.bad += not good
        print("    %sok %d - %s" % ("" if good else "not ", self.points, text))
        if not good and why:
            print("    # %s" % why)
        sys.stdout.flush()
        return good

    def add(self, mac, keys):
        number = int(host("nic.add", get="nic", mac=mac, **keys))
        self.next_nic = number + 1
        return Nic(number)


class Run:
    """One cell, once. Faults that were found are in bad, in words."""

    def __init__(self, bench, cell):
        self.bench, self.cell = bench, cell
        self.bad, self.notes = [], []
        self.fault = self.nic = self.want = None
        self.mac = "00:15:5d:c7:%02x:%02x" % (random.randrange(256), random.randrange(256))
        self.keys = {"queues": 2, "rsc": "on"}
        self.started = time.monotonic()
        self.hit_at = None

    def expect(self, good, name, why=""):
        self.bench.point(bool(good), "%s: %s" % (cells_of.name_of(self.cell), name), why)
        if not good:
            self.bad.append(name)
        return good

    def arm(self, number):
        if self.cell.fault != "none":
            self.fault = arm(number, self.cell)

    def acted(self):
        if self.fault is None or self.hit_at:
            return True
        try:
            if hits(self.fault):
                self.hit_at = time.monotonic()
        except (Refused, subprocess.TimeoutExpired):
            # A question that slept with the machine has no answer any more.
            if self.cell.operation != "sleep":
                raise
        return bool(self.hit_at)

    # -- the operation --

    def begin(self):
        """The NIC, prepared; the trace begins, the fault is armed. False: it cannot be tried."""
        if self.cell.operation == "probe":
            self.arm(self.bench.next_nic)
            self.nic = self.bench.add(self.mac, self.keys)
            return True
        self.nic = self.bench.add(self.mac, self.keys)
        ready = within(30, lambda: self.nic.dev) and within(20, lambda: guest_view(self.nic).get("channels") == 2)
        ready = ready and prepare(self.nic, self.cell.operation)
        if not self.expect(ready, "prepared"):
            return False
        self.want = guest_view(self.nic) if self.nic.dev else None
        self.settle()
        host("trace.requests", get="lost", nic=self.nic.number, clear=1)
        self.arm(self.nic.number)
        return True

    def settle(self):
        """The trace when nothing was added to it for a while."""
        last, end = None, time.monotonic() + 15 * SLOW
        while time.monotonic() < end:
            now = host("trace.requests", nic=self.nic.number)["requests"]
            if now == last:
                break
            last = now
            time.sleep(1.2 * SLOW)
        return last

    def act(self):
        if self.cell.operation == "probe":
            within(25, self.acted, 0.4)
            return
        start, done = time.monotonic(), None
        op = subprocess.Popen(command(self.nic, self.cell.operation), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        limit = OP_SECONDS + (45 * SLOW if self.cell.operation == "sleep" else 0)
        while done is None and time.monotonic() - start < limit:
            if self.acted() and self.cell.fault == "killed" and self.hit_at:
                op.send_signal(signal.SIGKILL)
            time.sleep(0.1)
            done = op.poll()
        if self.cell.operation == "sleep":
            self.bench.rtnl.restart()
        took = time.monotonic() - start
        self.notes.append("status %s after %.1f s" % (done, took))
        self.expect(done is not None, "the operation ends", "after %d s it had not" % took)
        if done is None:
            op.kill()
        within(5, self.acted)
        if done == 0 and self.want and self.cell.operation == "rss":
            self.want["rss"] = 96       # three quarters of 128
        if done == 0 and self.want:
            self.want.update(WANTED.get(self.cell.operation, {}))

    # -- what must hold --

    def finish(self):
        name, cell = cells_of.name_of(self.cell), self.cell
        if self.fault is not None:
            self.expect(self.acted(), "the fault acted", "%s was not asked for" % name)
        elif cell.operation != "remove":
            self.check_trace()
        taken = cell.operation == "remove" or (cell.fault == "rescinded" and within(2, lambda: not host_has(self.nic.number)))
        if not taken:
            state = within(10, lambda: self.nic.state() != "mute")
            self.expect(state, "works or is honestly down", "carrier, but no answer of the peer")
        if self.fault is not None:
            host("fault.clear", get="cleared", nic=self.nic.number)
        if cell.fault == "late" and self.hit_at:
            time.sleep(max(0, self.hit_at + LATE_MS / 1000 + 1 - time.monotonic()))
        if cell.fault == "lost" and cell.request.startswith("vmbus."):
            host("nic.remove", nic=self.nic.number)
            taken = True
        if taken:
            self.again_new()
        else:
            self.comes_back()
        self.aftermath()

    def check_trace(self):
        # What was armed before the NIC was there begins with it.
        seen = sorted(self.settle())
        known = sorted(cells_of.read_list().get(self.cell.operation, []))
        more, less = list(seen), list(known)
        for word in known:
            if word in more:
                more.remove(word)
        for word in seen:
            if word in less:
                less.remove(word)
        self.expect(not more and not less, "it asks for what control-requests.txt says",
                    "more: %s; less: %s" % (more, less))

    def again_new(self):
        old = self.nic
        self.expect(within(OP_SECONDS, lambda: not old.is_there()), "the NIC leaves")
        host("fault.clear", get="cleared", nic=old.number)
        self.nic = self.bench.add(self.mac, self.keys)
        self.want = None
        self.expect(self.usable(), "a new NIC works")

    def usable(self):
        """There, up (set so if it was left down) and carrying frames."""
        nic = self.nic
        if self.cell.operation == "unbind" and not nic.is_bound():
            run(*command(nic, "bind"))
        if not within(BACK_SECONDS, lambda: nic.dev):
            self.notes.append("no interface")
            return False
        if not nic.is_up() and run("ip", "link", "set", nic.dev, "up"):
            self.notes.append("does not go up")
        return within(BACK_SECONDS, lambda: nic.state() == "works", 0.5)

    def comes_back(self):
        start = time.monotonic()
        if not self.expect(self.usable(), "works when the host does", "; ".join(self.notes)):
            return
        self.notes.append("back after %.1f s" % (time.monotonic() - start))
        want = self.want if self.cell.operation not in ("bind", "unbind", "probe") else None
        self.expect(within(20, lambda: not self.differs(want), 1), "what was set is in force", self.differs(want))

    def differs(self, want):
        """A sentence when guest and host do not agree, or not with what was set."""
        mine = guest_view(self.nic)
        if self.cell.operation == "rss" and "error" not in mine:
            mine["rss"] = guest_rss(self.nic)
        theirs = host_view(self.nic, mine)
        fewer = self.cell.tail or self.cell.request == "vmbus.subopen"
        if self.cell.fault == "refused" and not mine.get("lro"):
            theirs.pop("lro", 0)    # refused to be turned off: it is off here all the same
        if theirs.get("mtu", 0) > mine.get("mtu", 0):
            del theirs["mtu"]   # smaller again: nobody need tell the host
        words = ["%s: guest %s, host %s" % (k, mine[k], theirs[k]) for k in theirs if mine.get(k) != theirs[k]]
        for key in want or ():
            if key == "ring" and self.cell.operation == "mtu":
                continue    # larger frames, fewer of them in the same memory
            if key == "channels" and fewer and mine.get(key, 0) >= 1:
                continue
            if key == "ring" and any(abs(mine.get(key, 0) - r) <= r // 20 for r in self.rings(want)):
                continue    # whole pages of memory: never quite what was asked for
            # An operation that failed, or was killed, may have been carried out or not.
            if mine.get(key) not in (want[key], WANTED.get(self.cell.operation, {}).get(key, want[key])):
                words.append("%s: %s, set was %s" % (key, mine.get(key), want[key]))
        return "; ".join(words)

    def rings(self, want):
        return (want["ring"], WANTED_RING) if self.cell.operation == "ring" else (want["ring"],)

    def aftermath(self):
        bench = self.bench
        rtnl = bench.rtnl.take()
        self.expect(rtnl <= RTNL_MS, "RTNL is free in time", "held for %d ms" % rtnl)
        try:
            host("fault.clear", get="cleared", nic=self.nic.number)
            host("nic.remove", nic=self.nic.number)
        except Refused:
            pass
        self.expect(within(OP_SECONDS, lambda: not self.nic.is_there()), "it can be removed")
        splats = bench.log.splats()
        self.expect(not splats, "the kernel has nothing to say", " | ".join(splats[:3]))
        seen = host("violations")
        host("violations", get="total", clear=1)
        self.expect(seen.get("total") == 0 and seen.get("style") == 0, "no violation", json.dumps(seen)[:600])
        line = "\t".join((cells_of.name_of(self.cell), "failed: " + ", ".join(self.bad) if self.bad else "ok",
                          "%.0f" % (time.monotonic() - self.started), str(rtnl), "; ".join(self.notes)))
        print("    # cell\t" + line, flush=True)

    def go(self):
        self.bench.rtnl.take()
        try:
            if self.begin():
                self.act()
                self.finish()
            else:
                self.aftermath()
        except (Refused, OSError, subprocess.SubprocessError) as err:
            self.expect(False, "the cell can be tried", repr(err))
            self.aftermath()


# ---- a run ------------------------------------------------------------------

def leaks(before):
    """A sentence when the bus holds what it did not hold before."""
    now = host("bus")
    words = ["%s: %s, was %s" % (k, now[k], before[k]) for k in ("gpadls", "gpadl_pages") if now[k] != before[k]]
    if len(now["channels"]) != len(before["channels"]):
        words.append("channels: %d, were %d" % (len(now["channels"]), len(before["channels"])))
    return "; ".join(words)


def kmemleak():
    path = "/sys/kernel/debug/kmemleak"
    if not os.path.exists(path):
        return ""
    for _ in range(2):
        with open(path, "w") as f:
            f.write("scan")
        time.sleep(5)
    return "\n".join(x for x in read(path).split("unreferenced object") if "netvsc" in x or "vmbus" in x)


class Quiet:
    """No IPv6 at new interfaces: its multicast groups would ask for things between those of the operation."""

    PATH = "/proc/sys/net/ipv6/conf/default/disable_ipv6"

    def __init__(self):
        self.was = read(self.PATH)
        self.set("1")

    def set(self, value):
        with open(self.PATH, "w") as f:
            f.write(value)

    def over(self):
        self.set(self.was)


def batch(bench, cells):
    """The cells one after the other, and what must hold at the end of all."""
    quiet, before = Quiet(), host("bus")
    first = bench.add("00:15:5d:c6:00:01", {})
    host("nic.remove", nic=first.number)
    within(20, lambda: not first.is_there())
    for cell in cells:
        Run(bench, cell).go()
    quiet.over()
    bench.point(within(40, lambda: not leaks(before), 1), "the bus holds no more than before", leaks(before))
    bench.point(within(60, lambda: run("rmmod", "hv_netvsc") == 0, 2), "the module can be unloaded")
    bench.point(not (left := kmemleak()), "no memory is left", left[:1500])
    ready = run("modprobe", "hv_netvsc") == 0 and within(30, lambda: Nic(0).dev and Nic(1).dev)
    bench.point(ready, "and loaded")


def usable_cells(cells):
    """Without those that this kernel cannot do."""
    states = read("/sys/power/state").split()
    can_sleep = "disk" in states and os.path.exists("/sys/power/pm_test")
    return [c for c in cells if c.operation != "sleep" or can_sleep]


def learn():
    bench, quiet = Bench(), Quiet()
    bench.add("00:15:5d:c6:00:01", {})
    for operation in cells_of.OPERATIONS:
        cell = cells_of.Cell(operation, "-", 1, "none", False, False)
        if operation == "remove":
            print("list: remove:")
        elif usable_cells([cell]):
            one = Run(bench, cell)
            one.expect = lambda good, *_: good or sys.exit("%s: cannot be learned" % operation)
            one.begin()
            one.act()
            within(25, lambda: one.nic.dev or operation == "unbind")
            print("list: %s: %s" % (operation, " ".join(one.settle())), flush=True)
            host("nic.remove", nic=one.nic.number)
            within(45, lambda: not one.nic.is_there())
    quiet.over()


def main(argv):
    what, words = (argv + ["", "sample"])[:2] if len(argv) < 2 else argv[:2]
    words = words or "sample"
    if what == "learn":
        learn()
        return 0
    if what not in ("list", "run"):
        print(__doc__, file=sys.stderr)
        return 2
    cells = cells_of.choose(words)
    if what == "list":
        print("\n".join(cells_of.name_of(c) for c in cells))
        return 0
    bench = Bench()
    batch(bench, usable_cells(cells))
    print("    1..%d" % bench.points)
    return bench.bad > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
