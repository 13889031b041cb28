#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
What a change of the configuration costs the traffic: reconfig.py TIMES CHANGE...

CHANGE is a pair of commands, "there;back", with {dev} for the interface. While they
run, one after the other and TIMES times, numbered frames go both ways, at a pace
that neither side's buffers notice. For each CHANGE a line of JSON tells how many
were sent and how many arrived, and the longest time without a frame.
"""
import json
import socket
import subprocess
import sys
import threading
import time

import loads
from host import Host, HostError

KIND = 0x88B5
PACE = 0.005
HOST_PACE, HOST_FRAMES = 0.04, 10   # each request is a long talk on the serial port
SO_RCVBUFFORCE = 33


class Receiver(threading.Thread):
    """Counts the generator's frames, and the longest gap between two of them."""

    def __init__(self, nic):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(KIND))
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.sock.bind((nic.name, KIND))
        self.sock.settimeout(0.2)
        self.got, self.gap, self.last, self.on = 0, 0.0, time.monotonic(), True

    def run(self):
        while self.on:
            try:
                data, where = self.sock.recvfrom(2048)
            except (TimeoutError, OSError):
                continue
            if where[2] == socket.PACKET_OUTGOING or data[14:18] != b"HVGN":
                continue
            now = time.monotonic()
            self.gap, self.last = max(self.gap, now - self.last), now
            self.got += 1


class HostSender(threading.Thread):
    """Has the generator send a few frames at a time."""

    def __init__(self, nic):
        super().__init__(daemon=True)
        self.host, self.nic = Host(), nic
        self.sent, self.on, self.stuck = 0, True, 0

    def run(self):
        while self.on:
            try:
                self.host.ask("gen.send", dst="nic%d" % self.nic.number, count=HOST_FRAMES, size=200)
            except HostError:
                self.stuck += 1
            self.sent += HOST_FRAMES
            time.sleep(HOST_PACE)


class GuestSender(threading.Thread):
    """Sends numbered frames to the sink. What the device refuses is lost as well."""

    def __init__(self, nic):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.head = loads.mac_bytes(loads.SINK_MAC) + loads.mac_bytes(nic.mac) + b"\x88\xb5HVGN"
        self.where = (nic.name, KIND)
        self.sent, self.refused, self.on = 0, 0, True

    def run(self):
        while self.on:
            size = 60
            frame = self.head + self.sent.to_bytes(4, "big") + size.to_bytes(2, "big") + b"\0\0"
            frame += bytes((self.sent + i * 7) & 255 for i in range(len(frame), size))
            try:
                self.sock.sendto(frame, self.where)
            except OSError:
                self.refused += 1
            self.sent += 1
            time.sleep(PACE)


def change(nic, text, times):
    """Runs the commands. Return: (ms of the longest one, how many failed)."""
    worst, failed = 0.0, 0
    for _ in range(times):
        for command in text.split(";"):
            start = time.monotonic()
            done = subprocess.run(command.replace("{dev}", nic.name).split(), check=False,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            worst = max(worst, time.monotonic() - start)
            failed += done.returncode != 0
            time.sleep(0.2)
    return worst * 1000, failed


def main():
    times, changes = int(sys.argv[1]), sys.argv[2:]
    nic = loads.Nic(0)
    nic.up()
    loads.put("/proc/sys/net/ipv4/conf/%s/arp_notify" % nic.name, "0")
    time.sleep(1)
    host = Host()
    for text in changes:
        host.ask("gen.reset")
        threads = [Receiver(nic), HostSender(nic), GuestSender(nic)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        threads[0].gap = 0.0
        worst, failed = change(nic, text, times)
        time.sleep(0.5)
        gap = threads[0].gap
        for thread in reversed(threads):
            thread.on = False
            thread.join(15)
            time.sleep(0.2)
        sink = host.ask("gen.expect", count=0)
        receiver, rx, tx = threads
        print(json.dumps({"reconfig": text, "times": 2 * times, "failed": failed,
                          "rx_sent": rx.sent, "rx_lost": rx.sent - receiver.got,
                          "tx_sent": tx.sent, "tx_lost": tx.sent - sink["received"],
                          "tx_refused": tx.refused, "stuck": rx.stuck,
                          "worst_ms": round(worst), "gap_ms": round(gap * 1000)}), flush=True)


main()
