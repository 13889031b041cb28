#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A host that rewrites what the guest has already, under traffic: what is checked must be what is used.

usage: double-fetch.py run [PART[:SECONDS]...]      in a guest of the test host: KTAP points, "# cell" lines

PART is ring, completion, section (Documentation/testhost.md, "rewrite"), all, or one field, MESSAGE/FIELD: then nothing else
changes, and every second frame has it wrong. SECONDS, times SLOW, for how long. Default: the parts for 15 seconds, and the
fields of AIMED for 6. Afterwards, the host honest again, the interface has to work, by itself or set down and up, as with the
cells of hostile-table.py.
"""
import importlib
import os
import sys
import time

import frames
import hostile_cells as cells_of

hostile = importlib.import_module("hostile-table")
table = hostile.table
host = hostile.host

PARTS = ("section", "completion", "ring", "all")
# What is checked when a frame is received, and used afterwards.
AIMED = ("rndis.packet/data_offset", "rndis.packet/data_length", "rndis.packet/ppi_offset", "rndis.packet/ppi_size",
         "packet.xfer/data_offset", "packet.xfer/length", "packet.xfer/range_cnt", "packet.xfer/byte_offset")
SECONDS, AIMED_SECONDS = 15, 6
SEED = int(os.environ.get("HOSTILE_SEED", cells_of.SEED))
ROUND_US = 100
FRAMES = 44             # of the generator at a time; half as many to the sink
CROWD, ABREAST = 1000, 8    # frames that nobody hears, so many in a packet: more moments at which a value can change


class Rewritten(hostile.Attempt):
    """One part of what the host writes, for a while."""

    def __init__(self, bench, words):    # pylint: disable=super-init-not-called
        self.part, _, seconds = words.partition(":")
        self.message, _, self.field = self.part.partition("/")
        self.bench, self.seconds = bench, float(seconds or (AIMED_SECONDS if self.field else SECONDS)) * table.SLOW
        self.cell = cells_of.Cell("rewrite", self.part, "bring-up")
        self.bad, self.notes = [], []
        self.nic = self.fault = self.status = self.traffic = self.asking = None
        self.opens = self.excused = self.counted = self.sent = 0
        self.started = time.monotonic()
        self.lines_of_end = ([], [])

    def stat(self, name):
        return int(host("stats", get=name, nic=self.nic.number))

    def acted(self):
        return True

    def act(self):
        self.nic = self.bench.nic_for("running")
        self.opens, self.excused = self.stat("opens"), self.stat("excused")
        self.counted = hostile.complaints(self.nic.dev)
        self.bench.rtnl.take()
        what = {} if self.part == "all" else {"what": self.message, **({"field": self.field} if self.field else {})}
        host("fault.set", name="rewrite", nic=self.nic.number, count=0, value=ROUND_US, seed=SEED, **what)
        self.traffic = hostile.Traffic(self.nic.number, self.nic.dev)
        end, turn = time.monotonic() + self.seconds, 0
        # A guest that has little of the processor has more time.
        last = end + 3 * self.seconds
        while time.monotonic() < (end if self.has_traffic() else last) and not self.bad:
            turn += 1
            try:
                self.meanwhile(turn)
            except (OSError, table.Refused):
                time.sleep(0.2)     # the interface is gone, or down, just now

    def has_traffic(self):
        # A descriptor that is wrong costs all that is in the ring behind it, or the channel until it is opened anew.
        least = 1 if self.part in ("ring", "all") or self.message.startswith("packet.") else self.seconds
        return self.traffic.got >= least and self.sent >= least

    def meanwhile(self, turn):
        if not self.nic.dev:
            raise table.Refused("no interface")
        self.traffic.dev, self.traffic.sent = self.nic.dev, 0
        self.do(self.traffic.run, FRAMES)
        self.sent += self.traffic.sent
        host("gen.send", dst="nic%d" % self.nic.number, count=CROWD, size=60, burst=ABREAST)
        if self.field:          # frames alone: what the host is asked would wait for an answer
            return
        if turn % 4 == 1:       # answers and news are rewritten, too
            if not self.asking or self.asking.ended(0):     # it may wait for an answer that was bent
                self.asking = hostile.Doing(frames.set_table, self.nic.dev, 1 + turn // 4 % 2)
            host("nic.netchange", nic=self.nic.number)
        elif turn % 24 == 12:   # and all that a new attachment hears
            self.reconfigure()

    def judge(self):
        if self.asking and not self.asking.ended(table.OP_SECONDS):
            self.bad.append("does not end")
        rewrites, waiting = self.stat("rewrites"), self.stat("rewrites_waiting")
        errors, opens = hostile.complaints(self.nic.dev) - self.counted, self.stat("opens") - self.opens
        host("fault.clear", get="cleared", nic=self.nic.number)
        self.notes.append("%d values rewritten, %d of them in what waited; %d frames to the guest, %d of them wrong, %d "
                          "from it; %d errors counted, opened %d times more"
                          % (rewrites, waiting, self.traffic.got, self.traffic.wrong, self.sent, errors, opens))
        self.bench.point(waiting >= self.seconds, "%s: values were rewritten in what waited" % self.part, self.notes[0])
        self.bench.point(self.has_traffic(), "%s: frames go both ways meanwhile" % self.part, self.notes[0])
        self.bench.point(errors + self.traffic.wrong > 0, "%s: the guest met some of them" % self.part, self.notes[0])
        if self.part == "section":  # else the host says that it read what it has not
            self.bench.point(not self.traffic.corrupt, "%s: what the guest sends is what it was to send" % self.part,
                             "%d frames are not" % self.traffic.corrupt)
        self.status = None
        return self.outcome()


def main(argv):
    parts = (argv[1].split() if len(argv) > 1 else []) or PARTS + AIMED
    if argv[:1] != ["run"] or any(p.partition(":")[0] not in PARTS and "/" not in p for p in parts):
        print(__doc__, file=sys.stderr)
        return 2
    bench = hostile.Bench()
    hostile.batch(bench, (Rewritten(bench, p) for p in parts))
    print("    1..%d" % bench.points)
    return bench.bad > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
