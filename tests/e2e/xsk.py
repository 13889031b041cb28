#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""AF_XDP sockets for the e2e scripts.

usage: xsk.py rx|order|tx|forward|leave|late DEV QUEUE COUNT SECONDS driver|copy [busy] [/FILE]

It binds a socket to the queue, puts a program on DEV that gives it the numbered frames of the host's generator
(all others pass), prints "ready MODE", and then
  rx       takes COUNT of them; prints "LENGTH good|bad" for each
  order    takes COUNT of them, at most as many as it has chunks; N are those in the chunk whose turn it was
  tx       sends COUNT of them to the host's sink, 60 to 1514 bytes long
  forward  sends COUNT of them back
  leave    sends COUNT as tx, but wakes the kernel once and never again; says "left COUNT" and what came of that
  late     does not look until 36 came that its ring of 64 did not hold; says "full 64", takes COUNT more, keeps all;
           N are those that have a chunk of their own in the end, and are in it as they were sent
and ends with "done N", with the frames that it handled. With "busy" it polls the queue itself instead of waiting. With
the path of a file it begins when there is one.
"""
import ctypes
import errno
import mmap
import os
import select
import socket
import struct
import subprocess
import sys
import time

import xdp

AF_XDP, SOL_XDP = 44, 283
OFFSETS, RX, TX, UMEM, FILL, COMPLETION, STATISTICS, OPTIONS = 1, 2, 3, 4, 5, 6, 7, 8
AREAS = {RX: 0, TX: 0x80000000, FILL: 0x100000000, COMPLETION: 0x180000000}
COPY, ZEROCOPY, NEED_WAKEUP = 2, 4, 8
BUSY_POLL, PREFER_BUSY_POLL, BUSY_POLL_BUDGET = 46, 69, 70
XSKMAP = 17
CHUNK, ENTRIES = 4096, 128
LATE, MISSED = 64, 36
PATIENCE = 15
SINK = bytes.fromhex("02687667656e")


class Ring:
    """One ring: PRODUCER and CONSUMER run freely, the entries are FORMAT."""

    def __init__(self, sock, kind, offsets, fmt, size):
        sock.setsockopt(SOL_XDP, kind, size)
        self.size = size
        at = {RX: 0, TX: 4, FILL: 8, COMPLETION: 12}[kind]
        self.producer, self.consumer, self.entries, self.flags = offsets[at:at + 4]
        self.format = struct.Struct(fmt)
        self.mem = mmap.mmap(sock.fileno(), self.entries + size * self.format.size, offset=AREAS[kind])

    def word(self, at):
        return struct.unpack_from("I", self.mem, at)[0]

    def put(self, *entry):
        at = self.word(self.producer)
        if at - self.word(self.consumer) & 0xffffffff == self.size:
            return False
        self.format.pack_into(self.mem, self.entries + at % self.size * self.format.size, *entry)
        struct.pack_into("I", self.mem, self.producer, at + 1 & 0xffffffff)
        return True

    def get(self):
        at = self.word(self.consumer)
        if at == self.word(self.producer):
            return None
        entry = self.format.unpack_from(self.mem, self.entries + at % self.size * self.format.size)
        struct.pack_into("I", self.mem, self.consumer, at + 1 & 0xffffffff)
        return entry

    def wants_wakeup(self):
        return self.word(self.flags) & 1


class Socket:
    """
    A socket with rings of SIZE entries: so many chunks are for reception, as many for what it sends. What
    was received is in a ring of HELD.
    """

    def __init__(self, dev, queue, flags, size=ENTRIES, held=None):
        self.sock = socket.socket(AF_XDP, socket.SOCK_RAW)
        self.busy = False
        self.umem = mmap.mmap(-1, CHUNK * 2 * size)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self.umem))
        self.sock.setsockopt(SOL_XDP, UMEM, struct.pack("QQII", start, CHUNK * 2 * size, CHUNK, 0))
        # What the rings look like is known once there are some.
        raw = self.sock.getsockopt(SOL_XDP, OFFSETS, 128)
        offsets = struct.unpack("16Q", raw)
        self.fill = Ring(self.sock, FILL, offsets, "Q", size)
        self.completion = Ring(self.sock, COMPLETION, offsets, "Q", size)
        self.rx = Ring(self.sock, RX, offsets, "QII", held or size)
        self.tx = Ring(self.sock, TX, offsets, "QII", size)
        for i in range(size):
            self.fill.put(i * CHUNK)
        self.free = [(size + i) * CHUNK for i in range(size)]
        name = struct.pack("HHIII", AF_XDP, flags | NEED_WAKEUP, socket.if_nametoindex(dev), queue, 0)
        if xdp.libc.bind(self.sock.fileno(), name, len(name)):
            raise OSError(ctypes.get_errno(), f"bind: {os.strerror(ctypes.get_errno())}")
        options = struct.unpack("I", self.sock.getsockopt(SOL_XDP, OPTIONS, 4))[0]
        self.mode = "driver" if options & 1 else "copy"

    def close(self):
        """The kernel lets the queue go a little later."""
        for ring in (self.fill, self.completion, self.rx, self.tx):
            ring.mem.close()
        self.sock.close()
        self.umem.close()

    def poll_busily(self):
        """From the first frame on, which tells the core whose queue it is."""
        self.sock.setsockopt(socket.SOL_SOCKET, PREFER_BUSY_POLL, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, BUSY_POLL, 20)
        self.sock.setsockopt(socket.SOL_SOCKET, BUSY_POLL_BUDGET, 64)
        self.busy = True

    def found_full(self):
        """Frames for which there was no room in the ring."""
        return struct.unpack("6Q", self.sock.getsockopt(SOL_XDP, STATISTICS, 48))[3]

    def kick(self):
        """Whatever it says: what was not sent is tried again."""
        if xdp.libc.send(self.sock.fileno(), None, 0, socket.MSG_DONTWAIT) < 0:
            return errno.errorcode[ctypes.get_errno()]
        return "OK"

    def reclaim(self):
        while (entry := self.completion.get()) is not None:
            self.free.append(entry[0] - entry[0] % CHUNK)

    def send(self, frame):
        """False if there is no room now."""
        self.reclaim()
        if not self.free:
            self.kick()
            return False
        chunk = self.free.pop()
        self.umem[chunk:chunk + len(frame)] = frame
        if not self.tx.put(chunk, len(frame), 0):
            self.free.append(chunk)
            self.kick()
            return False
        return True

    def take(self, seconds):
        """What the ring says of a frame, or None."""
        end = time.monotonic() + seconds
        while (entry := self.rx.get()) is None:
            left = end - time.monotonic()
            if left <= 0:
                return None
            if self.busy:
                xdp.libc.recv(self.sock.fileno(), None, 0, socket.MSG_DONTWAIT)
            else:
                select.select([self.sock], [], [], min(left, 0.5))
        return entry

    def receive(self, seconds):
        entry = self.take(seconds)
        if entry is None:
            return None
        addr, length, _ = entry
        frame = self.umem[addr:addr + length]
        self.fill.put(addr - addr % CHUNK)
        return frame


def bound(dev, queue, flags, size=ENTRIES, held=None):
    """The kernel lets go of a socket that was there before a little later."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return Socket(dev, queue, flags, size, held)
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > end:
                raise
            time.sleep(0.1)


