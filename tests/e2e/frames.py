#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Frames past the IP stack, and ethtool calls by the hundred, for the e2e scripts.

usage: frames.py numbered DEV COUNT SIZE[-SIZE] [TCI [MAC]]   to the host's sink, or MAC, with an inline 802.1Q tag
                                                                unless TCI is not given or "-"
       frames.py sniff DEV SECONDS COUNT   prints "TCI LENGTH good|bad" of numbered frames, TCI "-" for none
       frames.py trains DEV SECONDS COUNT  prints "LENGTH MSS good|bad" of TCP frames of the host's gen.tcp, MSS 0
                                           for what the stack was not told to be cuttable
       frames.py knob DEV ROUNDS channels|mtu|rx|tso|lro|gro|table A B   set A, then B, and so on; ends with B
       frames.py register DEV   prints the send table of the register dump, in decimal
       frames.py qstats DEV     prints "RX-PACKETS RX-BYTES TX-PACKETS TX-BYTES": of the device, then a line
                                "rx N PACKETS BYTES" or "tx N PACKETS BYTES" for each queue (netlink, 6.9 and later)
       frames.py features DEV   prints what XDP programs can do there, and what they may ask: "0x6f 0x6" (netlink)

A numbered frame is what the host's generator makes and its sink counts (testhost.md). The knobs go
through the ioctls: a process for each of some hundred calls would take the time of the run.
"""
import array
import fcntl
import itertools
import socket
import struct
import sys
import time

SINK = bytes.fromhex("02687667656e")
ETHERTYPE = 0x88b5
SIOCETHTOOL, SIOCSIFMTU, SIOCGIFHWADDR = 0x8946, 0x8922, 0x8927
GREGS, GRINGPARAM, SRINGPARAM, GCHANNELS, SCHANNELS = 0x04, 0x10, 0x11, 0x3c, 0x3d
STSO, SGRO, GFLAGS, SFLAGS, GRXFHINDIR, SRXFHINDIR = 0x1f, 0x2c, 0x25, 0x26, 0x38, 0x39
FLAG_LRO = 1 << 15
# What is listened to has room until somebody has time to read it.
RCVBUFFORCE, ENOUGH = 33, 8 << 20

control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def ioctl(dev, number, tail):
    return fcntl.ioctl(control, number, struct.pack("16s24s", dev.encode(), tail))


def ethtool(dev, data):
    """The structure at DATA (bytes) to the driver and back."""
    buf = array.array("B", data)
    ioctl(dev, SIOCETHTOOL, struct.pack("P", buf.buffer_info()[0]))
    return buf.tobytes()


def words(dev, command, count):
    return list(struct.unpack(f"{count}I", ethtool(dev, struct.pack("I", command) + bytes(4 * count - 4))))


def body(number, length, stream=0):
    head = b"HVGN" + struct.pack(">IHH", number, length, stream)
    return head + bytes((number + i * 7) & 255 for i in range(26, length))


def numbered(dev, count, sizes, tci="-", to=SINK.hex()):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((dev, 0))
    mac = ioctl(dev, SIOCGIFHWADDR, b"")[18:24]
    low, high = (int(n) for n in (sizes.split("-") * 2)[:2])
    tag = b"" if tci == "-" else struct.pack(">HH", 0x8100, int(tci, 0))
    to = bytes.fromhex(to.replace(":", ""))
    for i in range(count):
        size = low + (high - low) * i // max(1, count - 1)
        sock.send(to + mac + tag + struct.pack(">H", ETHERTYPE) + body(i, size))


def listener(dev, option):
    """A socket that hears what is at DEV; OPTION of SOL_PACKET holds from the first frame on."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(263, option, 1)
    sock.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, ENOUGH)
    sock.bind((dev, 3))
    print("ready", flush=True)
    return sock


def sniff(dev, seconds, count):
    sock = listener(dev, 8)     # PACKET_AUXDATA
    end = time.monotonic() + seconds
    while count and time.monotonic() < end:
        sock.settimeout(max(0.01, end - time.monotonic()))
        try:
            data, extra, _, address = sock.recvmsg(65535, 256)
        except TimeoutError:
            break
        if data[14:18] != b"HVGN" or address[2] == 4:   # PACKET_OUTGOING
            continue
        tci = "-"
        for level, kind, aux in extra:
            status, _, _, _, _, aux_tci, _ = struct.unpack("IIIHHHH", aux[:20])
            if level == 263 and kind == 8 and status & 16:
                tci = aux_tci
        number, length, stream = struct.unpack(">IHH", data[18:26])
        good = data[14:length] == body(number, length, stream)
        print(tci, len(data), "good" if good else "bad", flush=True)
        count -= 1


