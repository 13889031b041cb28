# SPDX-License-Identifier: GPL-2.0
"""
What the rows of the benchmark do to a NIC: fixed numbers of frames, each way.

Transmit goes to the generator's sink, which counts and forgets; so the figures
hold the driver's work and its completions, no answers. Receive comes from the
generator and is dropped by the stack: an address that is not ours, no forwarding.
"""
import os
import socket
import struct
import time

SINK_MAC = "02:68:76:67:65:6e"
OWN_IP, SINK_IP, FOREIGN_IP = "10.77.%d.1", "10.77.%d.9", "10.99.0.1"
UDP_SEGMENT = 103
SOL_PACKET, PACKET_VNET_HDR, PACKET_QDISC_BYPASS = 263, 15, 20
PKTGEN = "/proc/net/pktgen"
TSO_MSS = 1460
TSO_SEGMENTS = 42
RSC_MSS, RSC_SEGMENTS = 1448, 43
VNET_NEEDS_CSUM, VNET_GSO_TCPV4 = 1, 1


def put(path, text):
    with open(path, "w") as f:
        f.write(text)


def pg(name, text):
    """One line for pktgen, which reads on until the line ends."""
    put(PKTGEN + "/" + name, text + "\n")


def take(path):
    with open(path) as f:
        return f.read().strip()