def program(sock, dev, queue):
    sockets = xdp.new_map(XSKMAP, 4, queue + 1)
    xdp.update(sockets, queue, struct.pack("I", sock.fileno()))
    p = xdp.Program()
    p.put(0xbf, 6, 1)
    p.window(14, "other")
    p.put(0x69, 5, 2, 12)
    p.jump(0x55, "other", 5, imm=socket.htons(0x88b5))
    p.put(0x61, 2, 6, 16)
    p.load64(1, 1, sockets)
    p.put(0xb7, 3, imm=2)
    p.call(xdp.REDIRECT_MAP)
    p.put(0x95)
    p.label("other")
    p.end(2)
    xdp.pin(p.load(xdp.XDP), "xsk")
    subprocess.run(["ip", "-force", "link", "set", "dev", dev, "xdpdrv", "pinned", "/sys/fs/bpf/xsk"], check=True)


def body(number, length):
    return b"HVGN" + struct.pack(">IHH", number, length, 0) + bytes((number + i * 7) & 255 for i in range(26, length))


def wait_sent(xsk, seconds, kick=True):
    end = time.monotonic() + seconds
    while len(xsk.free) < ENTRIES and time.monotonic() < end:
        if kick:
            xsk.kick()
        xsk.reclaim()
        time.sleep(0.02)


