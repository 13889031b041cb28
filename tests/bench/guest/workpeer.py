# SPDX-License-Identifier: GPL-2.0
"""
Whole workloads between the guest and the peer: streams and floods by iperf3, requests
and answers by sockperf, connections by a loop of our own, as Debian has no program for
that which is free; and where datagrams were lost.

The peer's programs are started once and wait. Each load is name(work, step, seconds),
which prepares and returns a function that runs it and says what came of it: units done
(bytes of a stream, else packets or transactions) and the seconds they took, by the
guest's clock.
"""
import json
import re
import shutil
import socket
import subprocess
import time

import loads

PEER, OWN = "192.168.77.1", "192.168.77.10"
SOCKPERF_PORT = {"udp": 7911, "tcp": 7912}
CRR_PORT, CRR_BYTES = 7913, 64
RR_BYTES = 64
STREAM_BYTES = 32 << 20 # about what a second takes
STARTING = 2            # seconds, for the programs at the peer
LIMIT = 120             # seconds, for one that hangs

CRR_SERVER = """
import socket
listener = socket.create_server(("", %d), backlog=64)
while True:
    conn = listener.accept()[0]
    conn.sendall(conn.recv(%d))
    conn.close()
""" % (CRR_PORT, CRR_BYTES)
SERVERS = (("iperf3", "-s"), *(("sockperf", "server", "-i", "0.0.0.0", "-p", str(port), *(["--tcp"] if kind == "tcp" else []))
                               for kind, port in SOCKPERF_PORT.items()), ("python3", "-c", CRR_SERVER))
# What the peer is asked for, in this order: see Counts.
PEER_COUNTS = ("grep ^Udp: /proc/net/snmp; cat /proc/net/softnet_stat; "
               "cat /sys/class/net/peer0/statistics/tx_dropped")


class NotDone(OSError):
    """A program did not do what it was told."""


# ---- the peer ----

class Peer:
    """The other end, with its programs running."""

    def __init__(self, host, nic):
        self.host = host
        self.nic = nic
        loads.put("/proc/sys/net/ipv6/conf/%s/disable_ipv6" % nic.name, "1")
        for argv in (["ip", "addr", "add", OWN + "/24", "dev", nic.name], ["ip", "link", "set", nic.name, "up"]):
            subprocess.run(argv, check=True)
        for argv in SERVERS:
            if shutil.which(argv[0]):
                host.ask("peer", bg=1, argv=list(argv))
        time.sleep(STARTING)
        # Neither asks for the other's address in the middle of a row.
        program(["ping", "-c", "1", "-W", "5", PEER])
        mac = re.search(r"lladdr (\S+)", program(["ip", "neigh", "show", PEER])).group(1)
        program(["ip", "neigh", "replace", PEER, "lladdr", mac, "nud", "permanent", "dev", nic.name])
        self.says(["ip", "neigh", "replace", OWN, "lladdr", nic.mac, "nud", "permanent", "dev", "peer0"])

    def says(self, argv):
        """What a command prints there."""
        pid = self.host.ask("peer", bg=1, argv=argv, get="pid")
        return self.host.ask("peer.wait", pid=pid, get="output")


def program(argv):
    """What a command prints here; it has to go well."""
    if not shutil.which(argv[0]):
        raise NotDone("there is no %s in the guests' user land: tests/guest/build-image" % argv[0])
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False, text=True)
    if done.returncode:
        raise NotDone("%s ended with %d: %s" % (argv[0], done.returncode, done.stdout[-300:]))
    return done.stdout


# ---- where datagrams are lost ----

def udp_of(text):
    """{name: number} of the two lines "Udp:" of /proc/net/snmp."""
    names, values = [line.split()[1:] for line in text.splitlines() if line.startswith("Udp:")]
    return dict(zip(names, map(int, values)))


def backlog_of(text):
    """Frames that a full backlog dropped, of all CPUs, out of /proc/net/softnet_stat."""
    lines = [line.split() for line in text.splitlines() if ":" not in line]
    return sum(int(words[1], 16) for words in lines if len(words) > 8)


class Counts:
    """All counters that tell of a lost datagram, now."""

    def __init__(self, peer):
        nic, host = peer.nic, peer.host
        self.guest = udp_of(loads.take("/proc/net/snmp"))
        self.guest_backlog = backlog_of(loads.take("/proc/net/softnet_stat"))
        self.rx_dropped = nic.stat("rx_dropped") + nic.stat("rx_errors")
        self.tx_dropped = nic.stat("tx_dropped") + nic.stat("tx_errors")
        self.qdisc = sum(q.get("drops", 0) for q in json.loads(program(["tc", "-s", "-j", "qdisc", "show", "dev", nic.name])))
        text = peer.says(["sh", "-c", PEER_COUNTS])
        self.peer = udp_of(text)
        self.peer_backlog = backlog_of(text)
        self.tap_full = int(text.split()[-1])
        self.host = sum(host.ask("stats", nic=nic.number, get="drops").values())
        self.host_to_tap = host.ask("peer.list", get="dropped")


