# SPDX-License-Identifier: GPL-2.0
"""
Whole workloads that pass through the guest, from the host's generator to its sink: by
the stack from one NIC to another, by a program that redirects, and by the user of an
AF_XDP socket who sends each frame back (what the samples call l2fwd).

Debian's xdp-bench sends on what it gets with the address that it came to, by the other
NIC; the host's switch then learns that the first one has moved, and what comes next goes
there. So the program is ours (xdp.py), which says by which NIC it sends.

Loads are as in workpeer.py. The generator never sends more than the guest's ring takes.
"""
import select
import struct
import subprocess
import time

import loads
import xdploads
import xsk

IN, OUT = 1, 2          # NICs
SOCKET_FRAMES = 1024    # chunks that go round
QUIET = 0.3             # seconds in which nothing came: that was all
LIMIT = 120
LATER = 20              # ms, until the generator begins
TABLE = "bench"
CONNTRACK = "table ip %s { chain f { type filter hook forward priority 0; ct state new,established accept; }; }" % TABLE


def arrived(host, before, count):
    """Frames that the host has from the second NIC beyond @before, up to @count, and when it had the last one."""
    got, at = 0, time.monotonic()
    end = at + LIMIT
    while True:
        more = host.ask("stats", nic=OUT, get="frames_from_guest") - before
        now = time.monotonic()
        if more != got:
            got, at = more, now
        if got >= count or now - at > QUIET or now > end:
            return min(got, count), at


def dropped(host):
    """{place: frames}, as counted until now"""
    nics = [loads.Nic(n) for n in (IN, OUT)]
    return {"host": sum(sum(host.ask("stats", nic=n, get="drops").values()) for n in (IN, OUT)),
            "driver": sum(nic.stat(name) for nic in nics for name in ("rx_dropped", "rx_errors", "tx_dropped", "tx_errors"))}


def through(work, frame, count, end=None):
    """The generator sends that frame so often, and the host gets it back by the second NIC."""
    host = work.host
    before = host.ask("stats", nic=OUT, get="frames_from_guest")
    was = dropped(host)

    def run():
        began = time.monotonic()
        host.ask("gen.send", seconds=600, hex=frame.hex(), count=count)
        got, at = arrived(host, before, count)
        return {"units": got, "seconds": at - began, "sent": count}

    def after(told):
        places = {place: number - was[place] for place, number in dropped(host).items()}
        return dict(told, places=dict(places, elsewhere=count - told["units"] - sum(places.values())))

    run.after = after
    if end:
        run.end = end
    return run


def amount(step, seconds):
    return int(step["count"] * min(1, seconds))


def nft(text):
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)


def forward(work, step, seconds):
    """Between two networks, with or without a look at the connection."""
    first = work.nic(IN)
    work.nic(OUT)
    loads.put("/proc/sys/net/ipv4/ip_forward", "1")
    if step["conntrack"]:
        nft(CONNTRACK)

    def end():
        if step["conntrack"]:
            nft("delete table ip " + TABLE)
        loads.put("/proc/sys/net/ipv4/ip_forward", "0")

    frame = loads.udp_frame(first.mac, loads.SINK_MAC, loads.SINK_IP % IN, loads.SINK_IP % OUT, step["size"])
    return through(work, frame, amount(step, seconds), end)


def redirect(work, step, seconds):
    first, second = work.nic(IN), work.nic(OUT)
    program = xdploads.Attached(first.name, ["proto=0", "swap", "from=" + second.name, "redirect=" + second.name])
    frame = loads.udp_frame(first.mac, loads.SINK_MAC, loads.SINK_IP % IN, loads.FOREIGN_IP, step["size"])
    return through(work, frame, amount(step, seconds), program.off)


# ---- AF_XDP ----

