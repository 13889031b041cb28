# SPDX-License-Identifier: GPL-2.0
"""
Lines of memory, out of what the plugin wrote down (plugin/lines.c): how many a packet
needs, and which go from one CPU to another.

A *line* is 64 bytes of physical memory. A *window* is what happens between two times of
the same thing that the driver does once for each packet, its *milestone*: a function of
it is entered, or it calls one of the core; so a line counts once for a packet, however often it
is used, and again for the next. Each CPU has windows of its own.
"""
import bisect
import struct

from linesmap import LINE

RECORD = struct.Struct("<QQIBBH")
READ, WRITE, COPY, CALL, BLOCK, MARK = 1, 2, 4, 8, 16, 32
KIND_AT = 20
BATCH = 64              # packets in a long window: what NAPI does in one go
OFTEN = 0.02            # a milestone may be this far from once for each packet
HIGH = 0xffffffff00000000


class Trace:
    """A file of records; those between marks, by number."""

    def __init__(self, path):
        with open(path, "rb") as f:
            data = f.read()
        self.data = memoryview(data)[:len(data) // RECORD.size * RECORD.size]
        kinds = bytes(self.data[KIND_AT::RECORD.size])
        self.marks = {}
        at = kinds.find(bytes([MARK]))
        while at >= 0:
            self.marks[RECORD.unpack_from(self.data, at * RECORD.size)[1]] = at
            at = kinds.find(bytes([MARK]), at + 1)

    def between(self, first, last):
        """[(phys, vaddr, pc, kind, size, cpu)]"""
        lo, hi = self.marks[first] + 1, self.marks[last]
        return RECORD.iter_unpack(self.data[lo * RECORD.size:hi * RECORD.size])


def in_modules(records, where, driver="hv_netvsc"):
    """
    What of them is the driver's and the bus's, in a form of its own: ("touch", cpu, pc, phys, vaddr, kind,
    size), and ("step", cpu, name) for what may be a milestone: the driver's functions that are entered, and
    those outside that it calls. where(addr): (module, function, whether it begins there), or None.
    """
    inside, known = {}, {}
    for phys, vaddr, pc, kind, size, cpu in records:
        if kind & (CALL | BLOCK) == 0:
            if pc not in known:
                known[pc] = where(pc | HIGH)
            if known[pc]:
                yield "touch", cpu, pc | HIGH, phys, vaddr, kind, size
            continue
        if pc not in known:
            known[pc] = where(pc | HIGH)
        place = known[pc]
        ours = place is not None and place[0] == driver
        if kind & BLOCK:
            if ours and place[2] and (vaddr or not inside.get(cpu)):
                yield "step", cpu, ("enters", place[1])
            inside[cpu] = ours
        elif ours and not where(vaddr):
            yield "step", cpu, ("calls", vaddr)


def milestone(steps, packets):
    """
    What happens once for each packet: of [(cpu, name)] the name that is there as often as
    packets were, or nearly; the first one of several. None: nothing is.
    """
    counts = {}
    for _, name in steps:
        counts[name] = counts.get(name, 0) + 1
    near = [(abs(n - packets), order, name) for order, (name, n) in enumerate(counts.items())
            if abs(n - packets) <= OFTEN * packets]
    return min(near)[2] if near else None


class Windows:
    """Counts lines by window; every so many milestones of a CPU begin a new one."""

    def __init__(self, name, every=1):
        self.name = name
        self.every = every
        self.open = {}
        self.passed = {}
        self.times = {}         # {(line, bits): windows}

    def step(self, cpu, name):
        if name != self.name:
            return
        self.passed[cpu] = self.passed.get(cpu, 0) + 1
        if self.passed[cpu] % self.every == 0:
            self.close(cpu)

    def touch(self, cpu, lines, kind):
        bits = kind & (READ | WRITE)
        window = self.open.setdefault(cpu, {})
        for line in lines:
            window[line] = window.get(line, 0) | (bits if not kind & COPY else bits << 2)

    def close(self, cpu):
        for line, bits in self.open.pop(cpu, {}).items():
            self.times[line, bits] = self.times.get((line, bits), 0) + 1

    def end(self):
        for cpu in list(self.open):
            self.close(cpu)

    def by_line(self):
        """{line: [touched, read, written, touched with copying]} in windows."""
        told = {}
        for (line, bits), n in self.times.items():
            row = told.setdefault(line, [0, 0, 0, 0])
            for at, mask in enumerate((3, 1, 2, 15)):
                row[at] += n if bits & mask else 0
        return told


class Held:
    """What one CPU has of one line."""

    __slots__ = ("valid", "foreign", "moved", "true")

    def __init__(self):
        self.valid = False
        self.foreign = 0        # bytes that others wrote since it had the line
        self.moved = 0          # those, when the line came the last time; 0: it did not
        self.true = False       # it used one of them since


class Sharing:
    """
    Lines that one CPU wrote and another one then touches. Each CPU keeps what it has
    seen for ever, so that a line moves only because of the others. It moved in vain, by
    *false* sharing, if until the next time nothing is used that another one wrote.
    """

    def __init__(self):
        self.lines = {}
        self.moves = {}         # {line: [moves, of these false]}
        self.writers = {}       # {line: CPUs}

    def touch(self, cpu, line, mask, write):
        held = self.lines.setdefault(line, {})
        mine = held.get(cpu)
        if mine is None:
            mine = held[cpu] = Held()
            for other, its in held.items():
                if other != cpu and its is not mine:
                    mine.foreign |= self.written(line, other)
        if not mine.valid:
            self.settle(line, mine)
            mine.valid = True
            mine.moved, mine.foreign, mine.true = mine.foreign, 0, False
        if mine.moved & mask:
            mine.true = True
        if not write:
            return
        writers = self.writers.setdefault(line, {})
        writers[cpu] = writers.get(cpu, 0) | mask
        for other, its in held.items():
            if other != cpu:
                its.valid = False
                its.foreign |= mask

    def written(self, line, cpu):
        return self.writers.get(line, {}).get(cpu, 0)

    def settle(self, line, held):
        if held.moved:
            row = self.moves.setdefault(line, [0, 0])
            row[0] += 1
            row[1] += not held.true
        held.moved = 0

    def end(self):
        for line, held in self.lines.items():
            for its in held.values():
                self.settle(line, its)


def parts(phys, size):
    """[(line, mask of its bytes)] of an access."""
    first, at = phys // LINE, phys % LINE
    mask = ((1 << size) - 1) << at
    if at + size <= LINE:
        return [(first, mask)]
    return [(first, mask & ((1 << LINE) - 1)), (first + 1, mask >> LINE)]


class Names:
    """What lines are called, and which functions use them. The last virtual address of a line counts."""

    def __init__(self):
        self.vaddr = {}
        self.used = {}          # {(line, pc): accesses}

    def touch(self, vaddr, pc, lines):
        for n, line in enumerate(lines):
            self.vaddr[line] = vaddr // LINE * LINE + n * LINE
            self.used[line, pc] = self.used.get((line, pc), 0) + 1


def analyse(records, where, memory, packets):
    """
    One repetition: {"milestone", "cpus", "unknown", "names": {name: row}}, None without a milestone. A row has,
    for all lines of that name, in windows or times: touched, read, written, with copying, touched in long
    windows, moves, false moves, lines that several CPUs wrote, and "by": {function: accesses}.
    """
    told = list(in_modules(records, where))
    name = milestone(((t[1], t[2]) for t in told if t[0] == "step"), packets)
    if name is None:
        return None
    short, long, shared, names = Windows(name), Windows(name, BATCH), Sharing(), Names()
    cpus = {}
    for item in told:
        cpu = item[1]
        cpus[cpu] = cpus.get(cpu, 0) + 1
        if item[0] == "step":
            short.step(cpu, item[2])
            long.step(cpu, item[2])
            continue
        _, _, pc, phys, vaddr, kind, size = item
        pieces = parts(phys, size)
        lines = [line for line, _ in pieces]
        short.touch(cpu, lines, kind)
        long.touch(cpu, lines, kind)
        names.touch(vaddr, pc, lines)
        for line, mask in pieces:
            shared.touch(cpu, line, mask, kind & WRITE)
    for part in (short, long, shared):
        part.end()
    return {"milestone": list(name), "cpus": len(cpus), "unknown": cpus.get(0xffff, 0) / max(1, len(told)),
            "names": by_name(short, long, shared, names, where, memory)}


def by_name(short, long, shared, names, where, memory):
    rows, called = {}, {}
    fresh = lambda: {"touched": 0, "read": 0, "written": 0, "copying": 0, "long": 0, "moves": 0,     # noqa: E731
                     "false": 0, "several": 0, "by": {}, "lines": 0}
    for line, vaddr in names.vaddr.items():
        called[line] = memory.name(vaddr)
        rows.setdefault(called[line], fresh())["lines"] += 1
    for line, counts in short.by_line().items():
        row = rows[called[line]]
        for key, n in zip(("touched", "read", "written", "copying"), counts):
            row[key] += n
    for line, counts in long.by_line().items():
        rows[called[line]]["long"] += counts[0]
    for line, (moves, false) in shared.moves.items():
        rows[called[line]]["moves"] += moves
        rows[called[line]]["false"] += false
    for line, writers in shared.writers.items():
        rows[called[line]]["several"] += len(writers) > 1
    for (line, pc), n in names.used.items():
        by = rows[called[line]]["by"]
        function = where(pc)[1]
        by[function] = by.get(function, 0) + n
    return rows


class Places:
    """where() of in_modules, from the modules of counts.py."""

    def __init__(self, modules):
        self.modules = modules
        self.known = {}

    def __call__(self, addr):
        if addr not in self.known:
            self.known[addr] = self.look(addr)
        return self.known[addr]

    def look(self, addr):
        place = self.modules.where(addr)
        if not place:
            return None
        starts = self.modules.names.starts
        at = bisect.bisect_left(starts, addr)
        return place[0], self.modules.function(addr), at < len(starts) and starts[at] == addr