def vf_of(name):
    """The VF that has joined this interface, None without one."""
    for entry in os.listdir("/sys/class/net/" + name):
        if entry.startswith("lower_"):
            return entry[6:]
    return None


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def ones(data):
    """Sum in ones' complement, folded."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def ipv4(source, dest, protocol, payload):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0x4000, 64, protocol, 0,
                       socket.inet_aton(source), socket.inet_aton(dest))
    return head[:10] + struct.pack(">H", 0xFFFF - ones(head)) + head[12:] + payload


def udp_frame(dst_mac, src_mac, source, dest, size):
    """A whole frame of that many bytes, with good checksums."""
    data = bytes(size - 42)
    head = struct.pack(">HHHH", 4000, 9, 8 + len(data), 0)
    pseudo = socket.inet_aton(source) + socket.inet_aton(dest) + struct.pack(">HH", 17, 8 + len(data))
    check = 0xFFFF - ones(pseudo + head + data) or 0xFFFF
    return (mac_bytes(dst_mac) + mac_bytes(src_mac) + b"\x08\x00" +
            ipv4(source, dest, 17, head[:6] + struct.pack(">H", check) + data))


class Nic:
    """One interface of the guest, which is NIC number @number of the host."""

    def __init__(self, number):
        self.number = number
        self.name = "eth%d" % number
        self.sys = "/sys/class/net/%s/" % self.name
        self.mac = take(self.sys + "address")

    def up(self):
        put("/proc/sys/net/ipv6/conf/%s/disable_ipv6" % self.name, "1")
        for argv in (("ip", "addr", "add", OWN_IP % self.number + "/24", "dev", self.name),
                     ("ip", "link", "set", self.name, "up"),
                     ("ip", "neigh", "replace", SINK_IP % self.number, "lladdr", SINK_MAC,
                      "nud", "permanent", "dev", self.name)):
            os.spawnvp(os.P_WAIT, argv[0], argv)

    def stat(self, name):
        return int(take(self.sys + "statistics/" + name))

    def channels(self):
        """Sums of the counters that the bus keeps for each channel."""
        top = os.path.realpath(self.sys + "device") + "/channels"
        sums = {}
        for relid in os.listdir(top):
            for name in ("interrupts", "events", "intr_in_full", "intr_out_empty",
                         "out_full_first", "out_full_total"):
                path = "%s/%s/%s" % (top, relid, name)
                if os.path.exists(path):
                    sums[name] = sums.get(name, 0) + int(take(path))
        return sums


# ---- loads: name(nic, host, step, count) prepares, and returns a function that runs it ----

def pktgen(nic, _host, step, count):
    """
    One skb after the other, straight to the driver, nothing announced behind it; from
    the first @threads CPUs, each to the queue of its number.
    """
    if not os.path.exists(PKTGEN):
        os.spawnvp(os.P_WAIT, "modprobe", ("modprobe", "pktgen"))
    threads = step.get("threads", 1)
    for cpu in range(os.cpu_count()):
        pg("kpktgend_%d" % cpu, "rem_device_all")
    for cpu in range(threads):
        name = "%s@%d" % (nic.name, cpu)
        pg("kpktgend_%d" % cpu, "add_device " + name)
        for line in ("count %d" % (count // threads), "pkt_size %d" % step["size"],
                     "dst_mac " + SINK_MAC, "dst " + SINK_IP % nic.number,
                     "src_min " + OWN_IP % nic.number, "src_max " + OWN_IP % nic.number,
                     "udp_dst_min 9", "udp_dst_max 9", "udp_src_min 4000", "udp_src_max 4000",
                     "queue_map_min %d" % cpu, "queue_map_max %d" % cpu, "delay 0",
                     "flag NO_TIMESTAMP"):
            pg(name, line)
    return lambda: pg("pgctrl", "start")


def bursts(nic, _host, step, count):
    """
    Bursts of 32: one UDP send that the stack cuts, since the device cannot, into 32
    frames; it hands them over one by one and announces the next one each time.
    """
    payload = step["size"] - 42
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_UDP if hasattr(socket, "SOL_UDP") else 17, UDP_SEGMENT, payload)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    sock.bind((OWN_IP % nic.number, 4000))
    sock.connect((SINK_IP % nic.number, 9))
    data = bytes(payload * 32)
    if len(data) > 65507 - 8:
        data = bytes(payload * 32)[:65000 // payload * payload]
    per_send = len(data) // payload

    def run():
        left = count
        while left > 0:
            sock.send(data[:min(per_send, left) * payload])
            left -= per_send
        sock.close()
    return run


def tso(nic, _host, _step, count):
    """Large sends of 42 segments from a packet socket: no acknowledgements come back."""
    payload = bytes(TSO_MSS * TSO_SEGMENTS)
    source, dest = OWN_IP % nic.number, SINK_IP % nic.number
    pseudo = socket.inet_aton(source) + socket.inet_aton(dest) + struct.pack(">HH", 6, 20 + len(payload))
    tcp = struct.pack(">HHIIBBHHH", 4000, 9, 1, 1, 0x50, 0x10, 65535, ones(pseudo), 0)
    vnet = struct.pack("<BBHHHH", VNET_NEEDS_CSUM, VNET_GSO_TCPV4, 54, TSO_MSS, 34, 16)
    frame = vnet + mac_bytes(SINK_MAC) + mac_bytes(nic.mac) + b"\x08\x00" + \
        ipv4(source, dest, 6, tcp + payload)
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    where = (nic.name, 0x0800)

    def run():
        for _ in range(count):
            sock.sendto(frame, where)
        sock.close()
    return run


def receive(nic, host, step, count):
    """The same UDP frame over and over; the stack drops it for its address."""
    frame = udp_frame(nic.mac, SINK_MAC, SINK_IP % nic.number, FOREIGN_IP,
                      step["size"])
    return lambda: host.ask("gen.send", seconds=600, hex=frame.hex(), count=count)


def receive_mixed(nic, host, _step, count):
    """Numbered frames of all sizes, of a kind that nobody listens to."""
    return lambda: host.ask("gen.send", seconds=600, dst="nic%d" % nic.number, size="60-1514/97",
                            count=count)


def receive_rsc(nic, host, _step, count):
    """Trains of consecutive TCP segments, each of which the host coalesces to one frame."""
    return lambda: host.ask("gen.tcp", seconds=600, nic=nic.number, segs=RSC_SEGMENTS, mss=RSC_MSS,
                            count=count)


def forward_tcp(nic, host, step, count):
    """The same trains to an address behind another NIC; LRO goes off with the forwarding."""
    out = step["out"]
    put("/proc/sys/net/ipv4/ip_forward", "1")
    before = host.counts(out)["bytes_from_guest"]
    least = count * RSC_SEGMENTS * RSC_MSS

    def run():
        host.ask("gen.tcp", seconds=600, nic=nic.number, segs=RSC_SEGMENTS, mss=RSC_MSS, count=count,
                 src_ip=SINK_IP % nic.number, dst_ip=SINK_IP % out)
        end = time.monotonic() + 20
        while host.counts(out)["bytes_from_guest"] - before < least and time.monotonic() < end:
            time.sleep(0.01)

    run.end = lambda: put("/proc/sys/net/ipv4/ip_forward", "0")
    return run


def settle(nic, host, way, before, want):
    """Waits until the host has all that was sent, and the guest its completions."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        now = host.counts(nic.number)
        if way == "tx" and now["frames_from_guest"] - before["frames_from_guest"] >= want and \
                now["tx_completions"] >= now["tx_requests"]:
            break
        if way == "rx" and not now["outstanding_to_guest"]:
            break
        time.sleep(0.01)
    time.sleep(0.02)
