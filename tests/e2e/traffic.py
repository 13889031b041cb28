#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Checked traffic for the e2e scripts: an echo server and clients that verify each byte.

usage: traffic.py serve
       traffic.py tcp ADDRESS BYTES         send BYTES, read them back, compare
       traffic.py udp ADDRESS COUNT [MAX]   COUNT datagrams of growing size (to MAX), in lockstep
       traffic.py mixed BYTES ADDRESS...    tcp with BYTES, then 12 datagrams of udp, to each ADDRESS
       traffic.py blast ADDRESS SECONDS SIZE [SEGMENTS]   one-way UDP as fast as the socket takes it; prints the count;
                                           with SEGMENTS so many to a send, which the stack cuts (UDP_SEGMENT)
       traffic.py flows ADDRESS COUNT BYTES    COUNT TCP connections at a time, BYTES through each
       traffic.py ports ADDRESS COUNT SIZE     a datagram of SIZE from each of COUNT unconnected sockets, and back
       traffic.py segments ADDRESS COUNT SIZE  COUNT * SIZE bytes in one send that the stack cuts (UDP_SEGMENT)
       traffic.py stream ADDRESS SECONDS [MS]   a datagram each 2 (MS) ms until then or SIGTERM; prints "ready", then "sent N lost N gap MS"

