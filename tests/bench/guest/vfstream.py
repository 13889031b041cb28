# SPDX-License-Identifier: GPL-2.0
"""
Three streams between the guest and vfpeer.py: datagrams each way, one every so often,
and a TCP connection that is echoed. A process of its own sends and listens until it is
told to end; afterwards it is known when each datagram was sent and whether it arrived.
"""
import array
import bisect
import json
import os
import select
import signal
import socket
import struct
import time

PEER = "192.168.77.1"
TCP_EVERY, TCP_BYTES = 5, 1000     # a block for so many datagrams
LATE = 0.5              # for what is on its way at the end
TCP_INFO, TOTAL_RETRANS = 11, 100


class Way:
    """One direction: sent[n] = when, arrived = [(when, number)] in the receiver's order."""

    def __init__(self, sent, arrived):
        self.sent, self.arrived = sent, arrived
        numbers = {n for _, n in arrived}
        self.lost = [n for n in range(len(sent)) if n not in numbers]
        newest, self.reordered = -1, 0
        for _, n in arrived:
            self.reordered += n < newest
            newest = max(newest, n)

    def window(self, begin, end):
        """(sent, lost, longest gap in s) of those sent from begin to end."""
        first, last = bisect.bisect_left(self.sent, begin), bisect.bisect_left(self.sent, end)
        lost = bisect.bisect_left(self.lost, last) - bisect.bisect_left(self.lost, first)
        times = sorted(t for t, n in self.arrived if first - 1 <= n <= last)
        gaps = [b - a for a, b in zip(times, times[1:])]
        return last - first, lost, max(gaps, default=end - begin)

    def histogram(self, events, begin, step, bins):
        """[sent in bin], [lost in bin], by the time since the event; events = [(time, its end)]."""
        sent, lost = [0] * bins, [0] * bins
        gone = set(self.lost)
        for at, end in events:
            first = bisect.bisect_left(self.sent, at + begin)
            for n in range(first, len(self.sent)):
                place = int((self.sent[n] - at - begin) / step)
                if place >= bins or self.sent[n] >= end:
                    break
                sent[place] += 1
                lost[place] += n in gone
        return sent, lost


def received(udp):
    """The next datagram, or nothing."""
    try:
        return udp.recv(2048, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None


def stream(pace, out):
    """The process: until SIGTERM."""
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    udp.bind(("", 7802))
    talk = socket.create_connection((PEER, 7800))
    tcp = socket.create_connection((PEER, 7803))
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    tcp.setblocking(False)
    talk.sendall(json.dumps({"start": pace}).encode() + b"\n")
    talk.recv(10)
    up, numbers, theirs, times = (array.array(c) for c in "dIdd")
    echoed = array.array("d")
    tcp_due = due = time.monotonic()
    end = None
    while end is None or time.monotonic() < end:
        now = time.monotonic()
        if stop and end is None:
            end = now + LATE
        if now >= due and end is None:
            try:
                udp.sendto(struct.pack("<I", len(up)).ljust(200, b"\0"), (PEER, 7801))
            except OSError:
                pass            # not sent: not arrived
            up.append(now)
            due = max(due + pace, now)
        if now >= tcp_due and end is None:
            try:
                tcp.send(bytes(TCP_BYTES))
            except OSError:
                pass
            tcp_due = now + TCP_EVERY * pace
        wait = max(0.0, min(due, tcp_due) - time.monotonic()) if end is None else 0.05
        for sock in select.select([udp, tcp], [], [], wait)[0]:
            if sock is tcp:
                if tcp.recv(65536):
                    echoed.append(time.monotonic())
                continue
            # All there is: a slow machine shall lose none in the socket.
            while data := received(udp):
                number, when = struct.unpack_from("<Id", data)
                numbers.append(number)
                theirs.append(when)
                times.append(time.monotonic())
    info = tcp.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 256)
    talk.sendall(b'{"stop": 1}\n')
    with talk.makefile("rb") as answer:
        told = json.loads(answer.readline())
        there, there_times = array.array("I"), array.array("d")
        there.frombytes(answer.read(4 * told["arrived"]))
        there_times.frombytes(answer.read(8 * told["arrived"]))
    with open(out, "w") as f:
        json.dump({"up": list(up), "there": list(there), "there_times": list(there_times), "sent": told["sent"],
                   "numbers": list(numbers), "theirs": list(theirs), "times": list(times),
                   "echoed": list(echoed), "retrans": struct.unpack_from("<I", info, TOTAL_RETRANS)[0]}, f)


class Streams:
    """The process, and what it found: up, down (Way), echoed (times), retrans."""

    def __init__(self, pace, out="/tmp/vfstream.json"):
        self.pace, self.out = pace, out
        self.pid = os.fork()
        if not self.pid:
            status = 1
            try:
                stream(pace, out)
                status = 0
            finally:
                os._exit(status)

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        if os.waitpid(self.pid, 0)[1]:
            raise OSError("the streams broke")
        with open(self.out) as f:
            told = json.load(f)
        self.up = Way(told["up"], list(zip(told["there_times"], told["there"])))
        self.down = self.downwards(told)
        self.echoed, self.retrans = told["echoed"], told["retrans"]

    def downwards(self, told):
        """The peer's clock is another one: the shortest journey tells how far it is off."""
        numbers = told["numbers"]
        off = min(t - s for s, t in zip(told["theirs"], told["times"]))
        known = dict(zip(numbers, told["theirs"]))
        sent, last = [], min(told["theirs"]) - self.pace
        for n in range(told["sent"]):
            last = known.get(n, last + self.pace)
            sent.append(last + off)
        for n in range(len(sent) - 2, -1, -1):
            sent[n] = min(sent[n], sent[n + 1])
        return Way(sent, list(zip(told["times"], numbers)))

    def stall(self, begin, end):
        """The longest time without an echo over TCP, in s."""
        first = max(0, bisect.bisect_left(self.echoed, begin) - 1)
        times = [t for t in self.echoed[first:bisect.bisect_right(self.echoed, end) + 1]]
        return max((b - a for a, b in zip(times, times[1:])), default=end - begin)
