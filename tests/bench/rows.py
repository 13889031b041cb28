# SPDX-License-Identifier: GPL-2.0
"""
The rows of the benchmark: what is done, per what it is counted, what it must reach.

A gate is the most that ours may cost, as a part of what stock costs in the same row:
instructions of the driver and of the bus module together.
"""

# Guests in which the rows run: (CPUs, NICs). The NICs of the first have one queue and
# differ in how many frames the host puts into a message at most.
GUESTS = {
    "one": (1, ("queues=1,batch=32", "queues=1,batch=1", "queues=1,batch=32,rsc=on")),
    "many": (8, ("queues=8",)),
}

# A host that comes by a millisecond after the signal. One that answers at once shares
# the emulated CPU with the guest, and it is the outer guest's scheduler that decides
# whether it comes by for every packet or for every thirtieth: so the rows "now" tell
# more of that than of a driver, and have no gate.
BUSY = 1

# Of the rows with programs.
FRAMES = (("", 60), ("/1500", 1514))
# Who receives has little to do: more frames, or what goes on beside it is half of what is counted.
SOCKETS = (("rx", "receive", "rx", (4096, 1024)), ("tx", "send", "tx", (1024, 256)),
           ("fwd", "forward", "forward", (1024, 256)))
# The whole guest kernel's instructions, driver mode / copy mode: what a socket in
# driver mode saves is work of the core.
SOCKET_GATE = 0.6


class Row:
    """One line of the table."""

    def __init__(self, name, title, load, size=0, count=(2048, 512), gate=None, nic=0, per="packet",
                 guest="one", drivers=("stock", "ours"), **more):
        self.name = name
        self.title = title
        self.load = load
        self.size = size
        self.counts = count
        self.gate = gate
        self.nic = nic
        self.per = per
        self.guest = guest
        self.drivers = drivers      # that can do it
        self.more = more

    def step(self, quick, reps, kmem):
        # A socket's memory comes and goes with each repetition.
        return dict(self.more, row=self.name, load=self.load, nic=self.nic, size=self.size,
                    count=self.counts[1 if quick else 0], reps=reps,
                    kmem=kmem and not self.load.startswith("socket"))

    def units(self, rep):
        """What the counts of a repetition are divided by."""
        if self.per == "packet":
            return rep["count"]
        way = "from" if self.load == "tso" else "to"
        return rep["host"]["bytes_%s_guest" % way] / 1024


ROWS = (
    Row("T1", "TX 64 B UDP, one by one", "pktgen", 60, (4096, 1024), 0.67, pace=BUSY),
    Row("T1/now", "TX 64 B UDP, host at once", "pktgen", 60, (4096, 1024)),
    Row("T1/32", "TX 64 B UDP, bursts of 32", "bursts", 60, (4096, 1024), 0.67),
    Row("T2", "TX 1500 B UDP, one by one", "pktgen", 1514, (2048, 512), 0.8, pace=BUSY),
    Row("T2/now", "TX 1500 B UDP, host at once", "pktgen", 1514, (2048, 512)),
    Row("T2/32", "TX 1500 B UDP, bursts of 32", "bursts", 1514, (2048, 512), 0.8),
    Row("T3", "TX TSO 60 KB", "tso", 0, (256, 64), 0.9, per="KB"),
    *(Row("T4/%d" % n, "TX 64 B UDP, %d queue%s" % (n, "s" * (n > 1)), "pktgen", 60, (2048, 512),
          guest="many", threads=n) for n in (1, 2, 4, 8)),
    Row("R1", "RX 64 B UDP, up to 32 a message", "receive", 60, (4096, 1024), 0.67, features="gro off"),
    Row("R1/1", "RX 64 B UDP, one a message", "receive", 60, (4096, 1024), 0.67, nic=1, features="gro off"),
    Row("R2", "RX 1500 B UDP, up to 32 a message", "receive", 1514, (2048, 512), 0.8, features="gro off"),
    Row("R2/1", "RX 1500 B UDP, one a message", "receive", 1514, (2048, 512), 0.8, nic=1, features="gro off"),
    Row("R3", "RX RSC 60 KB", "rsc", 0, (256, 64), 0.9, nic=2, per="KB", features="gro off lro on"),
    Row("R4", "RX 60 to 1514 B", "mixed", 0, (2048, 512), features="gro off"),
    Row("R4/2M", "RX 60 to 1514 B, 2 MB receive area", "mixed", 0, (2048, 512), features="gro off",
        rings="rx 1165"),
    *(Row("X1" + end, "XDP DROP %d B" % size, "receive", size, (4096, 1024), 0.4, program=["proto=0", "drop"])
      for end, size in FRAMES),
    *(Row("X2" + end, "XDP TX %d B" % size, "receive", size, (4096, 1024), 0.5, way="tx",
          program=["proto=0", "swap", "tx"]) for end, size in FRAMES),
    *(Row("X3" + end, "XDP REDIRECT %d B to a second NIC" % size, "receive", size, (4096, 1024), 0.5,
          way="tx", out=1, program=["proto=0", "swap", "from=eth1", "redirect=eth1"]) for end, size in FRAMES),
    Row("X3/veth", "XDP REDIRECT 60 B to veth", "receive", 60, (4096, 1024),
        program=["proto=0", "redirect=v0"]),
    Row("X4", "XDP PASS 60 B", "receive", 60, (4096, 1024), features="gro off", program=["proto=0", "pass"]),
    Row("X4/rsc", "XDP PASS of RSC 60 KB, frags", "rsc", 0, (256, 64), nic=2, per="KB",
        features="gro off lro on", drivers=("ours",), program=["frags", "proto=0", "pass"]),
    Row("F1/gro", "forward TCP, segments", "forward_tcp", 0, (256, 64), nic=2, per="KB", way="tx", out=0,
        features="gro on lro off"),
    Row("F1", "forward TCP, RSC 60 KB, rx-gro-hw", "forward_tcp", 0, (256, 64), nic=2, per="KB", way="tx", out=0,
        features="gro on lro off rx-gro-hw on", drivers=("ours",)),
    *(Row("X5/%s/%s" % (name, mode), "AF_XDP %s 1514 B, %s mode" % (title, mode), "socket_" + load, 1514,
          count, mode=mode, drivers=("ours",) if mode == "driver" else ("stock", "ours"))
      for name, title, load, count in SOCKETS for mode in ("copy", "driver")),
)
BY_NAME = {row.name: row for row in ROWS}


def chosen(words):
    """Rows by name; T1 means T1/32 too."""
    if not words:
        return list(ROWS)
    return [row for row in ROWS if any(row.name == w or row.name.startswith(w + "/")
                                       for w in words)]