def lost_by_place(was, now, out):
    """(sent, arrived, {place: datagrams}) between two Counts; out: from the guest to the peer."""
    def grown(name):
        return getattr(now, name) - getattr(was, name)

    def datagrams(side, name):
        return getattr(now, side)[name] - getattr(was, side)[name]

    sender, receiver = ("guest", "peer") if out else ("peer", "guest")
    sent, arrived = datagrams(sender, "OutDatagrams"), datagrams(receiver, "InDatagrams")
    places = {"sender": datagrams(sender, "SndbufErrors"), "host": grown("host"),
              "backlog": grown(receiver + "_backlog"), "socket": datagrams(receiver, "InErrors")}
    if out:
        places["sender"] += grown("qdisc")
        places["driver"] = grown("tx_dropped")
        places["host"] += grown("host_to_tap")
    else:
        places["driver"] = grown("rx_dropped")
        places["host"] += grown("tap_full")
    places["elsewhere"] = sent - arrived - sum(places.values())
    return sent, arrived, places


# ---- loads ----

def iperf_end(text):
    told = json.loads(text)
    if "error" in told:
        raise NotDone("iperf3: " + told["error"])
    return told["end"]


def iperf(words, seconds):
    """Its report. It knows no part of a second: that is so much of what takes about a second."""
    amount = ["-t", str(seconds)] if seconds >= 1 else ["-n", str(int(STREAM_BYTES * seconds))]
    return iperf_end(program(["iperf3", "-4", "-J", "-c", PEER, *amount, *words]))


def stream(_work, step, seconds):
    words = ["-P", str(step["flows"])] + ([] if step["out"] else ["-R"])

    def run():
        told = iperf(words, seconds)["sum_received"]
        return {"units": told["bytes"], "seconds": told["seconds"]}
    return run


def flood(work, step, seconds):
    """As fast as the sender can. The datagrams are counted by the kernels: iperf3 does not know of those behind its last."""
    words = ["-u", "-b", "0", "-l", str(step["size"])] + ([] if step["out"] else ["-R"])
    peer = work.peer()
    was = Counts(peer)

    def run():
        # A number of datagrams is no end for a receiver who misses some.
        told = iperf(words, max(1, int(seconds)))
        return {"seconds": told.get("sum_received", told["sum"])["seconds"]}

    def after(told):
        sent, arrived, places = lost_by_place(was, Counts(peer), step["out"])
        return dict(told, units=arrived, sent=sent, places=places)

    run.after = after
    return run


def sockperf_end(text):
    """Transactions, seconds, and percentiles in us, of what sockperf prints."""
    done = re.search(r"Valid Duration\] RunTime=([\d.]+) sec; SentMessages=\d+; ReceivedMessages=(\d+)", text)
    all_of_them = re.search(r"Total Run\].* ReceivedMessages=(\d+)", text)
    parts = {float(part): float(value) for part, value in re.findall(r"percentile ([\d.]+) = +([\d.]+)", text)}
    if not done or not all_of_them or 50.0 not in parts or 99.0 not in parts:
        raise NotDone("sockperf says no result: " + text[-300:])
    return {"units": int(done.group(2)), "seconds": float(done.group(1)), "all": int(all_of_them.group(1)),
            "median_us": parts[50.0], "p99_us": parts[99.0]}


def requests(_work, step, seconds):
    kind = step["kind"]
    argv = ["sockperf", "ping-pong", "-i", PEER, "-p", str(SOCKPERF_PORT[kind]), "--full-rtt", "--no-rdtsc",
            "--msg-size", str(RR_BYTES), "-t", str(max(1, int(seconds)))] + (["--tcp"] if kind == "tcp" else [])
    return lambda: sockperf_end(program(argv))


def percentile(ordered, part):
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def connections(_work, _step, seconds):
    """A connection for each request and answer; the peer closes it."""
    data = bytes(CRR_BYTES)

    def run():
        times = []
        began = now = time.monotonic()
        while now - began < seconds:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
                sock.connect((PEER, CRR_PORT))
                sock.sendall(data)
                while sock.recv(CRR_BYTES):
                    pass
            last, now = now, time.monotonic()
            times.append(now - last)
        times.sort()
        return {"units": len(times), "seconds": now - began, "median_us": 1e6 * percentile(times, 0.5),
                "p99_us": 1e6 * percentile(times, 0.99)}
    return run


LOADS = {"stream": stream, "flood": flood, "requests": requests, "connections": connections}
