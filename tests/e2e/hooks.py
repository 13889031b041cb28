#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Frames of two kinds for 51-vf-hooks, and who looks at them: told from all others by their lengths.

usage: hooks.py burst DEV COUNT ADDRESS   for each line that it reads sends COUNT numbered frames of 1400 bytes from DEV
                                          to the host's sink, and COUNT datagrams, 1450 bytes as a frame, to ADDRESS.
                                          Words of a line: cpu=N sends from there, stamp asks for stamps of the qdisc
                                          layer. Answers "sent", with the number of these stamps
       hooks.py tap DEV [FROM]            writes how many of them have left by DEV, all told, FROM: "any", a socket that
                                          is bound to none
       hooks.py tcx DEV                   drops them by a program at the egress of DEV, until a signal ends it
"""
import os
import select
import signal
import socket
import struct
import sys

import frames
import xdp

FRAME, DATAGRAM = 1400, 1450
LENGTHS = (FRAME, DATAGRAM)
OUTGOING = 4
TIMESTAMPING = 37
STAMP_SCHED, STAMP_SOFTWARE, STAMP_TSONLY = 1 << 8, 1 << 4, 1 << 11


def stamps(sock):
    """How many of the error queue are stamps of the qdisc layer."""
    found = 0
    while select.select([sock], [], [], 0.3)[0]:
        try:
            _, extra, _, _ = sock.recvmsg(2048, 512, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
        except BlockingIOError:
            break
        # struct sock_extended_err behind IP_RECVERR: origin 4 is a stamp, info 1 that of the qdisc layer.
        for level, kind, data in extra:
            if (level, kind) == (socket.IPPROTO_IP, 11) and data[4] == 4:
                found += struct.unpack("I", data[8:12])[0] == 1
    return found


def burst(dev, count, address):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    raw.bind((dev, 0))
    mac = frames.ioctl(dev, frames.SIOCGIFHWADDR, b"")[18:24]
    head = frames.SINK + mac + struct.pack(">H", frames.ETHERTYPE)
    cpus = os.sched_getaffinity(0)
    print("ready", flush=True)
    for line in sys.stdin:
        words = dict(w.partition("=")[::2] for w in line.split())
        os.sched_setaffinity(0, {int(words["cpu"])} if "cpu" in words else cpus)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            if "stamp" in words:
                udp.setsockopt(socket.SOL_SOCKET, TIMESTAMPING, STAMP_SCHED | STAMP_SOFTWARE | STAMP_TSONLY)
            for i in range(count):
                raw.send(head + frames.body(i, FRAME))
                udp.sendto(bytes(DATAGRAM - 42), (address, 7778))
            print("sent", stamps(udp) if "stamp" in words else 0, flush=True)


def tap(dev, bound):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    if bound != "any":
        sock.bind((dev, 3))
    sock.setsockopt(socket.SOL_SOCKET, frames.RCVBUFFORCE, frames.ENOUGH)
    seen = 0
    print(seen, flush=True)
    while True:
        data, where = sock.recvfrom(65535)
        if where[0] == dev and where[2] == OUTGOING and len(data) in LENGTHS:
            seen += 1
            print(seen, flush=True)


def tcx(dev):
    def code(op, dst=0, src=0, off=0, imm=0):
        return struct.pack("BBhi", op, dst | src << 4, off, imm)

    program = b"".join((
        code(0x61, 2, 1),                       # w2 = skb->len
        code(0xb7, 0, imm=2),                   # r0 = TCX_DROP
        code(0x15, 2, off=2, imm=FRAME),        # to exit
        code(0x15, 2, off=1, imm=DATAGRAM),
        code(0xb7, 0, imm=-1),                  # r0 = TCX_NEXT
        code(0x95)))
    buf, name = xdp.ctypes.create_string_buffer(program), xdp.ctypes.create_string_buffer(b"GPL")
    prog = xdp.bpf(xdp.PROG_LOAD, struct.pack("IIQQ", xdp.CLASSIFIER, len(program) // 8, xdp.address(buf), xdp.address(name)))
    link = xdp.bpf(28, struct.pack("IIII", prog, socket.if_nametoindex(dev), 47, 0))   # LINK_CREATE, TCX_EGRESS
    print("attached", flush=True)
    signal.sigwait({signal.SIGTERM})
    os.close(link)


VERBS = {"burst": lambda dev, count, address: burst(dev, int(count), address),
         "tap": lambda dev, bound="dev": tap(dev, bound), "tcx": tcx}
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM} if sys.argv[1:2] == ["tcx"] else set())
if sys.argv[1:2] and sys.argv[1] in VERBS:
    VERBS[sys.argv[1]](*sys.argv[2:])
else:
    raise SystemExit(__doc__)
