# SPDX-License-Identifier: GPL-2.0
"""
From repetitions to figures, tables and verdicts.

A figure is the median of the repetitions of a row; its spread is (most - least) /
median. A ratio is ours / stock.
"""
import statistics

import rows

SIGNAL_GATE = 1 / 16
FUNCTIONS = 14


def median(values):
    return statistics.median(values) if values else None


def per_unit(row, reps, what):
    """(median, spread) of what(rep) divided by the row's units."""
    values = [what(rep) / row.units(rep) for rep in reps]
    mid = median(values)
    return mid, (max(values) - min(values)) / mid if mid else 0.0


def instructions(rep):
    return sum(rep["counts"]["by_module"].values())


def figures(row, reps):
    """All figures of a row for one driver."""
    host = lambda name: (lambda rep: rep["host"].get(name, 0))      # noqa: E731
    told = {}
    parts = {
        "instructions": instructions,
        "netvsc_instructions": lambda r: r["counts"]["by_module"].get("hv_netvsc", 0),
        "vmbus_instructions": lambda r: r["counts"]["by_module"].get("hv_vmbus", 0),
        "kernel_instructions": lambda r: r["counts"]["kernel"],
        "copied_bytes": lambda r: r["counts"]["copied_bytes"],
        "copy_instructions": lambda r: r["counts"]["copy_instructions"],
        "locked": lambda r: r["counts"]["locked"],
        "fences": lambda r: r["counts"]["fences"],
        "signals": host("signals_from_guest"),
        "interrupts": host("interrupts"),
        "messages_out": host("ring_messages_from_guest"),
        "messages_in": host("ring_messages_to_guest"),
        "ns": lambda r: r["ns"],
    }
    for name, what in parts.items():
        told[name], spread = per_unit(row, reps, what)
        if name == "instructions":
            told["spread"] = spread
    told["repetitions"] = [instructions(rep) / row.units(rep) for rep in reps]
    told["lost"] = sum(max(0, rep["count"] - rep["stack"]) for rep in reps
                       if row.load not in ("tso", "bursts") and row.name[0] not in "XF")
    told["functions"] = functions(row, reps)
    told["calls"] = middle_of(row, reps, "calls")
    return told


def middle_of(row, reps, key):
    names = {name for rep in reps for name in rep["counts"][key]}
    told = {n: median([rep["counts"][key].get(n, 0) / row.units(rep) for rep in reps])
            for n in names}
    return dict(sorted(told.items(), key=lambda kv: -kv[1]))


def functions(row, reps):
    return middle_of(row, reps, "by_function")


class Gate:
    """One thing that ours must reach."""

    def __init__(self, name, got, limit):
        self.name = name
        self.got = got
        self.limit = limit

    def good(self):
        return self.got is not None and self.got <= self.limit + 1e-9

    def text(self):
        if self.got is None:
            return "%-44s not measured" % self.name
        short = "" if self.good() else "  (%.3f too much)" % (self.got - self.limit)
        return "%-44s %8.3f  <= %.4g  %s%s" % (self.name, self.got, self.limit,
                                              "ok" if self.good() else "FALLS SHORT", short)


def gates_of(row, pair):
    """Gates of one row; pair = {driver: figures}."""
    if "ours" not in pair:
        return []
    found = []
    if row.gate and "stock" in pair:
        found.append(Gate("%s instructions per %s, ratio" % (row.name, row.per),
                          pair["ours"]["instructions"] / pair["stock"]["instructions"], row.gate))
    if row.load == "bursts":
        found.append(Gate("%s signals per packet" % row.name, pair["ours"]["signals"], SIGNAL_GATE))
    return found


def socket_parts(results):
    """(row's name, {mode: figures}) of our driver, where both modes were measured."""
    for name, *_ in rows.SOCKETS:
        modes = {m: results.get("X5/%s/%s" % (name, m), {}).get("ours") for m in ("copy", "driver")}
        if all(modes.values()):
            yield "X5/" + name, modes