With OPTIONS=1 in the environment tcp, udp and ports use IP options or an IPv6 extension header.
"""
import os
import random
import select
import signal
import socket
import struct
import sys
import time

PORT = 7777
UDP_SEGMENT = 103
WAIT = float(os.environ.get("SLOW", "1")) * 5


def serve():
    listener = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True, backlog=32)
    datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    datagrams.bind(("::", PORT))
    discard = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    discard.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    discard.bind(("::", PORT + 1))
    pending = {}
    while True:
        ready, writable, _ = select.select([listener, datagrams, discard] + [c for c in pending if len(pending[c]) < 1 << 20],
                                           [c for c in pending if pending[c]], [])
        for sock in ready:
            if sock is listener:
                conn, _ = listener.accept()
                conn.setblocking(False)
                pending[conn] = b""
            elif sock is datagrams:
                data, peer = sock.recvfrom(65535)
                sock.sendto(data, peer)
            elif sock is discard:
                sock.recv(65535)
            else:
                try:
                    data = sock.recv(65536)
                except OSError:
                    data = b""
                if data:
                    pending[sock] += data
                elif not pending[sock]:
                    pending.pop(sock)
                    sock.close()
        for sock in writable:
            if sock in pending:
                try:
                    sent = sock.send(pending[sock])
                    pending[sock] = pending[sock][sent:]
                except OSError:
                    pending.pop(sock)
                    sock.close()


def new_socket(address, kind):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, kind)
    sock.settimeout(WAIT)
    if os.environ.get("OPTIONS") and family == socket.AF_INET:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\x01\x01\x01\x01")
    elif os.environ.get("OPTIONS"):
        # Destination options: two bytes of header, a PadN of six.
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, b"\0\0\x01\x04\0\0\0\0")
    return sock


def tcp(address, count):
    want = random.Random(count).randbytes(count)
    conn = new_socket(address, socket.SOCK_STREAM)
    conn.connect((address, PORT))
    conn.setblocking(False)
    got, sent, last = bytearray(), 0, time.monotonic()
    while len(got) < count:
        readable, writable, _ = select.select([conn], [conn] if sent < count else [], [], 1)
        if readable:
            data = conn.recv(65536)
            if not data:
                raise SystemExit(f"tcp {address}: connection ended after {len(got)} of {count} bytes")
            got += data
        if writable:
            sent += conn.send(want[sent:sent + 65536])
        if readable or writable:
            last = time.monotonic()
        elif time.monotonic() - last > WAIT * 4:
            raise SystemExit(f"tcp {address}: stalled, {sent} sent, {len(got)} of {count} came back")
    if bytes(got) != want:
        at = next(i for i in range(count) if got[i] != want[i])
        raise SystemExit(f"tcp {address}: byte {at} differs")


def udp(address, count, biggest=1400):
    sock = new_socket(address, socket.SOCK_DGRAM)
    sock.connect((address, PORT))
    rng = random.Random(count)
    for i in range(count):
        data = i.to_bytes(4, "big") + rng.randbytes(biggest * i // max(1, count - 1))
        sock.send(data)
        try:
            got = sock.recv(65535)
        except (TimeoutError, OSError) as err:
            raise SystemExit(f"udp {address}: datagram {i} of {len(data)} bytes: {err}")
        if got != data:
            raise SystemExit(f"udp {address}: datagram {i} of {len(data)} bytes came back different ({len(got)})")


def flows(address, count, size):
    want = random.Random(size).randbytes(size)
    conns = []
    for _ in range(count):
        conn = new_socket(address, socket.SOCK_STREAM)
        conn.connect((address, PORT))
        conns.append([conn, 0, bytearray()])
    last = time.monotonic()
    while any(len(c[2]) < size for c in conns):
        busy = [c for c in conns if len(c[2]) < size]
        readable, writable, _ = select.select([c[0] for c in busy], [c[0] for c in busy if c[1] < size], [], 1)
        for c in busy:
            if c[0] in readable:
                data = c[0].recv(65536)
                if not data:
                    raise SystemExit(f"flows {address}: a connection ended early")
                c[2] += data
            if c[0] in writable:
                c[0].setblocking(False)
                c[1] += c[0].send(want[c[1]:c[1] + 16384])
        if readable or writable:
            last = time.monotonic()
        elif time.monotonic() - last > WAIT * 4:
            raise SystemExit(f"flows {address}: stalled, {[len(c[2]) for c in conns]} of {size} came back")
    if any(bytes(c[2]) != want for c in conns):
        raise SystemExit(f"flows {address}: bytes differ")


def ports(address, count, size):
    data = random.Random(size).randbytes(size)
    socks = [new_socket(address, socket.SOCK_DGRAM) for _ in range(count)]
    for i, sock in enumerate(socks):
        for attempt in range(5):    # a lost datagram is none of this verb's business
            sock.sendto(i.to_bytes(4, "big") + data[4:], (address, PORT))
            try:
                got = sock.recv(65535)
                break
            except (TimeoutError, OSError) as err:
                if attempt == 4:
                    raise SystemExit(f"ports {address}: datagram {i} of {size} bytes: {err}") from err
        if got != i.to_bytes(4, "big") + data[4:]:
            raise SystemExit(f"ports {address}: datagram {i} came back different")


def segments(address, count, size):
    sock = new_socket(address, socket.SOCK_DGRAM)
    sock.connect((address, PORT))
    data = random.Random(size).randbytes(count * size)
    sock.sendmsg([data], [(socket.SOL_UDP, UDP_SEGMENT, struct.pack("H", size))])
    for i in range(count):
        try:
            got = sock.recv(65535)
        except (TimeoutError, OSError) as err:
            raise SystemExit(f"segments {address}: {i} of {count} came back: {err}") from err
        if got != data[i * size:(i + 1) * size]:
            raise SystemExit(f"segments {address}: segment {i} came back different ({len(got)})")


def stream(address, seconds, every=2):
    """At most 64 on their way, so that no socket buffer overflows; what is out for WAIT seconds is lost."""
    sock = new_socket(address, socket.SOCK_DGRAM)
    sock.connect((address, PORT))
    sock.setblocking(False)
    stop, out, sent, lost, gap = [], {}, 0, 0, 0.0
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    print("ready", flush=True)
    begin = due = last = now = time.monotonic()
    while out or not (stop or now - begin > seconds):
        now = time.monotonic()
        if not stop and now - begin <= seconds and now >= due and len(out) < 64:
            try:
                sock.send(sent.to_bytes(4, "big") + bytes(96 + sent * 37 % 1200))
                out[sent] = now
                sent += 1
            except OSError:
                pass    # the interface is busy; the gap tells
            due = now + every / 1000
        if select.select([sock], [], [], every / 1000)[0]:
            try:
                out.pop(int.from_bytes(sock.recv(65535)[:4], "big"), None)
            except OSError:
                continue
            gap, last = max(gap, time.monotonic() - last), time.monotonic()
        elif out and now - out[next(iter(out))] > WAIT:
            out.pop(next(iter(out)))
            lost += 1
    print(f"sent {sent} lost {lost} gap {int(gap * 1000)}", flush=True)


def mixed(*args):
    for address in args[1:]:
        tcp(address, int(args[0]))
        udp(address, 12)


def blast(address, seconds, size, segs=1):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.connect((address, PORT + 1))
    sock.settimeout(1)
    sock.setsockopt(socket.SOL_SOCKET, 32, 1 << 24)  # SO_SNDBUFFORCE: the ring is the limit, not the socket
    if segs > 1:
        sock.setsockopt(socket.SOL_UDP, UDP_SEGMENT, size)
    data, end, sent = bytes(size * segs), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        try:
            sock.send(data)
            sent += segs
        except OSError:
            time.sleep(0.01)
    print(sent)


def main(argv):
    verbs = {"mixed": (mixed, 2, 9), "serve": (serve, 0, 0), "tcp": (tcp, 2, 2), "udp": (udp, 2, 3), "blast": (blast, 3, 4),
             "flows": (flows, 3, 3), "ports": (ports, 3, 3), "segments": (segments, 3, 3), "stream": (stream, 2, 3)}
    if not argv or argv[0] not in verbs or not verbs[argv[0]][1] <= len(argv) - 1 <= verbs[argv[0]][2]:
        raise SystemExit(__doc__)
    if argv[0] == "mixed":
        return mixed(*argv[1:])
    args = [float(a) if argv[0] in ("blast", "stream") and i == 1 else a if i == 0 else int(a) for i, a in enumerate(argv[1:])]
    return verbs[argv[0]][0](*args)


main(sys.argv[1:])
