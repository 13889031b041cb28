# SPDX-License-Identifier: GPL-2.0
"""
Whole workloads: the rows of tests/bench/run --workloads, and how they are measured.

One guest with one CPU for all rows: NIC 0 to the peer, NICs 1 and 2 between the host's
generator and its sink. It is the closed outer guest with the counting plugin, as for
the other rows; so time is instructions, of the guest, of the host and of the peer.
guest/work.py does it, workreport.py makes figures, gates and tables of it.
"""
import guestrun

NICS = ("queues=1,rsc=on", "queues=1", "queues=1")
MEMORY = 768
SECONDS, QUICK_SECONDS = 1, 0.25        # of a row that goes on for a time; or that part of its frames
FRAMES = (("64", 60), ("1500", 1514))


class Work:
    """One line of the table. @unit: what is done, bytes or things that are counted."""

    def __init__(self, name, title, load, unit="packet", nics=(0,), count=0, **more):
        self.name = name
        self.title = title
        self.load = load
        self.unit = unit
        self.nics = nics
        self.count = count      # of frames, where no time is set
        self.more = more

    # As the other rows have it: per what something is counted.
    @property
    def per(self):
        return "KB" if self.unit == "byte" else self.unit

    def units(self, rep):
        # A program that leaves out the first and last of its time says how many there were in all of it.
        return rep["work"].get("all", rep["work"]["units"]) / (1024 if self.unit == "byte" else 1)

    def step(self, quick, reps, driver):
        told = dict(self.more, row=self.name, load=self.load, nics=self.nics, reps=reps, seconds=QUICK_SECONDS if quick else SECONDS)
        if self.count:
            told["count"] = self.count
        if self.load == "socket_forward":
            # The best that each has: stock has no driver mode.
            told["mode"] = "driver" if driver == "ours" else "copy"
        return told


def streams():
    for flows in (1, 8):
        said = "%d flow%s" % (flows, "s" * (flows > 1))
        name = "TCP%d/" % flows
        yield Work(name + "out", "TCP stream to the peer, " + said, "stream", "byte", flows=flows, out=True)
        yield Work(name + "in", "TCP stream from the peer, %s, LRO off" % said, "stream", "byte", flows=flows, out=False,
                   features="lro off")
        yield Work(name + "in/rsc", "TCP stream from the peer, %s, LRO on" % said, "stream", "byte", flows=flows, out=False,
                   features="lro on")


def passing():
    for name, size in FRAMES:
        for end, said, conntrack in (("", "", False), ("/ct", ", nf_conntrack", True)):
            yield Work("FWD%s%s" % (name, end), "forwarded to another NIC, %s B%s" % (name, said), "forward", nics=(1, 2),
                       count=16384, size=size, conntrack=conntrack)
    for name, size in FRAMES:
        yield Work("XDP" + name, "XDP_REDIRECT to another NIC, %s B" % name, "redirect", nics=(1, 2), count=16384, size=size)
    for name, size in FRAMES:
        yield Work("XSK" + name, "AF_XDP l2fwd, %s B (ours driver, stock copy mode)" % name, "socket_forward", nics=(1,),
                   count=16384, size=size)


ROWS = (
    *streams(),
    Work("RR/tcp", "TCP requests and answers, 64 B", "requests", "transaction", kind="tcp"),
    Work("RR/udp", "UDP requests and answers, 64 B", "requests", "transaction", kind="udp"),
    Work("CRR", "TCP connections, a request and answer each", "connections", "transaction"),
    *(Work("UDP%d/%s" % (size, way), "UDP flood %s the peer, %d B" % ("to" if way == "out" else "from", size), "flood",
           size=size, out=way == "out") for size in (64, 1400) for way in ("out", "in")),
    *passing(),
)


def chosen(words):
    """Rows by name, or the part of it before a slash; all without words."""
    return [row for row in ROWS if not words or any(row.name == w or row.name.startswith(w + "/") for w in words)]


def measure(kernel, driver, chosen_rows, args, number):
    """One guest: its Result."""
    options = ["--nics", str(len(NICS)), "--cpus", "1", "--mem", str(MEMORY)]
    for nic in NICS:
        options += ["--nic", nic]
    plan = [row.step(args.quick, args.reps, driver) for row in chosen_rows]
    return guestrun.under_plugin(kernel, driver, ["work.py", "/mnt/share/plan.json"], options, plan,
                                 "%s-%s-work-%d" % (kernel.name, driver, number))