def socket_gates(results, kernel):
    return [Gate("%s: %s driver / copy mode, guest kernel" % (kernel, name),
                 modes["driver"]["kernel_instructions"] / modes["copy"]["kernel_instructions"],
                 rows.SOCKET_GATE) for name, modes in socket_parts(results)]


def socket_table(results, kernel):
    """AF_XDP: the whole guest kernel and driver + ring in both modes, per packet."""
    lines = ["", "%s: AF_XDP with our driver, instructions per packet, copy / driver mode" % kernel,
             "%-7s %26s %26s" % ("row", "guest kernel", "driver + ring"), "-" * 61]
    for name, modes in socket_parts(results):
        cells = []
        for what in ("kernel_instructions", "instructions"):
            copy, driver = modes["copy"][what], modes["driver"][what]
            cells.append("%8.0f / %6.0f = %5.2f" % (copy, driver, driver / copy))
        lines.append("%-7s %26s %26s" % (name, *cells))
    return lines if len(lines) > 4 else []


def ratio(pair, name):
    ours, stock = pair.get("ours", {}).get(name), pair.get("stock", {}).get(name)
    return ours / stock if ours is not None and stock else None


def cell(value, form="%9.2f"):
    return form % value if value is not None else " " * 8 + "-"


def table(results, kernel):
    """The main table of one kernel: instructions per unit. results: {row name: pair}."""
    lines = ["", "%s: instructions of hv_netvsc and hv_vmbus per packet (or KB)" % kernel,
             "%-7s %-34s %9s %9s %7s %7s   %s" % ("row", "", "stock", "ours", "ratio", "gate",
                                                  "spread"), "-" * 90]
    for row in rows.ROWS:
        pair = results.get(row.name)
        if not pair:
            continue
        part = ratio(pair, "instructions")
        word = "" if part is None or not row.gate else "ok" if part <= row.gate else "SHORT"
        lines.append("%-7s %-34s %s %s %s %7s %-5s %s" % (
            row.name, row.title + (" [KB]" if row.per == "KB" else ""),
            cell(pair.get("stock", {}).get("instructions")),
            cell(pair.get("ours", {}).get("instructions")),
            cell(part, "%7.2f") if part is not None else "      -",
            "%.2f" % row.gate if row.gate else "", word,
            " ".join("%.1f%%" % (100 * f["spread"]) for f in pair.values())))
    return lines


COLUMNS = (("signals", "signals"), ("interrupts", "interrupts"), ("messages_out", "msgs out"),
           ("messages_in", "msgs in"), ("copied_bytes", "copied B"), ("copy_instructions", "copy ins"),
           ("locked", "locked"), ("kernel_instructions", "guest knl"))


def details(results, kernel):
    """The second table: what else was counted, stock / ours in each cell."""
    lines = ["", "%s: per packet (or KB), stock / ours" % kernel,
             "%-7s" % "row" + "".join("%18s" % title for _, title in COLUMNS), "-" * 151]
    for row in rows.ROWS:
        pair = results.get(row.name)
        if not pair:
            continue
        cells = ""
        for name, _ in COLUMNS:
            two = [pair.get(d, {}).get(name) for d in ("stock", "ours")]
            cells += "%18s" % " / ".join("-" if v is None else
                                         "%.3f" % v if v < 10 else "%.0f" % v for v in two)
        lines.append("%-7s%s" % (row.name, cells))
    return lines


def profile(row, told, driver):
    """What a packet's cost consists of, by function."""
    lines = ["", "%s, %s driver: %.1f instructions per %s, by function" %
             (row.name, driver, told["instructions"], row.per)]
    for name, count in list(told["functions"].items())[:FUNCTIONS]:
        lines.append("  %8.2f  %4.1f %%  %s" % (count, 100 * count / told["instructions"], name))
    calls = ["%s %.2f" % (n, c) for n, c in list(told["calls"].items())[:10] if c >= 0.02]
    lines.append("  calls into the core: " + ", ".join(calls))
    return lines
