#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
The other end of tests/bench/vf: runs at the peer, is told over TCP what to do.

	7800	control: a line of JSON each way: {"start": SECONDS between datagrams} or {"stop": 1};
		behind the answer to stop come two arrays: number and time of each datagram that arrived
	7801	datagrams of the guest: their number
	7802	ours to the guest: number and time
	7803	echo over TCP
"""
import array
import json
import select
import socket
import struct
import time


class Peer:
    """One guest at a time."""

    def __init__(self):
        self.control = socket.create_server(("", 7800))
        self.echo = socket.create_server(("", 7803))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.udp.bind(("", 7801))
        self.conns, self.talk, self.to = [], None, None
        self.pace, self.due, self.sent = 0, 0.0, 0
        self.numbers, self.times = array.array("I"), array.array("d")

    def told(self):
        line = self.talk.makefile("rb").readline()
        if not line:
            self.talk.close()
            self.talk, self.pace = None, 0
            return
        word = json.loads(line)
        if "start" in word:
            self.numbers, self.times = array.array("I"), array.array("d")
            self.pace, self.sent, self.due = word["start"], 0, time.monotonic()
            self.to = (self.talk.getpeername()[0], 7802)
            self.talk.sendall(b"{}\n")
        else:
            self.pace = 0
            answer = {"sent": self.sent, "arrived": len(self.numbers)}
            self.talk.sendall(json.dumps(answer).encode() + b"\n" + self.numbers.tobytes() + self.times.tobytes())

    def send(self, now):
        try:
            self.udp.sendto(struct.pack("<Id", self.sent, now).ljust(200, b"\0"), self.to)
        except OSError:
            pass            # counted as sent: the guest misses it
        self.sent += 1
        self.due = max(self.due + self.pace, now)

    def arrived(self):
        data = self.udp.recv(2048)
        self.numbers.append(struct.unpack_from("<I", data)[0])
        self.times.append(time.monotonic())

    def handle(self, sock):
        if sock is self.udp:
            self.arrived()
        elif sock is self.control:
            self.talk = sock.accept()[0]
        elif sock is self.echo:
            conn = sock.accept()[0]
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.conns.append(conn)
        elif sock is self.talk:
            self.told()
        else:
            try:
                data = sock.recv(65536)
                sock.sendall(data)
            except OSError:
                data = b""
            if not data:
                self.conns.remove(sock)
                sock.close()

    def run(self):
        while True:
            now = time.monotonic()
            if self.pace and now >= self.due:
                self.send(now)
            wait = max(0.0, self.due - time.monotonic()) if self.pace else 1.0
            socks = [self.udp, self.control, self.echo, *self.conns] + ([self.talk] if self.talk else [])
            for sock in select.select(socks, [], [], wait)[0]:
                self.handle(sock)


Peer().run()
