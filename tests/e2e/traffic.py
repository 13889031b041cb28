#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Checked traffic for the e2e scripts: an echo server and clients that verify each byte.

usage: traffic.py serve
       traffic.py tcp ADDRESS BYTES         send BYTES, read them back, compare
       traffic.py udp ADDRESS COUNT [MAX]   COUNT datagrams of growing size (to MAX), in lockstep
       traffic.py blast ADDRESS SECONDS SIZE   one-way UDP as fast as the socket takes it; prints the count
"""
import os
import random
import select
import socket
import sys
import time

PORT = 7777
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


def tcp(address, count):
    want = random.Random(count).randbytes(count)
    conn = socket.create_connection((address, PORT), timeout=WAIT)
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
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.connect((address, PORT))
    sock.settimeout(WAIT)
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


def blast(address, seconds, size):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.connect((address, PORT + 1))
    sock.settimeout(1)
    sock.setsockopt(socket.SOL_SOCKET, 32, 1 << 24)  # SO_SNDBUFFORCE: the ring is the limit, not the socket
    data, end, sent = bytes(size), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        try:
            sock.send(data)
            sent += 1
        except OSError:
            time.sleep(0.01)
    print(sent)


def main(argv):
    verbs = {"serve": (serve, 0, 0), "tcp": (tcp, 2, 2), "udp": (udp, 2, 3), "blast": (blast, 3, 3)}
    if not argv or argv[0] not in verbs or not verbs[argv[0]][1] <= len(argv) - 1 <= verbs[argv[0]][2]:
        raise SystemExit(__doc__)
    args = [float(a) if argv[0] == "blast" and i == 1 else a if i == 0 else int(a) for i, a in enumerate(argv[1:])]
    verbs[argv[0]][0](*args)


main(sys.argv[1:])