def good(frame):
    number, length = struct.unpack(">IH", frame[18:24])
    return frame[14:length] == body(number, length)


def late(xsk, count, end):
    """How many of LATE and COUNT have a chunk of their own, and are whole in it."""
    kept = []

    def take(wanted):
        while len(kept) < wanted and time.monotonic() < end:
            entry = xsk.rx.get()
            if entry is None:
                time.sleep(0.02)
            else:
                kept.append(entry[:2])

    while xsk.found_full() < MISSED and time.monotonic() < end:
        time.sleep(0.02)
    take(LATE)
    print("full", len(kept), flush=True)
    take(LATE + count)
    frames = {at - at % CHUNK: bytes(xsk.umem[at:at + length]) for at, length in kept}
    print("kept", len(kept), "in", len(frames), "chunks", flush=True)
    return sum(good(frame) for frame in frames.values())


def in_order(xsk, count, end):
    """How many came to the chunks in the order in which these were given."""
    done = 0
    for number in range(count):
        entry = xsk.take(end - time.monotonic())
        done += entry is not None and entry[0] // CHUNK == number
    return done


def main(verb, dev, queue, count, seconds, mode, *words):
    queue, count, seconds = int(queue), int(count), float(seconds)
    try:
        xsk = bound(dev, queue, ZEROCOPY if mode == "driver" else COPY, held=LATE if verb == "late" else None)
    except OSError as error:
        sys.exit(f"xsk.py: {error}")
    if "busy" in words:
        xsk.poll_busily()
    program(xsk.sock, dev, queue)
    print("ready", xsk.mode, flush=True)
    end = time.monotonic() + seconds
    done = 0
    with open(f"/sys/class/net/{dev}/address", encoding="ascii") as f:
        mac = bytes.fromhex(f.read().strip().replace(":", ""))
    for path in words:
        while path[0] == "/" and not os.path.exists(path) and time.monotonic() < end:
            time.sleep(0.05)
    if verb == "late":
        done = count = late(xsk, count, end)
    if verb == "order":
        done = count = in_order(xsk, count, end)
    while done < count and time.monotonic() < end:
        if verb in ("tx", "leave"):
            size = 60 + (1514 - 60) * done // max(1, count - 1)
            frame = SINK + mac + struct.pack(">H", 0x88b5) + body(done, size)
        else:
            frame = xsk.receive(end - time.monotonic())
            if frame is None:
                break
        if verb == "rx":
            print(len(frame), "good" if good(frame) else "bad", flush=True)
        elif verb == "forward":
            frame = frame[6:12] + frame[:6] + frame[12:]
        if verb != "rx":
            while not xsk.send(frame) and time.monotonic() < end:
                time.sleep(0.01)
            if verb != "leave" and (xsk.busy or xsk.tx.wants_wakeup()):
                xsk.kick()
        done += 1
    if verb == "leave":
        print("left", done, xsk.kick(), flush=True)
        wait_sent(xsk, end - time.monotonic(), False)
        done = len(xsk.free) - ENTRIES + count
    wait_sent(xsk, 5)
    print("done", done, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
