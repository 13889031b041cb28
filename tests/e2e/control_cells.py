# SPDX-License-Identifier: GPL-2.0
"""The control-plane table as data: operations, what each asks the host for, faults, cells.

What an operation asks for is learned from the host (trace.requests) and kept in control-requests.txt: a line is
"operation: request request ...", in order, a question mark behind a request that waits for an answer. A cell is
OPERATION/REQUEST/FAULT; of several requests of one name in an operation the second is REQUEST#2. OPERATION/-/none is
the operation with a host that behaves well.
"""
import collections
import os
import random

LIST = os.path.join(os.path.dirname(os.path.realpath(__file__)), "control-requests.txt")
OPERATIONS = ("probe", "up", "down", "ring", "channels", "mtu", "mac", "promisc-on", "promisc-off", "rss",
              "lro-on", "lro-off", "sleep", "unbind", "bind", "remove", "vf-to", "vf-from")
FAULTS = ("late", "lost", "refused", "twice", "rescinded", "killed", "again")
REFUSABLE = ("vmbus.open", "vmbus.subopen", "vmbus.gpadl", "nvsp.init", "nvsp.recv_buf", "nvsp.send_buf",
             "nvsp.subchannel", "rndis.initialize", "rndis.query", "rndis.set")
# Nobody waits whom a signal could reach: the bus probes, the whole machine sleeps, the host removes.
NO_CALLER = ("probe", "sleep", "remove")
SAMPLE_SEED = 13
SAMPLE = (("late", 1), ("lost", 1), ("killed", 1), ("refused", 2), ("twice", 2), ("rescinded", 3), ("none", 1))
SAMPLE_LEAVES = ("sleep", "vf-to", "vf-from")	# too slow for the sample
# What was found to go wrong before the table was there, as far as it is a cell.
FINDINGS = ("ring/vmbus.teardown/late", "sleep/-/none", "probe/rndis.initialize/late", "mac/rndis.set.0x0001021b/late",
            "probe/vmbus.subopen/rescinded", "ring/vmbus.open/killed", "ring/rndis.initialize/again",
            "sleep/rndis.initialize/lost", "promisc-off/rndis.set.0x0001010e/late", "lro-off/rndis.set.0xfc01020c/refused",
            "bind/rndis.set.0xfc01020c/refused", "channels/rndis.query.0x00010203/refused",
            "rss/rndis.set.0x00010204/late")

Cell = collections.namedtuple("Cell", "operation request nth fault answered tail")


def name_of(cell):
    return "%s/%s%s/%s" % (cell.operation, cell.request, "#%d" % cell.nth if cell.nth > 1 else "", cell.fault)


def read_list(path=LIST):
    """Operation -> its requests as traced."""
    table = {}
    with open(path) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                operation, _, words = line.partition(":")
                table[operation] = words.split()
    return table


# Not a cell: a ring, taken back by vmbus_close(), is never answered for. hv_vmbus waits for that with the mutex that
# offers and rescinds need, so not even a rescind ends it; no driver of a device can help.
def applies(operation, request, answered, fault):
    if fault == "rescinded":
        return True
    if fault == "refused":
        return answered and request.startswith(REFUSABLE)
    if fault == "killed":
        return answered and operation not in NO_CALLER
    return answered


def all_cells(table):
    cells = []
    for operation in OPERATIONS:
        if operation not in table:
            continue
        cells.append(Cell(operation, "-", 1, "none", False, False))
        seen, tail, before = collections.Counter(), False, ""
        for word in table[operation]:
            request, answered = word.rstrip("?"), word.endswith("?")
            seen[request] += 1
            # From here on it is about sub-channels: the NIC may go on with fewer.
            tail = tail or request == "nvsp.subchannel"
            cells += [Cell(operation, request, seen[request], fault, answered, tail)
                      for fault in FAULTS if applies(operation, request, answered, fault) and
                      not (fault == "lost" and request == "vmbus.teardown" and before == "vmbus.close")]
            before = word
    return cells


def pairs(cells):
    """The fewest that greed finds in which each two of operation, request and fault meet that can meet at all."""
    def pairs_of(c):
        request = (c.request, c.nth)
        return {(c.operation, request), (c.operation, c.fault), (request, c.fault)}
    left = {p for c in cells for p in pairs_of(c)}
    chosen, rest = [], list(cells)
    while left:
        best = max(rest, key=lambda c: len(pairs_of(c) & left))
        left -= pairs_of(best)
        rest.remove(best)
        chosen.append(best)
    return sorted(chosen, key=cells.index)


def sample(cells, seed):
    rng, chosen = random.Random(seed), []
    for fault, n in SAMPLE:
        for _ in range(n):
            taken = [(c.operation, c.request) for c in chosen]
            fresh = [c for c in cells if c.fault == fault and c.operation not in SAMPLE_LEAVES]
            for i in (0, 1):    # another operation and another request than those before, as far as there are any
                some = [c for c in fresh if (c.operation, c.request)[i] not in [t[i] for t in taken]]
                fresh = some or fresh
            chosen.append(rng.choice(fresh))
    return chosen


def choose(words, table=None):
    """all[:i/n], pairs[:i/n], sample[:SEED], findings, or names of cells; ValueError when that is none."""
    cells = all_cells(table or read_list())
    kind, _, more = words.partition(":")
    if kind == "sample":
        return sample(cells, int(more or SAMPLE_SEED))
    if kind in ("all", "pairs"):
        cells = cells if kind == "all" else pairs(cells)
        i, n = (int(x) for x in (more or "1/1").split("/"))
        return cells[i - 1::n]
    if kind == "findings":
        words = " ".join(FINDINGS)
    by_name = {name_of(c): c for c in cells}
    missing = [w for w in words.split() if w not in by_name]
    if missing:
        raise ValueError("no cell " + ", ".join(missing))
    return [by_name[w] for w in words.split()]
