# SPDX-License-Identifier: GPL-2.0
"""
What the rows with programs do to a NIC: a program that is attached for a row, and
AF_XDP sockets.

Programs and sockets are those of the e2e scripts (xdp.py, xsk.py). A socket's rings
hold all frames of a repetition, so that its user runs before and after the frames
and not between them.
"""
import os
import subprocess
import time

import loads
import xdp
import xsk

NAME = "bench"
WAIT = 20


def run(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


class Attached:
    """A program on an interface: put together from words of xdp.py, until off()."""

    def __init__(self, dev, words):
        self.dev = dev
        if any(w.endswith("=v0") for w in words) and not os.path.exists("/sys/class/net/v0"):
            run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")
            for end in ("v0", "v1"):
                loads.put("/proc/sys/net/ipv6/conf/%s/disable_ipv6" % end, "1")
                run("ip", "link", "set", end, "up")
            run("ethtool", "-K", "v1", "gro", "on")
        xdp.load(NAME, words)
        run("ip", "-force", "link", "set", "dev", dev, "xdpdrv", "pinned", "/sys/fs/bpf/" + NAME)

    def off(self):
        run("ip", "link", "set", "dev", self.dev, "xdpdrv", "off")


class User:
    """A socket on queue 0 of a NIC, and what its user does with many frames at once."""

    def __init__(self, nic, step):
        self.nic = nic
        self.count = step["count"]
        self.mode = step["mode"]
        size = 1 << max(6, (self.count - 1).bit_length())
        self.sock = xsk.bound(nic.name, 0, xsk.ZEROCOPY if self.mode == "driver" else xsk.COPY, size)
        if self.sock.mode != self.mode:
            raise OSError("the socket is in %s mode" % self.sock.mode)
        xsk.program(self.sock.sock, nic.name, 0)

    def end(self):
        run("ip", "link", "set", "dev", self.nic.name, "xdpdrv", "off")
        self.sock.close()

    def taken(self):
        """Everything that was received: [(place, length)]."""
        got = []
        end = time.monotonic() + WAIT
        while len(got) < self.count and time.monotonic() < end:
            entry = self.sock.rx.get()
            if entry is None:
                time.sleep(0.005)
            else:
                got.append(entry[:2])
        if len(got) < self.count:
            raise OSError("the socket got %d of %d frames" % (len(got), self.count))
        return got

    def given(self, entries):
        """All of them are in the ring; now the kernel sends."""
        sock = self.sock
        for place, length in entries:
            if not sock.tx.put(place, length, 0):
                raise OSError("the socket's ring is full")
        left = len(entries)
        end = time.monotonic() + WAIT
        while left and time.monotonic() < end:
            before = sock.tx.word(sock.tx.consumer)
            if sock.tx.wants_wakeup():
                sock.kick()
            while sock.completion.get() is not None:
                left -= 1
            if left and sock.tx.word(sock.tx.consumer) == before:
                time.sleep(0.002)
        if left:
            raise OSError("%d frames were not sent" % left)


def numbered(nic, host, step, count):
    host.ask("gen.send", seconds=600, dst="nic%d" % nic.number, size=str(step["size"]), count=count)


def with_user(load):
    """Makes load(user, nic, host, step, count) what bench.py wants."""
    def prepare(nic, host, step, count):
        user = User(nic, dict(step, count=count))
        work = load(user, nic, host, step, count)
        work.end = user.end
        return work
    return prepare


@with_user
def socket_rx(user, nic, host, step, count):
    def work():
        numbered(nic, host, step, count)
        user.taken()
    # The user has all of them: asking the host whether that is so is no part of it.
    work.whole = True
    return work


@with_user
def socket_tx(user, nic, _host, step, count):
    frame = bytes.fromhex(loads.SINK_MAC.replace(":", "")) + loads.mac_bytes(nic.mac) + b"\x88\xb5" + \
        xsk.body(0, step["size"])
    entries = []
    for _ in range(count):
        place = user.sock.free.pop()
        user.sock.umem[place:place + len(frame)] = frame
        entries.append((place, len(frame)))
    return lambda: user.given(entries)


@with_user
def socket_forward(user, nic, host, step, count):
    def work():
        numbered(nic, host, step, count)
        got = user.taken()
        for place, _ in got:
            ends = user.sock.umem[place:place + 12]
            user.sock.umem[place:place + 12] = ends[6:] + ends[:6]
        user.given(got)
    return work


LOADS = {"socket_rx": ("rx", socket_rx), "socket_tx": ("tx", socket_tx),
         "socket_forward": ("tx", socket_forward)}