def trains(dev, seconds, count):
    sock = listener(dev, 15)    # PACKET_VNET_HDR: what the stack knows of a frame goes before it
    end = time.monotonic() + seconds
    while count and time.monotonic() < end:
        sock.settimeout(max(0.01, end - time.monotonic()))
        try:
            data = sock.recv(200000)
        except TimeoutError:
            break
        mss = struct.unpack("<H", data[4:6])[0] if data[1] else 0
        frame = data[10:]
        kind = struct.unpack(">H", frame[12:14])[0]
        ip_header = 20 if kind == 0x800 and frame[23] == 6 else 40 if kind == 0x86dd and frame[20] == 6 else 0
        if not ip_header:
            continue
        tcp = frame[14 + ip_header:]
        length = struct.unpack(">H", frame[16:18])[0] - 20 if ip_header == 20 else struct.unpack(">H", frame[18:20])[0]
        seq, = struct.unpack(">I", tcp[4:8])
        payload = tcp[(tcp[12] >> 4) * 4:length]
        pattern = bytes(p % 251 for p in range(251))
        at = seq % 251
        want = (pattern * (len(payload) // 251 + 2))[at:at + len(payload)]
        print(len(frame), mss, "good" if payload == want and payload else "bad", flush=True)
        count -= 1


def set_channels(dev, n):
    w = words(dev, GCHANNELS, 9)
    ethtool(dev, struct.pack("9I", SCHANNELS, *w[1:8], n))


def set_rx(dev, n):
    w = words(dev, GRINGPARAM, 9)
    ethtool(dev, struct.pack("9I", SRINGPARAM, *w[1:5], n, *w[6:]))


def set_table(dev, spread):
    """Entries 0, 1, .. SPREAD - 1, and again."""
    size = words(dev, GRXFHINDIR, 2)[1]
    ethtool(dev, struct.pack(f"{size + 2}I", SRXFHINDIR, size, *(i % spread for i in range(size))))


def set_lro(dev, on):
    flags = words(dev, GFLAGS, 2)[1] & ~FLAG_LRO
    ethtool(dev, struct.pack("2I", SFLAGS, flags | (FLAG_LRO if on else 0)))


SETTERS = {
    "channels": set_channels, "rx": set_rx, "table": set_table, "lro": set_lro,
    "mtu": lambda dev, n: ioctl(dev, SIOCSIFMTU, struct.pack("i", n)),
    "tso": lambda dev, n: ethtool(dev, struct.pack("2I", STSO, n)),
    "gro": lambda dev, n: ethtool(dev, struct.pack("2I", SGRO, n)),
}


def knob(dev, rounds, name, first, second):
    for i, value in zip(range(2 * rounds), itertools.cycle((first, second))):
        try:
            SETTERS[name](dev, value)
        except OSError as err:
            raise SystemExit(f"{name} {value} in round {i // 2}: {err}") from err


def register(dev):
    head = ethtool(dev, struct.pack("3I", GREGS, 0, 64) + bytes(64))
    print(*struct.unpack("16I", head[12:76]))


def attributes(data):
    """Netlink attributes as {type: bytes}."""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack("HH", data[:4])
        if length < 4:
            break
        found[kind & 0x3fff] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


def generic_netlink(sock, family, command, attrs, dump):
    """The payloads of all answers, generic header left out."""
    body_bytes = struct.pack("BBH", command, 1, 0) + b"".join(
        struct.pack("HH", 4 + len(value), kind) + value + bytes(-len(value) % 4) for kind, value in attrs)
    sock.send(struct.pack("IHHII", 16 + len(body_bytes), family, 1 | (0x300 if dump else 0), 1, 0) + body_bytes)
    while True:
        data = sock.recv(1 << 16)
        while len(data) >= 16:
            length, kind = struct.unpack("IH", data[:6])
            if kind == 2 and struct.unpack("i", data[16:20])[0]:    # NLMSG_ERROR
                raise SystemExit(f"netlink: {struct.unpack('i', data[16:20])[0]}")
            if kind in (2, 3):
                return
            yield attributes(data[20:length])
            if not dump:
                return
            data = data[(length + 3) & ~3:]


def number(raw):
    return int.from_bytes(raw, sys.byteorder)


def netdev_family():
    """A socket, and the number of the family "netdev"."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)    # NETLINK_GENERIC
    found = list(generic_netlink(sock, 16, 3, [(2, b"netdev\0")], False))    # CTRL_CMD_GETFAMILY by name
    return sock, number(found[0][1])


def qstats(dev):
    sock, family = netdev_family()
    index = struct.pack("I", socket.if_nametoindex(dev))
    for scope in (0, 1):    # the device, each queue
        for a in generic_netlink(sock, family, 12, [(1, index)] + [(4, struct.pack("Q", scope))] * scope, True):
            figures = [number(a[kind]) for kind in (8, 9, 10, 11) if kind in a]
            print(*(["tx" if number(a[2]) else "rx", number(a[3])] if scope else []), *figures)


def features(dev):
    sock, family = netdev_family()
    told, = generic_netlink(sock, family, 1, [(1, struct.pack("I", socket.if_nametoindex(dev)))], False)
    print(*(hex(number(told.get(kind, b""))) for kind in (3, 5)))


def main(argv):
    verb, dev, rest = argv[0], argv[1], argv[2:]
    if verb == "numbered":
        numbered(dev, int(rest[0]), rest[1], *rest[2:])
    elif verb == "sniff":
        sniff(dev, float(rest[0]), int(rest[1]))
    elif verb == "trains":
        trains(dev, float(rest[0]), int(rest[1]))
    elif verb == "knob":
        knob(dev, int(rest[0]), rest[1], int(rest[2]), int(rest[3]))
    elif verb == "register":
        register(dev)
    elif verb == "qstats":
        qstats(dev)
    elif verb == "features":
        features(dev)
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
