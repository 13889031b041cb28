# SPDX-License-Identifier: GPL-2.0
"""
What whole workloads come to: figures, gates, tables.

A figure is the median of the repetitions. Throughput is by the guest's clock, in which the
host and the peer have their part: on one CPU, all three are slower for what any of them
does. "Guest" in the second table is what the guest alone executed.
"""
import math

import report

MEAN_GATE = 1.15
SLACK = 1e-9
NS = 2                  # an instruction takes, tests/outer/closed.py
PLACES = ("sender", "host", "driver", "backlog", "socket", "elsewhere")


class LeastGate(report.Gate):
    """One thing of which ours must have as much."""

    def good(self):
        return self.got is not None and self.got >= self.limit - SLACK

    def text(self):
        if self.got is None:
            return report.Gate.text(self)
        short = "" if self.good() else "  (%.3f too little)" % (self.limit - self.got)
        return "%-44s %8.3f  >= %.4g  %s%s" % (self.name, self.got, self.limit, "ok" if self.good() else "FALLS SHORT", short)


def rate_of(row, rep):
    """Mbit/s of a stream, else so many a second."""
    told = rep["work"]
    done = told["units"] * 8 / 1e6 if row.unit == "byte" else told["units"]
    return done / told["seconds"] if told["seconds"] else 0.0


def work_figures(row, reps):
    """All figures of a row for one driver. None: nothing was done."""
    if not reps or any(not rep["work"]["units"] for rep in reps):
        return None
    rates = [rate_of(row, rep) for rep in reps]
    told = {"rate": report.median(rates), "rates": rates,
            "spread": (max(rates) - min(rates)) / report.median(rates)}
    for name in ("median_us", "p99_us"):
        if name in reps[0]["work"]:
            told[name] = report.median([rep["work"][name] for rep in reps])
    parts = {
        "instructions": report.instructions,
        "kernel_instructions": lambda r: r["counts"]["kernel"],
        "guest_instructions": lambda r: r["counts"]["guest"],
        "signals": lambda r: r["host"]["signals_from_guest"],
        "interrupts": lambda r: r["host"]["interrupts"],
    }
    for name, what in parts.items():
        told[name], _ = report.per_unit(row, reps, what)
    told["share"] = report.median([rep["counts"]["guest"] * NS / rep["ns"] for rep in reps])
    told["functions"] = report.functions(row, reps)
    told["calls"] = report.middle_of(row, reps, "calls")
    if "sent" in reps[0]["work"]:
        told["sent"] = sum(rep["work"]["sent"] for rep in reps)
        told["arrived"] = sum(rep["work"]["units"] for rep in reps)
        told["places"] = {place: sum(rep["work"]["places"].get(place, 0) for rep in reps) for place in PLACES}
        told["lost"] = max(0, told["sent"] - told["arrived"]) / told["sent"] if told["sent"] else 0.0
    return told


def work_ratio(pair, name="rate"):
    return report.ratio({driver: told or {} for driver, told in pair.items()}, name)


def work_gates(results, kernel, drivers):
    """Throughput, loss and percentiles of each row, and the mean of the throughputs."""
    if set(drivers) != {"stock", "ours"}:
        return []
    found, ratios = [], []
    for name, pair in results.items():
        ours, stock = (pair.get(driver) or {} for driver in ("ours", "stock"))
        got = work_ratio(pair)
        ratios.append(got)
        found.append(LeastGate("%s: %s throughput, ratio" % (kernel, name), got, 1.0))
        if "lost" in ours and "lost" in stock:
            found.append(report.Gate("%s: %s lost, part of all" % (kernel, name), ours["lost"], stock["lost"]))
        for key, said in (("median_us", "median"), ("p99_us", "99th percentile")):
            if key in ours and key in stock:
                found.append(report.Gate("%s: %s %s, ratio" % (kernel, name, said), work_ratio(pair, key), 1.0))
    mean = None if not ratios or None in ratios else math.exp(sum(map(math.log, ratios)) / len(ratios))
    found.append(LeastGate("%s: geometric mean of %d throughputs" % (kernel, len(ratios)), mean, MEAN_GATE))
    return found


# ---- tables ----

def two(pair, form, name):
    """Stock / ours."""
    told = [(pair.get(driver) or {}).get(name) for driver in ("stock", "ours")]
    return " / ".join("-" if value is None else form % value for value in told)


def work_table(rows, results, release):
    lines = ["", "%s: whole workloads, by the guest's clock (Mbit/s, or so many a second)" % release,
             "%-11s %-52s %10s %10s %7s %-6s %s" % ("row", "", "stock", "ours", "ratio", "", "spread"), "-" * 112]
    for row in rows:
        pair = results[row.name]
        part = work_ratio(pair)
        word = "" if part is None else "ok" if part >= 1 - SLACK else "SHORT"
        cells = [report.cell((pair.get(d) or {}).get("rate"), "%10.1f") for d in ("stock", "ours")]
        lines.append("%-11s %-52s %10s %10s %s %-6s %s" % (
            row.name, row.title, *cells, report.cell(part, "%7.3f") if part is not None else "      -", word,
            " ".join("%.1f%%" % (100 * told["spread"]) for told in pair.values() if told)))
    return lines


def latency_table(rows, results, release):
    lines = ["", "%s: microseconds of a transaction, stock / ours" % release,
             "%-11s %24s %24s" % ("row", "median", "99th percentile"), "-" * 61]
    for row in rows:
        pair = results[row.name]
        if any("median_us" in (told or {}) for told in pair.values()):
            lines.append("%-11s %24s %24s" % (row.name, two(pair, "%.1f", "median_us"), two(pair, "%.1f", "p99_us")))
    return lines if len(lines) > 4 else []


def loss_table(rows, results, release):
    lines = ["", "%s: packets lost, in all repetitions, and where" % release,
             "%-11s %-6s %8s %8s %8s " % ("row", "driver", "sent", "lost", "") +
             " ".join("%9s" % place for place in PLACES), "-" * 112]
    for row in rows:
        for driver in ("stock", "ours"):
            told = results[row.name].get(driver) or {}
            if "lost" in told:
                lines.append("%-11s %-6s %8d %8d %7.2f%% " % (
                    row.name, driver, told["sent"], told["sent"] - told["arrived"], 100 * told["lost"]) +
                    " ".join("%9d" % told["places"][place] for place in PLACES))
    return lines if len(lines) > 4 else []


COSTS = (("guest", "guest_instructions", "%.0f"), ("guest kernel", "kernel_instructions", "%.0f"),
         ("driver + ring", "instructions", "%.0f"), ("signals", "signals", "%.3f"), ("interrupts", "interrupts", "%.3f"),
         ("share of time", "share", "%.2f"))


def cost_table(rows, results, release):
    lines = ["", "%s: instructions, signals and interrupts per packet (KB, transaction), stock / ours; the guest's share of the clock"
             % release, "%-11s" % "row" + "".join("%20s" % said for said, _, _ in COSTS) + "%13s" % "guest, ratio", "-" * 144]
    for row in rows:
        pair = results[row.name]
        part = work_ratio(pair, "guest_instructions")
        lines.append("%-11s" % row.name + "".join("%20s" % two(pair, form, name) for _, name, form in COSTS) +
                     "%13s" % ("-" if part is None else "%.3f" % part))
    return lines


def work_text(rows, results, release):
    return [line for table in (work_table, latency_table, loss_table, cost_table) for line in table(rows, results, release)]