def take_all(ring):
    """The bytes of all entries that are in a ring, which is empty then."""
    at, end = ring.word(ring.consumer), ring.word(ring.producer)
    count = end - at & 0xffffffff
    if not count:
        return b""
    size, first = ring.format.size, at % ring.size
    whole = min(count, ring.size - first)
    data = ring.mem[ring.entries + first * size:ring.entries + (first + whole) * size]
    if whole < count:
        data += ring.mem[ring.entries:ring.entries + (count - whole) * size]
    struct.pack_into("I", ring.mem, ring.consumer, end)
    return data


def put_all(ring, data):
    """Entries as bytes; the caller knows that there is room."""
    at = ring.word(ring.producer)
    size, first, count = ring.format.size, at % ring.size, len(data) // ring.format.size
    whole = min(count, ring.size - first) * size
    ring.mem[ring.entries + first * size:ring.entries + first * size + whole] = data[:whole]
    ring.mem[ring.entries:ring.entries + len(data) - whole] = data[whole:]
    struct.pack_into("I", ring.mem, ring.producer, at + count & 0xffffffff)


class Forwarder:
    """
    Its user. There are as many chunks as a ring has entries, and they go round: filled, received, sent,
    completed. So no ring is ever too full.
    """

    def __init__(self, name, mode):
        self.name = name
        self.sock = xsk.bound(name, 0, xsk.ZEROCOPY if mode == "driver" else xsk.COPY, SOCKET_FRAMES)
        if self.sock.mode != mode:
            raise OSError("the socket is in %s mode" % self.sock.mode)
        xsk.program(self.sock.sock, name, 0)
        self.entry = struct.Struct("QII")

    def swap(self, entries):
        umem = self.sock.umem
        for at, _, _ in self.entry.iter_unpack(entries):
            ends = umem[at:at + 12]
            umem[at:at + 12] = ends[6:] + ends[:6]

    def push(self):
        """The kernel takes a few frames at a time; as long as it takes any it is asked again."""
        tx = self.sock.tx
        at = tx.word(tx.consumer)
        while at != tx.word(tx.producer) and tx.wants_wakeup():
            self.sock.kick()
            before, at = at, tx.word(tx.consumer)
            if at == before:
                break

    def round(self):
        """What has come is sent, what was sent is given back. Return: frames received, frames sent."""
        sock = self.sock
        got = take_all(sock.rx)
        if got:
            self.swap(got)
            put_all(sock.tx, got)
        self.push()
        done = take_all(sock.completion)
        if done:
            put_all(sock.fill, done)
        return len(got) // self.entry.size, len(done) // 8

    def forward(self, count):
        """(received, sent, seconds from the first one to the last)"""
        poll = select.poll()
        poll.register(self.sock.sock, select.POLLIN)
        received = sent = 0
        began = last = time.monotonic()
        end = began + LIMIT
        while sent < count:
            got, done = self.round()
            now = time.monotonic()
            if got or done:
                began = began if received or sent else now
                received, sent, last = received + got, sent + done, now
            elif now - last > (QUIET if received else 10) or now > end:
                break
            if not got:
                poll.poll(1 if received > sent else 100)
        return received, sent, last - began

    def end(self):
        xdploads.run("ip", "link", "set", "dev", self.name, "xdpdrv", "off")
        self.sock.close()


def socket_forward(work, step, seconds):
    nic, count = work.nic(IN), amount(step, seconds)
    user = Forwarder(nic.name, step["mode"])
    was = dropped(work.host)

    def run():
        # The answer comes at once; what is asked for is done later.
        work.host.ask("gen.send", later=LATER, dst="nic%d" % nic.number, size=str(step["size"]), count=count, burst=64)
        received, sent, took = user.forward(count)
        return {"units": sent, "seconds": took, "sent": count, "received": received}

    def after(told):
        places = {place: number - was[place] for place, number in dropped(work.host).items()}
        missing = count - told["units"]
        return dict(told, places=dict(places, elsewhere=missing - sum(places.values())))

    run.after = after
    run.end = user.end
    return run


LOADS = {"forward": forward, "redirect": redirect, "socket_forward": socket_forward}
