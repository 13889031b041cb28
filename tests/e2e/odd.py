#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Frames that are not what their sender says of them, for the e2e scripts.

usage: odd.py FROM-NS FROM-DEV FROM-NIC TO-NS TO-DEV [CASE...]

Sends each case from FROM-DEV by a packet socket with a header of virtio (PACKET_VNET_HDR), which is how
CAP_NET_RAW and the taps of nested VMs hand frames in, looks at TO-DEV what arrived, asks ethtool what was
counted and the host what it was asked for and what it found wrong. Both must have one queue: what comes
last was sent last, and nothing is on its way any more. Prints a line per case and per question: "ok NAME" or "not ok NAME: why".
"""
import array
import collections
import ctypes
import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time

SIOCETHTOOL, SIOCGIFHWADDR = 0x8946, 0x8927
GSSET_INFO, GSTRINGS, GSTATS = 0x37, 0x1b, 0x1d
CLONE_NEWNET = 0x40000000
SOL_PACKET, PACKET_VNET_HDR = 263, 15
IP4, IP6, OTHER, VLAN = 0x0800, 0x86dd, 0x88b5, 0x8100
TCP, UDP = 6, 17
TCP_SUM, UDP_SUM = 16, 6
NO_GSO, TSO4, UFO, TSO6, USO = 0, 1, 3, 4, 5
# In each frame and in each segment; its last byte becomes the number of the case.
MARK = b"HVOD@"
MAX = 1514
SLOW = int(os.environ.get("SLOW", "1"))
libc = ctypes.CDLL(None, use_errno=True)


def enter(path):
    with open(path, "rb") as there:
        if libc.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def inside(ns, make):
    """What MAKE returns when it is called in the network namespace NS."""
    with open("/proc/self/ns/net", "rb") as home:
        enter(f"/run/netns/{ns}")
        made = make()
        enter(f"/proc/self/fd/{home.fileno()}")
    return made


def ones_sum(data):
    data += b"\0" * (len(data) & 1)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


# ---- making frames ----

def ip4(proto, l4_bytes, first=0x45, flags=0, options=b"", total=None):
    """FIRST: version and header length, FLAGS: fragment word, TOTAL: length field."""
    total = 20 + len(options) + l4_bytes if total is None else total
    head = struct.pack(">BBHHHBBH4s4s", first, 0, total, 0x1234, flags, 64, proto, 0,
                       socket.inet_aton("10.9.0.1"), socket.inet_aton("10.9.0.200")) + options
    return head[:10] + struct.pack(">H", ones_sum(head) ^ 0xffff) + head[12:]


def ip6(proto, l4_bytes, first=0x60, extension=b""):
    return struct.pack(">BxxxHBB16s16s", first, (len(extension) + l4_bytes) & 0xffff, 0 if extension else proto, 64,
                       socket.inet_pton(socket.AF_INET6, "fd09::1"),
                       socket.inet_pton(socket.AF_INET6, "fd09::200")) + extension


def seed(proto, l4_bytes, six):
    """Folded sum of the pseudo-header, not complemented: what a sender leaves in the field."""
    if six:
        ends = socket.inet_pton(socket.AF_INET6, "fd09::1") + socket.inet_pton(socket.AF_INET6, "fd09::200")
    else:
        ends = socket.inet_aton("10.9.0.1") + socket.inet_aton("10.9.0.200")
    return ones_sum(ends + struct.pack(">IHH", l4_bytes, 0, proto))


def tcp(payload, six=False, doff=5, options=b""):
    value = seed(TCP, 20 + len(options) + len(payload), six)
    return struct.pack(">HHIIBBHHH", 4321, 9, 1000, 0, doff << 4, 0x10, 1000, value, 0) + options + payload


def udp(payload, six=False):
    return struct.pack(">HHHH", 4321, 9, (8 + len(payload)) & 0xffff, seed(UDP, 8 + len(payload), six)) + payload


def body(length):
    return ((MARK + bytes(range(65, 100))) * (length // 40 + 1))[:length]


def numbered(data, index):
    return data.replace(MARK, MARK[:4] + bytes((128 + index,)))


HOP = bytes((TCP, 0, 1, 4, 0, 0, 0, 0))     # one hop-by-hop header, padding within
NOPS = b"\1\1\1\0"

Case = collections.namedtuple("Case", "name proto kind l3 l4 gso mss start field want asks count",
                              defaults=(NO_GSO, 0, None, None, "whole", "", ""))
# want: "whole": arrives with the sum at START + FIELD done; "cut": as segments that are good;
#	"none": nothing arrives; "any": not our affair
# asks: "csum", "lso" or "": what the host must have been asked for; "?": whatever it likes
# count: the counter of ethtool -S that must grow, if any


def cases():
    small, large = body(200), body(6000)
    t4, u4, t6, u6 = tcp(small), udp(small), tcp(small, True), udp(small, True)
    big4, big6 = tcp(large), tcp(large, True)
    v4, v6 = ip4(TCP, len(t4)), ip6(TCP, len(t6))
    yield Case("TCP over IPv4", IP4, IP4, v4, t4, start=34, field=TCP_SUM, asks="csum")
    yield Case("UDP over IPv4", IP4, IP4, ip4(UDP, len(u4)), u4, start=34, field=UDP_SUM, asks="csum")
    yield Case("TCP over IPv6", IP6, IP6, v6, t6, start=54, field=TCP_SUM, asks="csum")
    yield Case("UDP over IPv6", IP6, IP6, ip6(UDP, len(u6)), u6, start=54, field=UDP_SUM, asks="csum")
    yield Case("large send over IPv4", IP4, IP4, ip4(TCP, len(big4)), big4, TSO4, 1400, 34, TCP_SUM, "cut", "lso")
    yield Case("large send over IPv6", IP6, IP6, ip6(TCP, len(big6)), big6, TSO6, 1400, 54, TCP_SUM, "cut", "lso")
    yield Case("large send whose sum is not left to us", IP4, IP4, ip4(TCP, len(big4)), big4, TSO4, 1400, want="cut", asks="?")
    yield Case("large send over IPv6 whose sum is not left to us", IP6, IP6, ip6(TCP, len(big6)), big6, TSO6, 1400,
               want="cut", asks="?")
    # Not what the Ethernet type says.
    yield Case("sum on another Ethernet type", IP4, OTHER, v4, t4, start=34, field=TCP_SUM)
    yield Case("large send on another Ethernet type", IP4, OTHER, ip4(TCP, len(big4)), big4, TSO4, 1400, 34, TCP_SUM, "cut")
    yield Case("large send on another Ethernet type whose sum is not left to us", IP4, OTHER, ip4(TCP, len(big4)), big4,
               TSO4, 1400, want="cut")
    yield Case("IPv4 under the Ethernet type of IPv6", IP4, IP6, v4, t4, start=34, field=TCP_SUM)
    yield Case("version 6 in an IPv4 header", IP4, IP4, ip4(TCP, len(t4), first=0x65), t4, start=34, field=TCP_SUM)
    yield Case("version 4 in an IPv6 header", IP6, IP6, ip6(TCP, len(t6), first=0x40), t6, start=54, field=TCP_SUM)
    # Fragments.
    for name, flags in (("first fragment", 0x2000), ("last fragment", 0x0064)):
        yield Case(f"sum of UDP in the {name}", IP4, IP4, ip4(UDP, len(u4), flags=flags), u4, start=34, field=UDP_SUM)
        yield Case(f"sum of TCP in the {name}", IP4, IP4, ip4(TCP, len(t4), flags=flags), t4, start=34, field=TCP_SUM)
        yield Case(f"large send in the {name}", IP4, IP4, ip4(TCP, len(big4), flags=flags), big4, TSO4, 1400, 34,
                   TCP_SUM, "any")
        yield Case(f"large send in the {name} whose sum is not left to us", IP4, IP4, ip4(TCP, len(big4), flags=flags),
                   big4, TSO4, 1400, want="any")
    # Where the headers end.
    longer = ip4(TCP, len(t4), first=0x46, options=NOPS)
    yield Case("options, sum behind them", IP4, IP4, longer, t4, start=38, field=TCP_SUM)
    yield Case("options, sum as if there were none", IP4, IP4, longer, t4, start=34, field=TCP_SUM)
    yield Case("header length of 24 with 20 there", IP4, IP4, ip4(TCP, len(t4), first=0x46), t4, start=34, field=TCP_SUM)
    yield Case("header length of 16", IP4, IP4, ip4(TCP, len(t4), first=0x44), t4, start=34, field=TCP_SUM)
    longer = ip4(TCP, len(big4), first=0x46, options=NOPS)
    yield Case("large send with options", IP4, IP4, longer, big4, TSO4, 1400, 38, TCP_SUM, "cut")
    yield Case("large send with options as if there were none", IP4, IP4, longer, big4, TSO4, 1400, 34, TCP_SUM, "any")
    yield Case("sum behind an extension header", IP6, IP6, ip6(TCP, len(t6), extension=HOP), t6, start=62, field=TCP_SUM)
    yield Case("sum as if there were no extension header", IP6, IP6, ip6(TCP, len(t6), extension=HOP), t6, start=54,
               field=TCP_SUM)
    longer = ip6(TCP, len(big6), extension=HOP)
    yield Case("large send behind an extension header", IP6, IP6, longer, big6, TSO6, 1400, 62, TCP_SUM, "cut")
    yield Case("the same, its sum is not left to us", IP6, IP6, longer, big6, TSO6, 1400, want="cut")
    # Where the sum is.
    yield Case("TCP with the sum where UDP has it", IP4, IP4, v4, t4, start=34, field=UDP_SUM)
    yield Case("UDP with the sum where TCP has it", IP4, IP4, ip4(UDP, len(u4)), u4, start=34, field=TCP_SUM)
    yield Case("sum from the IP header on", IP4, IP4, v4, t4, start=26, field=TCP_SUM)
    yield Case("sum from the payload on", IP4, IP4, v4, t4, start=100, field=UDP_SUM)
    # Lengths.
    yield Case("IP length short of the frame", IP4, IP4, ip4(TCP, len(t4), total=100), t4, start=34, field=TCP_SUM)
    yield Case("IP length beyond the frame", IP4, IP4, ip4(TCP, len(t4), total=900), t4, start=34, field=TCP_SUM)
    yield Case("IP length 0", IP4, IP4, ip4(TCP, len(t4), total=0), t4, start=34, field=TCP_SUM)
    yield Case("TCP header longer than the frame", IP4, IP4, ip4(TCP, 40), tcp(body(20), doff=15), start=34, field=TCP_SUM)
    yield Case("TCP header of 0 bytes", IP4, IP4, v4, tcp(small, doff=0), start=34, field=TCP_SUM)
    yield Case("TCP with half a header", IP4, IP4, ip4(TCP, 18), tcp(b"")[:8] + MARK + tcp(b"")[13:18],
               start=34, field=TCP_SUM)
    # More than the MTU.
    yield Case("segments longer than the MTU", IP4, IP4, ip4(TCP, len(big4)), big4, TSO4, 3000, 34, TCP_SUM, "none",
               count="tx_too_long")
    yield Case("segments one byte too long", IP4, IP4, ip4(TCP, len(big4)), big4, TSO4, 1461, 34, TCP_SUM, "none",
               count="tx_too_long")
    yield Case("segments as long as may be", IP4, IP4, ip4(TCP, len(big4)), big4, TSO4, 1460, 34, TCP_SUM, "cut", "lso")
    yield Case("segments over IPv6 longer than the MTU", IP6, IP6, ip6(TCP, len(big6)), big6, TSO6, 3000, 54, TCP_SUM,
               "none", count="tx_too_long")
    yield Case("UDP that the core cuts longer than the MTU", IP4, IP4, ip4(UDP, 6008), udp(large), USO, 3000, 34, UDP_SUM,
               "none", count="tx_too_long")
    yield Case("UDP that the core cuts", IP4, IP4, ip4(UDP, 6008), udp(large), USO, 1000, 34, UDP_SUM, "any", "csum")
    yield Case("fragments that the core makes longer than the MTU", IP4, IP4, ip4(UDP, 6008), udp(large), UFO, 3008, 34,
               UDP_SUM, "none", count="tx_too_long")
    yield Case("a long frame said to be cut, in one piece", IP4, IP4, ip4(TCP, 4020), tcp(body(4000)), TSO4, 5000, 34,
               TCP_SUM, "none", count="tx_too_long")
    yield Case("a long frame of another type", OTHER, OTHER, b"", body(4000), TSO4, 5000, 34, TCP_SUM, "none",
               count="tx_too_long")
    yield Case("a frame as long as may be", OTHER, OTHER, b"", body(1500), TSO4, 5000, 34, TCP_SUM)


# ---- what became of them ----

def good_segment(frame, six):
    """Is it one that a wire could carry? Returns its payload, or None."""
    l3 = frame[14:]
    if six:
        at, total = (48 if l3[6] == 0 else 40), 40 + struct.unpack(">H", l3[4:6])[0]
        ends = l3[8:40]
    else:
        at, total = (l3[0] & 15) * 4, struct.unpack(">H", l3[2:4])[0]
        ends = l3[12:20]
        if ones_sum(l3[:at]) != 0xffff:
            return None
    if len(frame) > MAX or total != len(l3):
        return None
    l4 = l3[at:]
    if ones_sum(ends + struct.pack(">IHH", len(l4), 0, TCP) + l4) != 0xffff:
        return None
    return l4[(l4[12] >> 4) * 4:]


def with_sum(frame, start, field):
    """What checksumming by START and FIELD makes of a frame."""
    at = start + field
    value = ones_sum(frame[start:]) ^ 0xffff
    return frame[:at] + struct.pack(">H", value or 0xffff) + frame[at + 2:], frame[:at] + struct.pack(">H", value) + frame[at + 2:]


def arrived_right(case, index, frame, got):
    if case.want == "any":
        return ""
    if case.want == "none":
        return f"{len(got)} frames arrived" if got else ""
    if case.want == "whole":
        wanted = (frame,) if case.start is None else with_sum(frame, case.start, case.field)
        if len(got) != 1:
            return f"{len(got)} frames arrived"
        return "" if got[0] in wanted else f"arrived as {got[0].hex()}, wanted {wanted[0].hex()}"
    payloads = [good_segment(g, case.kind == IP6) for g in got]
    if None in payloads:
        return f"segment {payloads.index(None)} of {len(got)} is bad: {got[payloads.index(None)][:90].hex()}"
    return "" if b"".join(payloads) == numbered(body(6000), index) else f"{len(got)} segments, {sum(map(len, payloads))} bytes, not the ones sent"


class Bench:
    def __init__(self, from_ns, from_dev, nic, to_ns, to_dev):
        self.dev, self.nic = from_dev, nic
        self.out = inside(from_ns, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
        self.control = inside(from_ns, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.out.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.sniffer = inside(to_ns, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
        self.sniffer.bind((to_dev, 3))
        self.sniffer.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)     # SO_RCVBUFFORCE
        self.src, self.dst = self.mac(self.control, from_dev), self.sniffer.getsockname()[4]
        names = self.strings()
        self.names = {name: i for i, name in enumerate(names)}

    @staticmethod
    def mac(sock, dev):
        return fcntl.ioctl(sock, SIOCGIFHWADDR, struct.pack("16s24s", dev.encode(), b""))[18:24]

    def ethtool(self, data):
        buf = array.array("B", data)
        fcntl.ioctl(self.control, SIOCETHTOOL, struct.pack("16sP16s", self.dev.encode(), buf.buffer_info()[0], b""))
        return buf.tobytes()

    def strings(self):
        cnt = struct.unpack("I", self.ethtool(struct.pack("=IIQI", GSSET_INFO, 0, 2, 0))[16:20])[0]
        raw = self.ethtool(struct.pack("3I", GSTRINGS, 1, cnt) + bytes(32 * cnt))[12:]
        return [raw[i * 32:i * 32 + 32].split(b"\0")[0].decode() for i in range(cnt)]

    def counters(self):
        cnt = len(self.names)
        return struct.unpack(f"{cnt}Q", self.ethtool(struct.pack("2I", GSTATS, cnt) + bytes(8 * cnt))[8:])

    def host(self):
        """Large sends and sums it was asked for, and how often each rule was broken, so far."""
        told = json.loads(subprocess.check_output(["hvctl", "stats", f"nic={self.nic}"]))
        wrong = json.loads(subprocess.check_output(["hvctl", "violations"]))
        return told["lso_frames"], told["csum_frames"], collections.Counter({v["name"]: v["count"] for v in wrong["list"]})

    def send(self, case, index):
        """Returns the frame, why it was refused, and how far its counter grew."""
        frame = numbered(self.dst + self.src + struct.pack(">H", case.kind) + case.l3 + case.l4, index)
        header = struct.pack("<BBHHHH", case.start is not None, case.gso, min(len(frame), 128), case.mss,
                             case.start or 0, case.field or 0)
        before, refused = self.counters(), ""
        try:
            self.out.sendto(header + frame, (self.dev, case.proto, 0, 0, self.dst))
        except OSError as err:
            refused = err.strerror
        return frame, refused, self.grown(case.count, before) if case.count and not refused else 0

    def grown(self, name, before):
        """How far the counter NAME is above BEFORE. A queue that the host keeps full sends the frame later."""
        at, limit = self.names[name], time.monotonic() + 20 * SLOW
        while True:
            grown = self.counters()[at] - before[at]
            if grown or time.monotonic() > limit:
                return grown
            time.sleep(0.01)

    def collect(self, seconds):
        """All that came, by the number of its case."""
        end = self.dst + self.src + struct.pack(">H", OTHER) + b"HVEND".ljust(64, b"\0")
        self.out.sendto(bytes(10) + end, (self.dev, OTHER, 0, 0, self.dst))
        got, limit = collections.defaultdict(list), time.monotonic() + seconds
        while time.monotonic() < limit:
            self.sniffer.settimeout(max(0.01, limit - time.monotonic()))
            try:
                frame = self.sniffer.recv(65536)
            except TimeoutError:
                break
            at = frame.find(MARK[:4])
            if frame[6:12] == self.src and 0 <= at < len(frame) - 4:
                got[frame[at + 4] - 128].append(frame)
            elif b"HVEND" in frame:
                break
        return got

    def run(self, group):
        """GROUP: (index, case); all of them at once, then a verdict on each. Returns what the host was asked."""
        lso, csum, wrong = self.host()
        # Those that are counted leave a queue that holds nothing else.
        for counted in (False, True):
            sent = [(index, case, *self.send(case, index)) for index, case in group if bool(case.count) == counted]
            got = self.collect(20 * SLOW) if sent else {}
            for index, case, frame, refused, grown in sent:
                tell(case.name, verdict(case, index, frame, refused, grown, got[index]))
        lso_now, csum_now, wrong_now = self.host()
        return lso_now - lso, csum_now - csum, wrong_now - wrong


def verdict(case, index, frame, refused, grown, got):
    found = []
    if refused and case.want != "any":
        found.append(f"refused: {refused}")
    else:
        found.append(arrived_right(case, index, frame, got))
    if case.count and not grown:
        found.append(f"{case.count} did not grow")
    return "; ".join(filter(None, found))


def taken(case):
    """Raw sockets take UDP to be cut from 6.2 on."""
    return case.gso != USO or tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups())) >= (6, 2)


def tell(name, problem):
    print(f"not ok {name}: {problem}" if problem else f"ok {name}", flush=True)


def main(argv):
    bench = Bench(argv[0], argv[1], int(argv[2]), argv[3], argv[4])
    chosen = [(index, case) for index, case in enumerate(cases()) if not argv[5:] or case.name in argv[5:]]
    for case in [case for _, case in chosen if not taken(case)]:
        print(f"skip {case.name}: raw sockets of this kernel take no UDP to be cut", flush=True)
    chosen = [(index, case) for index, case in chosen if taken(case)]
    broken = collections.Counter()
    for asks in ("csum", "lso", "", "?"):
        group = [(index, case) for index, case in chosen if case.asks == asks]
        lso, csum, wrong = bench.run(group)
        broken += wrong
        if asks == "csum":
            tell("the host was asked for each of these sums", "" if csum >= len(group) and not lso else f"{csum}, {lso} large sends")
        elif asks == "lso":
            tell("the host was asked for each of these large sends",
                 "" if lso == len(group) and not csum else f"{lso}, {csum} sums")
        elif not asks:
            tell("the host was asked for nothing of these", "" if not lso + csum else f"{lso} large sends, {csum} sums")
    tell("the host found nothing wrong", ", ".join(f"{name} {count} times" for name, count in sorted(broken.items())))


main(sys.argv[1:])
