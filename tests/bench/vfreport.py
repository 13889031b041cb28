# SPDX-License-Identifier: GPL-2.0
"""
Table, goals and picture of tests/bench/vf.

A figure of an event is over all cycles: datagrams lost (and how many of the events
lost any), the median and the most of the longest silences.
"""
import shutil
import statistics
import subprocess

import plot
import report

COLORS = {"stock": "#c53030", "ours": "#2f855a"}
TITLES = {"none": "nothing", "planned": "VF down, up in the guest", "eject": "host asks for the VF, brings it",
          "surprise": "host takes the VF, brings it", "carrier": "VF's cable out, in",
          "fallback": "host goes back, returns"}
HISTOGRAM_BEGIN_MS, HISTOGRAM_STEP_MS = -200, 20


def told(whole):
    """(kernel, driver, kind, line)"""
    for name, kernel in whole["kernels"].items():
        kinds = {kind for lines in kernel["drivers"].values() for kind in lines}
        for kind in [k for k in TITLES if k in kinds]:
            for driver, lines in kernel["drivers"].items():
                if kind in lines:
                    yield name, driver, kind, lines[kind]


def joined(first, second):
    """Two guests' lines of one kind as one. A guest that broke off is told, and does not count."""
    broken = [line for line in (first, second) if "error" in line]
    if broken:
        other = second if broken[0] is first else first
        return dict(other, broken=other.get("broken", 0) + 1 + broken[0].get("broken", 0))
    both = dict(first, events=first["events"] + second["events"], broken=first.get("broken", 0) + second.get("broken", 0))
    for name in ("cycles", "failed", "retrans"):
        both[name] = first[name] + second[name]
    both["reordered"] = {way: n + second["reordered"][way] for way, n in first["reordered"].items()}
    both["histogram"] = {name: [[a + b for a, b in zip(*pair)] for pair in zip(bins, second["histogram"][name])]
                         for name, bins in first["histogram"].items()}
    return both


def together(first, second):
    """{kind: line} of two guests."""
    return {kind: joined(first[kind], second[kind]) if kind in first and kind in second else
            first.get(kind) or second[kind] for kind in [*first, *second]}


def figures(line, what):
    events = [e for e in line["events"] if e["event"] == what]
    found = {"events": len(events), "stall": [e["stall_ms"] for e in events],
             "late": sum(e.get("up_late", 0) for e in events), "knew": [e["knew_ms"] for e in events if "knew_ms" in e]}
    for way in ("up", "down"):
        found[way] = {"sent": sum(e[way + "_sent"] for e in events), "lost": sum(e[way + "_lost"] for e in events),
                      "hit": sum(e[way + "_lost"] > 0 for e in events), "worst": max(e[way + "_lost"] for e in events),
                      "gap": [e[way + "_gap_ms"] for e in events]}
    return found


def two(values):
    """median / most"""
    return "%.0f / %.0f" % (statistics.median(values), max(values))


def went_wrong(line):
    return "".join("   %d %s" % (n, what) for n, what in (
        (line["failed"], "cycles went wrong"), (line.get("broken", 0), "guests broke off")) if n)


def table(whole):
    """(lines, goals)"""
    lines, goals, last = [], [], None
    for kernel, driver, kind, line in told(whole):
        if kernel != last:
            lines += ["", "%s: datagrams lost (events that lost any; most in one) of those sent; longest silence and "
                      "standstill of TCP in ms, median / most; left: when the driver said that it does not use the VF any "
                      "more, late: lost of what the guest sent after that" % whole["kernels"][kernel]["release"],
                      "%-33s %-5s %-6s %6s %24s %24s %14s %14s %14s %14s %6s" % (
                          "change", "event", "driver", "events", "lost, guest sends", "lost, guest receives",
                          "silence out", "silence in", "TCP", "left", "late")]
            last = kernel
        if "error" in line:
            lines.append("%-33s %-5s %-6s %s" % (TITLES[kind], "", driver, line["error"]))
            goals += [report.Gate("%s: %s" % (kernel, kind), None, 0)] if driver == "ours" else []
            continue
        for what in ("away", "back"):
            row = figures(line, what)
            lost = ["%d (%d; %d) of %d" % tuple(row[way][k] for k in ("lost", "hit", "worst", "sent"))
                    for way in ("up", "down")]
            lines.append("%-33s %-5s %-6s %6d %24s %24s %14s %14s %14s %s%s" % (
                TITLES[kind], what, driver, row["events"], *lost, two(row["up"]["gap"]), two(row["down"]["gap"]),
                two(row["stall"]),
                "%14s %6d" % (two(row["knew"]), row["late"]) if row["knew"] else "%14s %6s" % ("", ""), went_wrong(line)))
            if driver == "ours" and kind in ("planned", "eject"):
                goals.append(report.Gate("%s: %s, %s: datagrams lost" % (kernel, kind, what),
                                         row["up"]["lost"] + row["down"]["lost"], 0))
            if driver == "ours" and kind == "surprise" and row["knew"]:
                goals.append(report.Gate("%s: surprise: lost of what was sent later than the driver knew" % kernel, row["late"], 0))
    return lines, goals


# ---- the picture: what was lost at which time since the event ----

def script(whole, target):
    """
    The gnuplot program: a panel for each change and event, a line for each driver and direction,
    as far as a third of the events go.
    """
    rows = [r for r in told(whole) if "error" not in r[3] and r[2] != "none"]
    panels = sorted({(kernel, kind) for kernel, _, kind, _ in rows}, key=lambda p: (p[0], list(TITLES).index(p[1])))
    lines = ['set terminal svg size 1160,%d font "sans-serif,11" background "#ffffff"' % (190 * len(panels) + 60),
             'set output "%s"' % target,
             'set multiplot layout %d,2 title "Datagrams lost, %%, by the time since the event in ms; '
             'full line: guest sends, dashed: guest receives"' % len(panels),
             'set yrange [0:105]', 'set xrange [%d:%d]' % (HISTOGRAM_BEGIN_MS, 2000), 'set ytics 50',
             "set grid lt 1 lc '#eeeeee'", 'set key top right', 'set lmargin 7', 'set rmargin 2']
    for kernel, kind in panels:
        for what in ("away", "back"):
            lines.append('set title "%s: %s, %s"' % (kernel, TITLES[kind], what))
            curves, blocks = [], []
            for _, driver, _, line in (r for r in rows if (r[0], r[2]) == (kernel, kind)):
                for dash, way in ((1, "up"), (2, "down")):
                    sent, lost = line["histogram"]["%s %s" % (way, what)]
                    few = sum(e["event"] == what for e in line["events"]) / 3
                    curves.append("'-' with steps lw %g dt %d lc rgb '%s' %s" % (
                        3 if driver == "ours" else 1.5, dash, COLORS.get(driver, "#333333"), "title '%s'" % driver if way == "up" else "notitle"))
                    blocks += ["%d %.2f" % (HISTOGRAM_BEGIN_MS + n * HISTOGRAM_STEP_MS, 100 * gone / all_)
                               for n, (all_, gone) in enumerate(zip(sent, lost)) if all_ > few] + ["e"]
            lines += ["plot " + ", ".join(curves), *blocks]
    return "\n".join([*lines, "unset multiplot"]) + "\n"


def draw(whole, target):
    tool = shutil.which("gnuplot")
    if not tool:
        raise plot.NoGnuplot("no gnuplot: apt-get install gnuplot-nox, then tests/bench/vf --plot")
    subprocess.run([tool, "-"], input=script(whole, target), text=True, check=True)
