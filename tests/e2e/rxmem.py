#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Received frames whose checksums the host calls stale, for 45-rx-memory.

usage: rxmem.py talk DEV NIC CSUM WORD[,WORD]... [CSUM WORD[,WORD]...]...
           For each pair a connection to a server here: the host sends the SYN, an ACK and "hi", each with stale sums, the
           bits CSUM and bytes of padding behind. Prints what the server read, a line each, in hex; "-" if nobody came.
           words: ip4 ip6 options tci=N (beside the frame) tag=N (in it) to=DEV (its addresses are meant)
       rxmem.py sniff DEV SECONDS COUNT
           prints "LENGTH MSS none|valid|partial right|wrong good|bad TAGS" of TCP frames: what the stack was told of the
           checksum, whether lengths and sums are right, whether the payload is that of gen.tcp, tags in the frame
       rxmem.py send NIC HEX CSUM      one frame
       rxmem.py want DEV SECONDS HEX   the frame comes, and is that
       rxmem.py starve CPU TASK SECONDS GO   moves the kernel's task TASK to the CPU and, from when the file GO is there,
                                          keeps that busy
"""
import glob
import os
import socket
import struct
import subprocess
import sys
import time

# What is listened to has room until somebody has time to read it.
RCVBUFFORCE, ENOUGH = 33, 8 << 20
PORT = 7045
OTHER = bytes.fromhex("020000004502")
PAD = b"\xee" * 6
STALE = 0xbeef
SLOW = int(os.environ.get("SLOW", "1"))
SYN, ACK, PSH = 0x02, 0x10, 0x08


def total(data):
    """The sum that IP, TCP and UDP take, folded."""
    n = sum(struct.unpack(f">{len(data) // 2}H", data[:len(data) & ~1])) + (data[-1] << 8 if len(data) & 1 else 0)
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return n


def host_send(nic, frame, csum, tci=None):
    words = ["hvctl", "gen.send", f"dst=nic{nic}", f"hex={frame.hex()}", f"csum={csum}"]
    subprocess.run(words + ([f"tci={tci}"] if tci else []), check=True, stdout=subprocess.DEVNULL)


def address_of(dev, family):
    out = subprocess.run(["ip", "-o", f"-{family}", "addr", "show", "dev", dev, "scope", "global"], check=True,
                         capture_output=True, text=True).stdout
    return out.split()[3].split("/")[0]


class Talk:
    """One connection; addresses end in 1 here and in 2 there."""

    def __init__(self, dev, nic, csum, words):
        self.nic, self.csum = nic, int(csum, 0)
        options = dict(word.partition("=")[::2] for word in words.split(","))
        self.v6, self.long = "ip6" in options, "options" in options
        self.tci, self.tag = options.get("tci"), options.get("tag")
        self.local = options.get("to", dev)
        self.port = 1024 + int.from_bytes(os.urandom(2), "big") % 60000
        with open(f"/sys/class/net/{dev}/address", encoding="ascii") as f:
            self.mac = bytes.fromhex(f.read().strip().replace(":", ""))
        self.family = socket.AF_INET6 if self.v6 else socket.AF_INET
        self.here = address_of(self.local, 6 if self.v6 else 4)
        self.there = self.here[:-1] + "2"

    def send(self, seq, ack, flags, data=b""):
        nops = b"\1" * 4 if self.long else b""
        tcp = struct.pack(">HHIIBBHHH", self.port, PORT, seq, ack, (20 + len(nops)) << 2, flags, 8192, STALE, 0) + nops + data
        src, dst = (socket.inet_pton(self.family, a) for a in (self.there, self.here))
        if self.v6:
            # Hop by hop: PadN of six.
            more = bytes([6, 0, 1, 4, 0, 0, 0, 0]) if self.long else b""
            ip = struct.pack(">IHBB", 6 << 28, len(more) + len(tcp), 0 if more else 6, 64) + src + dst + more
        else:
            head = struct.pack(">BBHHHBBH", 0x45 + len(nops) // 4, 0, 20 + len(nops) + len(tcp), 0, 0, 64, 6, 0) + src + dst + nops
            good = ~total(head) & 0xffff
            ip = head[:10] + struct.pack(">H", STALE if self.csum & 0x100 else good) + head[12:]
        tag = struct.pack(">HH", 0x8100, int(self.tag)) if self.tag else b""
        frame = self.mac + OTHER + tag + (b"\x86\xdd" if self.v6 else b"\x08\x00") + ip + tcp
        host_send(self.nic, frame + PAD + bytes(max(0, 60 - len(frame + PAD))), self.csum, self.tci)

    def answer(self, sniffer, end):
        """Sequence number of our SYN/ACK."""
        while time.monotonic() < end:
            sniffer.settimeout(max(0.01, end - time.monotonic()))
            try:
                frame = sniffer.recv(2000)
            except TimeoutError:
                break
            at = 54 if self.v6 else 34
            if len(frame) >= at + 20 and struct.unpack(">HH", frame[at:at + 4]) == (PORT, self.port):
                return struct.unpack(">I", frame[at + 4:at + 8])[0]
        return None

    def run(self):
        server = socket.socket(self.family)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((self.here, PORT))
        server.listen()
        server.settimeout(3 * SLOW)
        sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        sniffer.bind((self.local, 3))
        self.send(100, 0, SYN)
        seq = self.answer(sniffer, time.monotonic() + 3 * SLOW)
        if seq is None:
            return "-"
        self.send(101, seq + 1 & 0xffffffff, ACK)
        self.send(101, seq + 1 & 0xffffffff, ACK | PSH, b"hi")
        try:
            conn, _ = server.accept()
        except TimeoutError:
            return "-"
        data = b""
        conn.settimeout(0.5 * SLOW)
        try:
            while chunk := conn.recv(100):
                data += chunk
        except TimeoutError:
            pass
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        conn.close()
        return data.hex() or "nothing"


def judge(data):
    """What sniff prints of a frame behind ten bytes of what the stack knows; None if it is no TCP."""
    told = "partial" if data[0] & 1 else "valid" if data[0] & 2 else "none"
    mss = struct.unpack("<H", data[4:6])[0] if data[1] else 0
    frame, at, tags = data[10:], 12, 0
    while frame[at:at + 2] == b"\x81\x00":
        at, tags = at + 4, tags + 1
    kind = struct.unpack(">H", frame[at:at + 2])[0]
    ip = frame[at + 2:]
    if kind == 0x800 and ip[9] == 6:
        head, length = 20, struct.unpack(">H", ip[2:4])[0]
        right = total(ip[:20]) == 0xffff
        pseudo = ip[12:20]
    elif kind == 0x86dd and ip[6] == 6:
        head, length = 40, struct.unpack(">H", ip[4:6])[0] + 40
        right = True
        pseudo = ip[8:40]
    else:
        return None
    right = right and length == len(ip)
    tcp = ip[head:]
    pseudo += struct.pack(">II", length - head, 6)
    if told == "partial":
        right = right and total(pseudo) == struct.unpack(">H", tcp[16:18])[0]
    elif told == "none":
        right = right and total(pseudo + tcp) == 0xffff
    seq, = struct.unpack(">I", tcp[4:8])
    payload = tcp[(tcp[12] >> 4) * 4:]
    pattern = bytes(p % 251 for p in range(251))
    want = (pattern * (len(payload) // 251 + 2))[seq % 251:seq % 251 + len(payload)]
    return f"{len(frame)} {mss} {told} {'right' if right else 'wrong'} {'good' if payload == want and payload else 'bad'} {tags}"


def each_frame(dev, seconds):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.bind((dev, 3))
    sock.setsockopt(263, 15, 1)  # SOL_PACKET, PACKET_VNET_HDR
    sock.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, ENOUGH)
    print("ready", flush=True)
    end = time.monotonic() + seconds * SLOW
    while time.monotonic() < end:
        sock.settimeout(max(0.01, end - time.monotonic()))
        try:
            yield sock.recv(200000)
        except TimeoutError:
            return


def sniff(dev, seconds, count):
    for data in each_frame(dev, int(seconds)):
        line = judge(data)
        if line:
            print(line, flush=True)
            count -= 1
        if not count:
            return


def want(dev, seconds, text):
    frame = bytes.fromhex(text)
    for data in each_frame(dev, int(seconds)):
        if data[10:] == frame:
            print("it came", flush=True)
            return
    print("it did not come", flush=True)


def starve(cpu, task, seconds, go):
    """Until SECONDS are over or somebody ends us, a task of the kernel may not run whatever wakes it."""
    names = {}
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            with open(path, encoding="utf-8") as f:
                names[f.read().strip()] = int(path.split("/")[2])
        except OSError:
            pass	# it has ended
    pid = next(pid for name, pid in names.items() if name.startswith(task))
    os.sched_setaffinity(pid, {cpu})
    print("ready", flush=True)
    while not os.path.exists(go):
        time.sleep(0.1)
    os.sched_setaffinity(0, {cpu})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    print("starving", flush=True)
    end = time.monotonic() + seconds * SLOW
    while time.monotonic() < end:
        pass


def main(argv):
    verb, rest = argv[0], argv[1:]
    if verb == "talk":
        for csum, words in zip(rest[2::2], rest[3::2]):
            print(Talk(rest[0], rest[1], csum, words).run(), flush=True)
    elif verb == "sniff":
        sniff(rest[0], rest[1], int(rest[2]))
    elif verb == "send":
        host_send(rest[0], bytes.fromhex(rest[1]), int(rest[2], 0))
    elif verb == "starve":
        starve(int(rest[0]), rest[1], int(rest[2]), rest[3])
    else:
        want(*rest)


if __name__ == "__main__":
    main(sys.argv[1:])
